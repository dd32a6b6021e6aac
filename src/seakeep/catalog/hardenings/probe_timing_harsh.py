"""A probe's timing turns one slow answer into a restart or an outage.

What: liveness ends the container after one missed answer, or within seconds, or as early as readiness that asks the same; readiness gives up after a single second; a startupProbe ends before the start may.

Why: a garbage collection, a slow disk or a busy node is enough. The restart makes the load worse for the others, which miss their probes next.

Bad:
    livenessProbe: {httpGet: {path: /ping, port: 8080}, timeoutSeconds: 1, failureThreshold: 1}

Good:
    livenessProbe: {httpGet: {path: /ping, port: 8080}, timeoutSeconds: 5, failureThreshold: 6}

Ignore when: the container starts within a second and holds no state.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, template_rule
from seakeep.facts.index import Index
from seakeep.facts.probes.planned_probes import probes_of
from seakeep.facts.probes.probe_harshness import Harsh, harsh_probes
from seakeep.facts.proposing import in_containers
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding


def _answer(index: Index, entry: Judged) -> Answer:
    if not any(probes_of(item) for item in entry.spec.containers):
        return None
    found = _harsh(index, entry)
    return (
        "; ".join(f"{item.kind}Probe of {name}: {item.why}" for name, items in found.items() for item in items) or HOLDS
    )


def _harsh(index: Index, entry: Judged) -> dict[str, list[Harsh]]:
    found = {item.name: harsh_probes(index, entry, item) for item in entry.spec.containers}
    return {name: items for name, items in found.items() if items}


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    ref = finding.object
    probes = {
        name: {f"{item.kind}Probe": item.better for item in items}
        for name, items in _harsh(index, judged_of(index, ref)).items()
    }
    return fixed(ref, "more patient probes") or (
        Change(ref, in_containers(ref, probes), (), Risk.MEDIUM, finding.detail),
    )


HARDENING = template_rule(
    "probe-timing-harsh",
    "Probe without patience",
    _answer,
    lasting=True,
    needs="seen",
    unseen="its containers",
    path="spec.template.spec.containers[].livenessProbe",
    repair="Give an answer several seconds, and liveness longer than readiness before it acts.",
    propose=propose,
)
