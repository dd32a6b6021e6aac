"""A workload fails or waits because something that it depends on has nobody ready to answer.

What: its log says "connection refused", "timed out" or "waiting for …", or its init container waits, and the Service that it calls has no ready endpoints.

Why: the dependency crashes, is not scheduled, was scaled down or removed, or is still starting.

Bad:
    Error: connect ECONNREFUSED 10.96.4.7:6379     # redis has no ready pod

Good:
    kubectl get endpoints redis     # at least one address

Ignore when: the dependency is being rolled out.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import HINT, LIKELY, POSSIBLE, CauseLeaf
from seakeep.facts.calls.broken_dependencies import Unanswered, unanswered
from seakeep.facts.calls.outside_endpoints import unanswered_outside
from seakeep.facts.calls.unseen_targets import unseen_targets
from seakeep.facts.index import Index
from seakeep.facts.shell_words import named, quote
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod, Service


def find(index: Index) -> Iterable[Candidate]:
    for item in unanswered(index):
        users = ", ".join(f"{ref.kind} {ref.name}" for ref in item.suffering[:3])
        what = f"{item.culprit.kind} {item.culprit.name}"
        yield Candidate(
            id="dependency-unavailable",
            object=item.culprit,
            summary=f"{users} cannot reach Service {item.service.name}: it has no ready endpoint ({item.state})",
            evidence=(
                *(call.evidence for call in item.calls[:3]),
                *item.evidence,
                Evidence(item.service, "endpoints", item.state),
            ),
            affects=tuple(dict.fromkeys((item.service, *item.suffering, *(call.origin for call in item.calls)))),
            repair=Repair(f"Bring {what} back so that Service {item.service.name} has a ready endpoint."),
            confidence=_confidence(item),
            settled_by="" if item.ready is False else f"kubectl get endpoints {named(item.service)}",
        )

    yield from _outside(index)
    yield from _unseen(index)


def _outside(index: Index) -> Iterable[Candidate]:
    for item in unanswered_outside(index):
        service, where = item.service, ", ".join(item.addresses[:3])
        users = tuple(dict.fromkeys(call.workload for call in item.calls))
        yield Candidate(
            id="dependency-unavailable",
            object=service.ref,
            summary=f"{', '.join(f'{ref.kind} {ref.name}' for ref in users[:3])} cannot reach {where}, outside the cluster, which Service {service.name} stands for ({item.calls[-1].outcome})",
            evidence=(
                *(call.evidence for call in item.calls[-3:]),
                Evidence(service.ref, "endpoints", f"{where}, made by hand"),
            ),
            affects=tuple(dict.fromkeys((*users, *(call.origin for call in item.calls)))),
            repair=Repair(
                f"See that the server at {where} runs and lets the nodes in, or put its present address into the endpoints of Service {service.name}."
            ),
            confidence=LIKELY,
        )


def _unseen(index: Index) -> Iterable[Candidate]:
    """By the callers' words alone: whether the Service exists, and who is behind it, was not shown."""
    for item in unseen_targets(index):
        name, place = item.service.name, item.service.namespace
        users = tuple(dict.fromkeys(call.workload for call in item.calls))
        yield Candidate(
            id="dependency-unavailable",
            object=item.culprit,
            summary=f"{', '.join(f'{ref.kind} {ref.name}' for ref in users[:3])} cannot reach {name}{f':{item.calls[-1].port}' if item.calls[-1].port else ''} ({item.calls[-1].outcome})",
            evidence=tuple(call.evidence for call in item.calls[-3:]),
            affects=tuple(dict.fromkeys((*users, *(call.origin for call in item.calls)))),
            repair=Repair(f"See that Service {name} exists and has a ready endpoint on the port that is called."),
            confidence=POSSIBLE,
            settled_by=f"kubectl get service,endpoints {quote(name)} -n {quote(place)}",
        )


def _confidence(item: Unanswered) -> float:
    """A failed call or a wait loop names the dependency; that both are merely unwell is no more than a hint."""
    if not item.calls and not item.waits:
        return HINT
    return LIKELY if item.ready is False else POSSIBLE


CAUSE = CauseLeaf(
    id="dependency-unavailable", title="Dependency does not answer", reads=(Service, Pod), find=find, elsewhere=True
)
