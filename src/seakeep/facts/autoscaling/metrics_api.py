"""The APIs that metrics come from (metrics.k8s.io, custom and external metrics): which of them do not answer, what says so, and who serves them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from msgspec import Struct

from seakeep.facts.autoscaling.autoscalers import Blind, blind
from seakeep.facts.autoscaling.hpa_messages import Blindness
from seakeep.facts.containers.logs import lines_of
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.routing.routing import backends_of
from seakeep.facts.workloads.podstate import is_finished, is_ready
from seakeep.model.cause import Evidence
from seakeep.model.objects import APIService, Pod, Service
from seakeep.model.objects.cluster import WebhookService
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

# API group → the registration that its provider makes (metrics-server, prometheus-adapter, KEDA).
_GROUPS = {
    "metrics.k8s.io": "v1beta1.metrics.k8s.io",
    "custom.metrics.k8s.io": "v1beta1.custom.metrics.k8s.io",
    "external.metrics.k8s.io": "v1beta1.external.metrics.k8s.io",
}
_RESOURCE = "metrics.k8s.io"
_SERVER = "metrics-server"
# A registration that is newer than this waits for its first pod.
_STARTING = timedelta(minutes=2)
_MISSING = late(r"not served|not found|could not find")
_CERTIFICATE = late(
    r"x509: (?:cannot validate certificate for \S+ because it doesn't contain any IP SANs|certificate .{0,80})"
)
_SCRAPE = late(
    r"(?:Failed to scrape node|unable to fetch metrics from (?:node|kubelet)|unable to fully scrape metrics).{0,400}?(?P<why>x509[^\"]{0,120}|connection refused|i/o timeout|no route to host|no such host|context deadline exceeded|40[13] \w+)",
    re.IGNORECASE,
)  # fmt: skip


class Outage(Struct, frozen=True):
    """`reason` as in the Available condition, or NotInstalled / NotServing where only others tell of it. `scrape` is what the provider's log says of the kubelets; `unwell` its pods that are not ready."""

    api: Ref
    reason: str
    service: Ref
    evidence: tuple[Evidence, ...]
    scrape: str
    unwell: tuple[Ref, ...]
    autoscalers: tuple[Ref, ...]
    sure: bool


@once
def outages(index: Index) -> tuple[Outage, ...]:
    """One per API group at most."""
    return tuple(found for group in _GROUPS if (found := _judge(index, group)) is not None)


def _judge(index: Index, group: str) -> Outage | None:
    items = [item for item in index.snapshot.all(APIService) if item.name.partition(".")[2] == group]
    told = [item for item in blind(index) if _needs(item, group)]
    seen = [(item, part) for item in items for part in item.status.conditions if part.type == "Available"]
    if any(part.status == "True" for _, part in seen):
        return None
    down = [(item, part) for item, part in seen if part.status == "False"]
    if down:
        item, part = down[0]
        created = item.metadata.creation_timestamp
        if created and index.now - created < _STARTING:
            return None
        text = f"False {part.reason}: {part.message[:260]}".rstrip(": ")
        proof = state_evidence(item, "status.conditions[Available]", text, part.last_transition_time)
        return _outage(index, group, item.ref, part.reason, item.spec.service, [proof], told, sure=True)
    return _by_others(index, group, items, told)


def _needs(item: Blind, group: str) -> bool:
    """The autoscaler says that this API fails it; or says nothing, and asks for CPU or memory."""
    if item.why is Blindness.API:
        return item.detail == group
    return item.why is Blindness.UNKNOWN and group == _RESOURCE and not item.told


def _by_others(index: Index, group: str, items: list[APIService], told: list[Blind]) -> Outage | None:
    """Where the registration was not seen: autoscalers, `kubectl top` and the provider's own log tell of it."""
    ref = items[0].ref if items else Ref("APIService", "", _GROUPS[group])
    said = [item for item in told if item.why is Blindness.API]
    refused = _refused(index, ref) if group == _RESOURCE else []
    scrape = _scrape(index, _pods(index, _server(index, None))) if group == _RESOURCE else []
    absent = index.snapshot.is_absent(ref)
    needed = bool(said) or (bool(told) and (absent or bool(refused)))
    broken = bool(refused or scrape) and any(not is_ready(pod) for pod in _pods(index, _server(index, None)))
    if not needed and not broken:
        return None
    missing = absent or any(item.missing_api for item in said) or any(_MISSING.search(part.value) for part in refused)
    proof = [item.evidence[0] for item in (said or told)[:3]] + refused
    if absent:
        proof.append(Evidence(ref, "metadata.name", "no such APIService"))
    reason = "NotInstalled" if missing and not broken else "NotServing"
    return _outage(index, group, ref, reason, None, proof, told, sure=absent and bool(said))


def _outage(
    index: Index,
    group: str,
    api: Ref,
    reason: str,
    backend: WebhookService | None,
    proof: list[Evidence],
    told: list[Blind],
    *,
    sure: bool,
) -> Outage:
    service = _server(index, backend) if group == _RESOURCE or backend else Ref("Service", "", "")
    pods = _pods(index, service)
    scrape = _scrape(index, pods)
    told_here = [item.evidence[0] for item in told[:3]]
    evidence = tuple(dict.fromkeys((*proof, *(line for _, line in scrape[:1]), *told_here)))
    unwell = tuple(pod.ref for pod in pods if not is_ready(pod))
    autoscalers = tuple(item.hpa.ref for item in told)
    return Outage(api, reason, service, evidence, scrape[0][0] if scrape else "", unwell, autoscalers, sure)


def _refused(index: Index, api: Ref) -> list[Evidence]:
    """`kubectl top` got no answer, or the source was told so when it asked for usage."""
    told = {item.reason for item in index.snapshot.unread if item.kind in {"NodeMetrics", "PodMetrics"}}
    reasons = sorted(reason for reason in told if "forbidden" not in reason.lower() and "quantity" not in reason)
    return [Evidence(api, "kubectl top", reason) for reason in reasons]


def _server(index: Index, backend: WebhookService | None) -> Ref:
    """The Service behind the registration; metrics-server's own where that was not seen."""
    if backend and backend.name:
        return Ref("Service", backend.namespace, backend.name)
    found = next((item.ref for item in index.snapshot.all(Service) if item.name == _SERVER), None)
    return found or Ref("Service", "kube-system", _SERVER)


def _pods(index: Index, service: Ref) -> tuple[Pod, ...]:
    item = index.snapshot.get(Service, service.namespace, service.name)
    owners = {backend.ref for backend in backends_of(index, item)} if item and item.spec.selector else set()
    owners = owners or {ref for ref in index.pods_by_workload if ref[1:] == service[1:] and service.name}
    return tuple(pod for ref in sorted(owners) for pod in index.pods_by_workload.get(ref, ()) if not is_finished(pod))


def _scrape(index: Index, pods: tuple[Pod, ...]) -> list[tuple[str, Evidence]]:
    """Why the provider cannot read the kubelets, by the last lines of pods that are not ready."""
    return [found for pod in pods if not is_ready(pod) for found in _said_by(index, pod)]


def _said_by(index: Index, pod: Pod) -> Iterator[tuple[str, Evidence]]:
    for _, previous, line in reversed(list(lines_of(index, pod))):
        text = line[:2000]
        match = _SCRAPE.search(text)
        why = match["why"] if match else ""
        if why and not previous:
            certificate = _CERTIFICATE.search(text)
            yield (certificate[0] if certificate else why), Evidence(pod.ref, "log", text[:300])
