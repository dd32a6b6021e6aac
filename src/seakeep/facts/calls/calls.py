"""Calls between parts of the platform that were seen to fail or to work: checks made in pods and nodes, and failures in logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from seakeep.facts.calls.call_text import failures
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.routing.addresses import resolve
from seakeep.facts.workloads.podstate import is_ready
from seakeep.facts.workloads.told_status import told_statuses
from seakeep.model.cause import Evidence
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Check

# Outcomes which show that packets or names get lost, not that a server says no.
LOST = frozenset({"timeout", "unreachable"})
_GOOD = "ok"
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job")
# A failure this far from the end of a ready pod's log is history.
_RECENT_LINES = 30


class Call(Struct, frozen=True):
    """`origin` is a pod or node, `workload` the origin's; `service` and `pod` what the host means here, where that is known. `outcome` as in `model.snapshot.Check`, and `waiting` or `unavailable` from logs."""

    origin: Ref
    workload: Ref
    namespace: str
    host: str
    port: int
    outcome: str
    probe: str
    service: Ref | None
    pod: Ref | None
    evidence: Evidence
    latency: float | None = None

    @property
    def failed(self) -> bool:
        return self.outcome not in {_GOOD, "unknown"} and self.evidence.current

    @property
    def lost(self) -> bool:
        return self.failed and self.outcome in LOST


@once
def calls(index: Index) -> tuple[Call, ...]:
    """Checks first, then logs, each in the snapshot's order. Units of nodes are no calls."""
    return (*_checked(index), *_logged(index))


def _checked(index: Index) -> Iterator[Call]:
    for check in index.snapshot.checks:
        if check.probe not in {"tcp", "http", "dns", "ping"}:
            continue
        port = f":{check.port}" if check.port and check.probe != "dns" else ""
        text = f"{check.probe} {check.target}{port} from {check.origin.name}: {outcome_of(check)}"
        if check.latency is not None:
            text += f" after {check.latency:.3g} s"
        detail = f" ({check.detail[:160]})" if check.detail else ""
        evidence = Evidence(check.origin, "check", text + detail, check.time, True)
        yield _call(
            index,
            check.origin,
            check.target,
            0 if check.probe in {"dns", "ping"} else check.port,
            outcome_of(check),
            check.probe,
            evidence,
            check.latency,
        )


def outcome_of(check: Check) -> str:
    """Busybox prints NXDOMAIN for search domains that it tried in passing: an address in the answer means success."""
    if check.probe == "dns" and check.outcome == "dns-failure":
        _, found, after = check.detail.partition("Name:")
        if found and "Address" in after and "timed out" not in check.detail:
            return _GOOD
    return check.outcome


def _logged(index: Index) -> Iterator[Call]:
    for log in index.snapshot.logs:
        pod = index.snapshot.get(Pod, log.namespace, log.pod)
        origin = (
            pod.ref
            if pod
            else next(
                (ref for kind in _WORKLOADS if index.snapshot.find(ref := Ref(kind, log.namespace, log.pod))),
                Ref("Pod", log.namespace, log.pod),
            )
        )
        ready = pod is not None and is_ready(pod)
        for item in failures(log.text):
            current = not item.healed and (not ready or (item.line < _RECENT_LINES and not log.previous))
            evidence = Evidence(origin, "log", item.text, None, current)
            yield _call(index, origin, item.host, item.port, item.outcome, "log", evidence, None)
    for told in told_statuses(index):
        for item in failures(told.text):
            evidence = Evidence(told.resource, told.path, item.text)
            yield _call(index, told.resource, item.host, item.port, item.outcome, "log", evidence, None)


def _call(
    index: Index,
    origin: Ref,
    host: str,
    port: int,
    outcome: str,
    probe: str,
    evidence: Evidence,
    latency: float | None,
) -> Call:
    pod = index.snapshot.get(Pod, origin.namespace, origin.name) if origin.kind == "Pod" else None
    workload = workload_of(index, pod) if pod else origin
    namespace = origin.namespace or "default"
    target = index.pod_at(host) or _pod_by_name(index, host, namespace)
    return Call(
        origin,
        workload,
        namespace,
        host,
        port,
        outcome,
        probe,
        resolve(index, host, namespace).service,
        target.ref if target else None,
        evidence,
        latency,
    )


def _pod_by_name(index: Index, host: str, namespace: str) -> Pod | None:
    """`kafka-0.kafka-headless[.ns[.svc…]]` → the pod of that hostname."""
    first, _, rest = host.partition(".")
    if not rest:
        return None
    labels = rest.split(".")
    where = labels[1] if len(labels) > 1 else namespace
    pod = index.snapshot.get(Pod, where, first)
    return pod if pod and (not pod.spec.subdomain or pod.spec.subdomain == labels[0]) else None


@once
def failed_calls_to(index: Index) -> Mapping[Ref, tuple[Call, ...]]:
    """Service → the calls to it that fail now."""
    found: dict[Ref, list[Call]] = {}
    for call in calls(index):
        if call.failed and call.service is not None:
            found.setdefault(call.service, []).append(call)
    return {ref: tuple(items) for ref, items in found.items()}
