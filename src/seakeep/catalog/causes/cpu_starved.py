"""Workload gets too little CPU.

What: containers use all that limits.cpu allows, or the kernel throttles them in a quarter of their periods or more, while the pods are Ready and answer late. Or a pod without a limit takes a node's CPU, and its neighbours answer late.

Why: the limit is too low, or was lowered; the load grew; a neighbour without a limit. The kernel makes a container wait that has used its share of the period, so every request takes longer, probes time out, and nothing fails visibly.

Bad:
    limits: {cpu: 20m}     # CPUThrottlingHigh, latency of seconds

Good:
    limits: {cpu: "1"}     # or a request alone

Ignore when: it is batch work that may take its time. Use near a limit is not reported for Jobs, nor for containers that start.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import HINT, LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.calls.chaos import experiments
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_signs import CERTAIN, FAIR, WEAK
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.resources.starvation import Starved, starved
from seakeep.facts.shell_words import named
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod
from seakeep.model.quantity import format_cpu

_LEVELS = {CERTAIN: PROVEN, FAIR: LIKELY, WEAK: POSSIBLE}


def find(index: Index) -> Iterable[Candidate]:
    for item in starved(index):
        limit = f" of {format_cpu(item.limit)}" if item.limit else ""
        who = f"container {item.container}" if item.container else f"{item.workload.kind} {item.workload.name}"
        level = _LEVELS.get(item.level, HINT)
        yield Candidate(
            id="cpu-starved",
            object=item.workload,
            summary=f"{who} {item.why}" + (f" (limit{limit})" if limit and format_cpu(item.limit) not in item.why else ""),
            evidence=item.evidence,
            affects=item.victims or item.pods,
            repair=Repair(_repair(item, who, limit)),
            confidence=level,
            settled_by="" if level >= PROVEN else _look_up(item),
        )  # fmt: skip
    for injection in experiments(index, "StressChaos"):
        if "cpu" in injection.what:
            hit = tuple(dict.fromkeys(workload_of(index, pod) for pod in injection.pods))
            yield Candidate(
                id="cpu-starved",
                object=injection.source,
                summary=f"StressChaos {injection.source.name} burns the CPU of {', '.join(ref.name for ref in hit[:3])}",
                evidence=(injection.evidence,),
                affects=(*hit, *(pod.ref for pod in injection.pods)),
                repair=Repair(f"Delete or pause {injection.source}, if the experiment is not meant to run."),
                confidence=PROVEN,
            )


def _repair(item: Starved, who: str, limit: str) -> str:
    if item.victims:
        return f"Give {who} a CPU limit, or requests to the neighbours that answer late, or move one of them to another node."
    return f"Raise limits.cpu{limit} of {who}, or leave the limit out and keep the request; else add replicas."


def _look_up(item: Starved) -> str:
    pod = item.pods[0] if item.pods else item.workload
    return f"kubectl top pod {named(pod)} --containers"


CAUSE = CauseLeaf(id="cpu-starved", title="Workload gets too little CPU", reads=(Pod,), find=find)
