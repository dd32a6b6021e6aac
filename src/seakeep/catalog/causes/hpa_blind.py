"""Autoscaler cannot see what it scales by.

What: the HorizontalPodAutoscaler's ScalingActive condition is False, or AbleToScale is with FailedGetScale: a container of the target has no request, nobody provides the metric, the target does not exist, or two autoscalers have the same pods. `kubectl get hpa` shows <unknown>.

Why: a share of the request is wanted where no container (or an injected sidecar) makes one; a metric's name that the adapter does not know; scaleTargetRef with a typing error; or the metrics API is down, which is then the cause.

Bad:
    metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]
    # and in the Deployment: resources: {}

Good:
    resources: {requests: {cpu: 250m}}

Ignore when: it is less than a minute old and only its measurements are missing, or its target is scaled to zero on purpose. The number of pods stays as it is meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import HINT, LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.autoscaling.autoscalers import Blind, blind, without_target
from seakeep.facts.autoscaling.hpa_messages import Blindness
from seakeep.facts.index import Index
from seakeep.facts.resources.request_repairs import with_requests
from seakeep.facts.shell_words import named, quote
from seakeep.facts.workloads.podstate import is_finished, is_ready
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.finding import Severity
from seakeep.model.objects import HorizontalPodAutoscaler

_SURE = {Blindness.REQUEST, Blindness.TARGET, Blindness.SELECTOR, Blindness.METRIC, Blindness.RIVALS}


def find(index: Index) -> Iterable[Candidate]:
    for item in blind(index):
        hpa, target = item.hpa, f"{item.target.kind} {item.target.name}"
        unready = item.why is Blindness.PODS and _is_unready(index, item)
        level = LIKELY if item.why in {Blindness.PODS, Blindness.METRIC, Blindness.REQUEST} else POSSIBLE
        level = PROVEN if item.why in _SURE and item.told else level
        detail = f" ({item.detail})" if item.detail and item.why is not Blindness.TARGET else ""
        yield Candidate(
            id="hpa-blind",
            object=hpa.ref,
            summary=f"HorizontalPodAutoscaler {hpa.name} cannot scale {target}: {item.why.value}{detail}"[:240],
            evidence=item.evidence,
            # What keeps the pods from being ready also blinds the autoscaler, so it must be able to explain it.
            affects=(item.target,) if unready else (),
            repair=Repair(
                _repair(item, target),
                with_requests(index, item.target, item.detail.partition(" ")[0])
                if item.why is Blindness.REQUEST
                else None,
            ),
            confidence=HINT if unready else level,
            settled_by="" if item.told else f"kubectl describe hpa {named(hpa)}",
        )

    for ref, lost in without_target(index):
        target = f"{lost.target.kind} {lost.target.name}"
        yield Candidate(
            id="hpa-blind",
            object=ref,
            summary=f"ScaledObject {ref.name} cannot scale {target}: {lost.why.value}",
            evidence=(Evidence(ref, "spec.scaleTargetRef.name", lost.target.name),),
            repair=Repair(f"Correct scaleTargetRef of ScaledObject {ref.name}, or create {target}."),
            confidence=POSSIBLE,
            settled_by=f"kubectl get {lost.target.kind.lower()} {quote(lost.target.name)} -n {quote(ref.namespace)}",
        )


def _is_unready(index: Index, item: Blind) -> bool:
    pods = [pod for pod in index.pods_by_workload.get(item.target, ()) if not is_finished(pod)]
    return bool(pods) and not any(is_ready(pod) for pod in pods)


def _repair(item: Blind, target: str) -> str:
    return {
        Blindness.REQUEST: f"Give every container of {target} a request of {item.detail.partition(' ')[0]}, injected ones included, or scale by an average value instead of a share of the request.",
        Blindness.API: f"Bring back the API {item.detail}: see its APIService and the pods behind it.",
        Blindness.METRIC: f"Correct the metric's name in HorizontalPodAutoscaler {item.hpa.name}, or let the metrics adapter provide it.",
        Blindness.PODS: f"See why there are no measurements of the pods of {target}: are they ready, and does metrics-server reach their nodes?",
        Blindness.TARGET: f"Correct scaleTargetRef of HorizontalPodAutoscaler {item.hpa.name} (apiVersion, kind and name), or create {target}.",
        Blindness.RIVALS: f"Leave one autoscaler for the pods of {target}, with the metrics of all, or make selectors differ where they stand for two workloads.",
        Blindness.SELECTOR: f"Let {target} publish the selector of its pods in its scale subresource.",
    }.get(item.why, f"See what HorizontalPodAutoscaler {item.hpa.name} says in its conditions.")


CAUSE = CauseLeaf(id="hpa-blind", title="Autoscaler cannot see what it scales by", reads=(HorizontalPodAutoscaler,), find=find, elsewhere=True, severity=Severity.WARNING)  # fmt: skip
