"""A service that can hang has no liveness probe.

What: a service whose own sign of life is known, and which asks nobody else for it, has no livenessProbe.

Why: a process that hangs keeps its pod running for ever; only readiness shows it, and nobody restarts it.

Bad:
    readinessProbe: {httpGet: {path: /v1/info, port: 8080}}    # and nothing else

Good:
    startupProbe: {httpGet: {path: /v1/info, port: 8080}, failureThreshold: 30}
    livenessProbe: {httpGet: {path: /v1/info, port: 8080}, periodSeconds: 20, failureThreshold: 6}

Ignore when: somebody is called when the service hangs, and restarts it.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Fault, Unseen, template_rule
from seakeep.facts.index import Index
from seakeep.facts.probes.probe_actions import is_asked, start_up_probe
from seakeep.facts.probes.probe_choice import handler
from seakeep.facts.proposing import in_containers
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import Container
from seakeep.model.traits import Health

# Two minutes without an answer: a garbage collection or a slow disk is over by then, and readiness has long taken the pod out of its Services.
_PATIENT = {"periodSeconds": 20, "timeoutSeconds": 5, "failureThreshold": 6}


def _answer(index: Index, entry: Judged) -> Answer:
    traits = index.traits.get(entry.ref)
    if traits is None or traits.liveness is None:
        return None
    if not entry.seen:
        return Unseen("its containers")
    bare = _bare(entry, traits.liveness)
    if bare:
        text = f"nothing restarts {', '.join(item.name for item in bare)} when {traits.service} hangs in it"
        repair = f"Add a livenessProbe that asks {traits.service} itself and nobody else, and is patient."
        return Fault(text, repair=repair)
    return HOLDS if any(is_asked(traits.liveness, item) for item in entry.spec.containers) else None


def _bare(entry: Judged, health: Health) -> list[Container]:
    return [item for item in entry.spec.containers if item.liveness_probe is None and is_asked(health, item)]


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """Never before the service had the time that it may take to start."""
    ref = finding.object
    health = index.traits[ref].liveness
    if health is None:
        return ()
    probes = {}
    for container in _bare(judged_of(index, ref), health):
        action = handler(health, container, None) or {}
        probes[container.name] = {"livenessProbe": {**action, **_PATIENT}}
        if container.startup_probe is None:
            probes[container.name]["startupProbe"] = start_up_probe(action, health.starts_within)
    why = f"{finding.detail}; it is asked after it has started, for which it may take {health.starts_within} s, and given two minutes to answer"
    return fixed(ref, "a liveness probe") or (Change(ref, in_containers(ref, probes), (), Risk.MEDIUM, why),)


HARDENING = template_rule(
    "liveness-probe-missing",
    "No liveness probe where one is safe",
    _answer,
    severity=Severity.INFO,
    lasting=True,
    path="spec.template.spec.containers[].livenessProbe",
    propose=propose,
)
