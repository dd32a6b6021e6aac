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

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import HardeningLeaf
from seakeep.facts.index import Index
from seakeep.facts.probes.planned_probes import probes_of
from seakeep.facts.probes.probe_harshness import Harsh, harsh_probes
from seakeep.facts.proposing import in_containers
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import Judged, judged_of, judged_templates, unknown
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Outcome, Severity

ID = "probe-timing-harsh"


def judge(index: Index) -> Iterable[Finding]:
    for entry in judged_templates(index):
        if not entry.lasting:
            continue
        if not entry.seen:
            yield unknown(ID, entry, "its containers")
            continue
        if not any(probes_of(item) for item in entry.spec.containers):
            continue
        found = _harsh(index, entry)
        if not found:
            yield Finding(ID, entry.ref, Outcome.PASS, Severity.WARNING)
            continue
        text = "; ".join(f"{item.kind}Probe of {name}: {item.why}" for name, items in found.items() for item in items)
        where = "spec.template.spec.containers[].livenessProbe"
        repair = "Give an answer several seconds, and liveness longer than readiness before it acts."
        yield Finding(ID, entry.ref, Outcome.FAIL, Severity.WARNING, text, where, repair)


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


HARDENING = HardeningLeaf(id=ID, title="Probe without patience", reads=(), judge=judge, propose=propose)
