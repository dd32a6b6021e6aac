"""A container behind a Service has no readiness probe.

What: a workload that a Service selects has a container with ports and no readinessProbe.

Why: the pod receives traffic from its first moment, before the server in it listens, and goes on receiving it while the server hangs.

Bad:
    ports: [{containerPort: 8088}]

Good:
    ports: [{containerPort: 8088}]
    readinessProbe: {httpGet: {path: /health, port: 8088}}

Ignore when: the Service only gives the pods their names and no client waits for readiness.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import HardeningLeaf
from seakeep.facts.index import Index
from seakeep.facts.probes.probe_choice import TIMINGS, handler, traffic_port
from seakeep.facts.proposing import in_containers
from seakeep.facts.routing.routing import services_by_backend
from seakeep.facts.workloads.podspecs import Judged, judged_of, judged_templates, shows, unknown
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Outcome, Severity
from seakeep.model.objects import Container

ID = "readiness-probe-missing"


def judge(index: Index) -> Iterable[Finding]:
    served = services_by_backend(index)
    for entry in judged_templates(index):
        ref = entry.ref
        if not entry.lasting:
            continue
        if ref not in served:
            if not shows(index, "Service", ref.namespace) or not entry.labels_known:
                yield unknown(ID, entry, "whether a Service selects it")
            continue
        bare = [container.name for container in _bare(entry)]
        if not entry.seen:
            yield unknown(ID, entry, "its containers")
        elif not bare:
            yield Finding(ID, ref, Outcome.PASS, Severity.WARNING)
        else:
            names = ", ".join(bare)
            yield Finding(
                ID,
                ref,
                Outcome.FAIL,
                Severity.WARNING,
                f"Service {served[ref][0].name} sends traffic to {names} before it is known to be ready",
                "spec.template.spec.containers[].readinessProbe",
                f"Add a readinessProbe to {names} on the port that the Service targets.",
            )


def _bare(entry: Judged) -> list[Container]:
    return [item for item in entry.spec.containers if item.ports and item.readiness_probe is None]


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """As the service itself says that it is ready, where that is known; else whether anything listens."""
    ref = finding.object
    entry = judged_of(index, ref)
    traits = index.traits.get(ref)
    probes = {}
    for container in _bare(entry):
        action = handler(traits.readiness if traits else None, container, traffic_port(index, entry, container))
        if action is not None:
            probes[container.name] = {"readinessProbe": {**action, **TIMINGS}}
    if len(probes) < len(_bare(entry)):
        return Advice(
            f"On which port does {ref} answer, and by which protocol?",
            f"kubectl describe {ref.kind.lower()} {ref.name} -n {ref.namespace}",
        )
    known = f"{traits.service} answers so when it can take work" if traits and traits.readiness else "it listens there"
    why = f"{finding.detail}; {known}"
    return (Change(ref, in_containers(ref, probes), (), Risk.MEDIUM, why),)


HARDENING = HardeningLeaf(
    id=ID, title="Served container without a readiness probe", reads=(), judge=judge, propose=propose
)
