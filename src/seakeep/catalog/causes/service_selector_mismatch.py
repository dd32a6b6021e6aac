"""A Service's selector does not pick the pods that it is meant for.

What: the Service has no endpoints, or another workload's, while a workload that looks like its backend runs, often with every pod ready. Or it has another application's beside its own.

Why: a label was renamed on one side only, a typing error, a selector copied from another Service, a version label that no pod carries any more, a label that several applications share.

Bad:
    selector: {app: cart-v2}     # the pods carry app=cart

Good:
    selector: {app: cart}

Ignore when: the Service is left over from a workload that was removed, or an operator sets the label on pods at run time.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.calls.calls import failed_calls_to
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.routing.crowded import Crowded, crowded
from seakeep.facts.routing.routing import has_ready_endpoint
from seakeep.facts.routing.selectors import Astray, Lookalike, astray, labels_text
from seakeep.facts.shell_words import quote
from seakeep.model.cause import Candidate, Repair
from seakeep.model.change import Change, Risk
from seakeep.model.fields import text_of
from seakeep.model.objects import Pod, Service

_SURE = 7


def find(index: Index) -> Iterable[Candidate]:
    for item in astray(index):
        service, meant = item.service, item.meant
        if item.instead is None and has_ready_endpoint(index, service):
            continue
        selector = labels_text(service.spec.selector)
        name = f"{meant.template.ref.kind} {meant.template.ref.name}"
        picks = f"picks {item.instead.ref.kind} {item.instead.ref.name}" if item.instead else "picks no pod"
        calls = failed_calls_to(index).get(service.ref, ())
        yield Candidate(
            id="service-selector-mismatch",
            object=service.ref,
            summary=f"selector {selector} of Service {service.name} {picks}, while {name} is its backend ({meant.reasons[0]}; {meant.template.ready} ready)",
            evidence=(
                state_evidence(service, "spec.selector", selector),
                state_evidence(meant.template.item, "labels", labels_text(meant.template.labels)),
                *(call.evidence for call in calls[:3]),
            ),
            affects=(meant.template.ref, *dict.fromkeys(call.origin for call in calls)),
            repair=Repair(
                f"Put Service {service.name} into namespace {meant.template.ref.namespace}, beside its pods: a Service selects in its own namespace only."
                if meant.template.ref.namespace != service.namespace
                else f"Change the selector of Service {service.name} {item.correction}, which {meant.template.ready} ready pods carry.",
                _change(service, meant) if meant.wrong else None,
            ),
            confidence=_confidence(item),
            settled_by=""
            if item.labels_seen
            else f"kubectl get service,pods -n {quote(service.namespace)} --show-labels -o wide",
        )
    for crowd in crowded(index):
        yield _crowd(index, crowd)


def _crowd(index: Index, item: Crowded) -> Candidate:
    service, meant = item.service, f"{item.meant.ref.kind} {item.meant.ref.name}"
    others = ", ".join(f"{other.ref.kind} {other.ref.name}" for other in item.strangers)
    selector, telling = labels_text(service.spec.selector), labels_text(item.telling)
    calls = failed_calls_to(index).get(service.ref, ())
    return Candidate(
        id="service-selector-mismatch",
        object=service.ref,
        summary=f"selector {selector} of Service {service.name} picks {others} beside {meant}: part of its calls are answered by another application",
        evidence=(
            state_evidence(service, "spec.selector", selector),
            *(state_evidence(other.item, "labels", labels_text(other.labels)) for other in item.strangers[:3]),
            *(call.evidence for call in calls[:3]),
        ),
        affects=(item.meant.ref, *dict.fromkeys(call.origin for call in calls)),
        repair=Repair(
            f"Narrow the selector of Service {service.name} by {telling}, which only the pods of {meant} carry.",
            Change(
                service.ref,
                {"spec": {"selector": dict(item.telling)}},
                (),
                Risk.LOW,
                f"only pods of {meant} carry these labels",
            ),
        ),
        confidence=LIKELY,
    )


def _change(service: Service, meant: Lookalike) -> Change:
    """Labels that the backend's pods lack are taken out of the selector."""
    selector = {key: value for key, (_, value) in meant.wrong.items() if value}
    gone = (text_of(("spec", "selector", key)) for key, (_, value) in meant.wrong.items() if not value)
    why = f"{meant.template.ready} ready pods of {meant.template.ref.kind} {meant.template.ref.name} carry these labels"
    return Change(service.ref, {"spec": {"selector": selector}} if selector else {}, tuple(gone), Risk.LOW, why)


def _confidence(item: Astray) -> float:
    if not item.labels_seen:
        return POSSIBLE
    if item.recorded or (item.instead is None and item.meant.score >= _SURE):
        return PROVEN
    return LIKELY if item.meant.score >= 5 else POSSIBLE


CAUSE = CauseLeaf(
    id="service-selector-mismatch", title="Service selects the wrong pods", reads=(Service, Pod), find=find
)
