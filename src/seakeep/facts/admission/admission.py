"""Pods and claims that the API server refuses to create, from FailedCreate events and ReplicaFailure conditions.

Wording: apiserver admission plugins `validatingadmissionpolicy`, `resourcequota`, `limitranger`, `podsecurity`, `serviceaccount`, `priority`, `runtimeclass`, and the webhook dispatcher.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from seakeep.facts.admission.told_refusals import told_refusals
from seakeep.facts.freshness import event_evidence, is_recent, state_evidence
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import controller_of
from seakeep.facts.workloads.podstate import is_finished
from seakeep.model.cause import Evidence
from seakeep.model.objects import CronJob, Deployment, Event, Job, KubeObject, ReplicaSet, Workload
from seakeep.model.pattern import late
from seakeep.model.refs import UNNAMED, Ref
from seakeep.model.snapshot import Depth

MAX_MESSAGE = 300


class Refused(StrEnum):
    """Which admission step said no."""

    QUOTA = "quota exceeded"
    QUOTA_NEEDS = "quota needs requests or limits"
    LIMIT_RANGE = "limit range"
    POD_SECURITY = "pod security"
    WEBHOOK_DENIED = "webhook denied"
    POLICY_DENIED = "admission policy denied"
    WEBHOOK_CERTIFICATE = "webhook's certificate"
    WEBHOOK_FAILED = "webhook failed"
    SERVICE_ACCOUNT = "service account"
    PRIORITY_CLASS = "priority class"
    RUNTIME_CLASS = "runtime class"
    INVALID = "form of the kind"
    OTHER = "other"


_FORMS: tuple[tuple[re.Pattern[str], Refused], ...] = tuple(
    (late(form, re.DOTALL), kind)
    for form, kind in (
        (
            r'admission webhook "(?P<name>[^"]+)" denied the request(?: without explanation|: ?(?P<detail>.*))?',
            Refused.WEBHOOK_DENIED,
        ),
        (
            r"(?P<name>image policy webhook) backend denied one or more images: ?(?P<detail>.*)",
            Refused.WEBHOOK_DENIED,
        ),
        (
            r"ValidatingAdmissionPolicy '(?P<name>[^']+)' with binding '[^']+' denied request: ?(?P<detail>.*)",
            Refused.POLICY_DENIED,
        ),
        (
            r'failed calling (?:admission )?webhook "(?P<name>[^"]+)"[^"]*?: (?P<detail>.*(?:x509:|tls: |certificate).*)',
            Refused.WEBHOOK_CERTIFICATE,
        ),
        (r'failed calling (?:admission )?webhook "(?P<name>[^"]+)"[^"]*?: (?P<detail>.*)', Refused.WEBHOOK_FAILED),
        (r"exceeded quota: (?P<name>[^,\s]+), (?P<detail>requested: .*)", Refused.QUOTA),
        (r"failed quota: (?P<name>[^:\s]+): (?P<detail>must specify .*)", Refused.QUOTA_NEEDS),
        (r'violates PodSecurity "(?P<name>[^"]+)": ?(?P<detail>.*)', Refused.POD_SECURITY),
        (
            r"unable to validate against any (?P<name>security context constraint|pod security policy): ?(?P<detail>.*)",
            Refused.POD_SECURITY,
        ),
        (r"(?P<detail>(?:minimum|maximum) \S+ usage per \S+ is .*)", Refused.LIMIT_RANGE),
        (r"(?P<detail>\S+ max limit to request ratio per \S+ is .*)", Refused.LIMIT_RANGE),
        (r"(?P<detail>Invalid value: .*must be less than or equal to \S+ limit.*)", Refused.LIMIT_RANGE),
        (
            r"error looking up service account (?P<namespace>[^/\s]+)/(?P<name>\S+): (?P<detail>serviceaccount.*not found.*)",
            Refused.SERVICE_ACCOUNT,
        ),
        (r"no PriorityClass with name (?P<name>\S+) was found(?P<detail>)", Refused.PRIORITY_CLASS),
        (r'pod rejected: RuntimeClass "(?P<name>[^"]+)" not found(?P<detail>)', Refused.RUNTIME_CLASS),
        (r'\b[A-Z][A-Za-z]+(?:\.[a-z0-9.-]+)? "[^"]+" is invalid: (?P<detail>.*)', Refused.INVALID),
    )
)
# Letters of a message that are looked at: longer ones grow with somebody's list of violations, and say before it what they are.
_LONGEST = 4_096
_REASONS = ("FailedCreate", "FailedCreatePod", "FailedUpdate", "ReplicaSetCreateError")


class Refusal(Struct, frozen=True):
    """One refusal, on behalf of `workload` (what a person edits). `name` is the quota, webhook, level or account; `current` where the owner still lacks pods or says so itself."""

    kind: Refused
    workload: Ref
    owner: Ref
    name: str
    detail: str
    evidence: Evidence
    current: bool
    resource: str = "pods"


def parse(message: str) -> tuple[Refused, str, str] | None:
    """Kind, name and detail of a refusal; None for texts that are none. A text in a known frame with unknown words is OTHER."""
    message = message[:_LONGEST]
    for form, kind in _FORMS:
        match = form.search(message)
        if match:
            found = match.groupdict()
            return kind, found.get("name") or "", (found.get("detail") or "").strip().rstrip("]")[:MAX_MESSAGE]
    return (Refused.OTHER, "", message[:MAX_MESSAGE]) if "is forbidden" in message else None


@once
def refusals(index: Index) -> tuple[Refusal, ...]:
    """One per workload, kind and name; current ones and those with the newest word first."""
    best: dict[tuple[Ref, Refused, str], Refusal] = {}
    for item in (*_conditions(index), *_events(index), *_logs(index)):
        key = (item.workload, item.kind, item.name)
        known = best.get(key)
        if known is None or (item.current, item.evidence.time is not None) > (
            known.current,
            known.evidence.time is not None,
        ):
            best[key] = item
    # A line that was pasted without whose log it is may be one that an event has told already.
    told = {(item.kind, item.name) for item in best.values() if item.workload.name != UNNAMED}
    found = {key: item for key, item in best.items() if key[0].name != UNNAMED or key[1:] not in told}
    return tuple(found[key] for key in sorted(found, key=lambda key: (not found[key].current, key)))


def shortened(text: str, length: int = 140) -> str:
    """Cut at a word, with an ellipsis."""
    return text if len(text) <= length else text[:length].rpartition(" ")[0].rstrip(" ,;(") + " …"


def refused(index: Index, kind: Refused) -> tuple[Refusal, ...]:
    return tuple(item for item in refusals(index) if item.kind is kind)


def _conditions(index: Index) -> Iterator[Refusal]:
    for struct in (Deployment, ReplicaSet):
        for item in index.snapshot.all(struct):
            for condition in item.status.conditions:
                found = (
                    parse(condition.message)
                    if condition.type == "ReplicaFailure" and condition.status == "True"
                    else None
                )
                if found:
                    kind, name, detail = found
                    evidence = state_evidence(
                        item,
                        "status.conditions[ReplicaFailure].message",
                        condition.message[:MAX_MESSAGE],
                        condition.last_transition_time,
                    )
                    yield Refusal(
                        kind,
                        workload_above(index, item.ref),
                        item.ref,
                        name,
                        detail,
                        evidence,
                        True,
                        _resource(condition.message),
                    )


def _events(index: Index) -> Iterator[Refusal]:
    for event in index.snapshot.all(Event):
        found = parse(event.text) if event.type != "Normal" else None
        # Operators have reasons of their own; in a known reason an unknown wording tells something as well.
        if not found or (found[0] is Refused.OTHER and event.reason not in _REASONS):
            continue
        kind, name, detail = found
        owner = event.about
        recent = is_recent(index, event.last_seen)
        if event.source.component == "kubectl":  # a person's write: over when the object is there after all
            current: bool | None = recent and (event.reason != "FailedCreate" or index.snapshot.find(owner) is None)
        else:
            current = lacks_pods(index, owner, recent)
        if current is None:
            continue  # its owner is gone
        evidence = event_evidence(index, event, current=current)
        evidence = replace(evidence, value=evidence.value[:MAX_MESSAGE])
        yield Refusal(kind, workload_above(index, owner), owner, name, detail, evidence, current, _resource(event.text))


def _logs(index: Index) -> Iterator[Refusal]:
    """What an operator goes on trying: only wordings that are known."""
    for told in told_refusals(index):
        found = parse(told.message)
        if found and found[0] is not Refused.OTHER:
            kind, name, detail = found
            yield Refusal(kind, told.owner, told.owner, name, detail, told.evidence, True, _resource(told.message))


def _resource(message: str) -> str:
    match = re.search(
        r'\b(pods|persistentvolumeclaims|services|jobs\.batch|[a-z]+s(?:\.[a-z.0-9-]+)?) "[^"]*" is forbidden',
        message[:_LONGEST],
    )
    return match[1] if match else "pods"


def workload_above(index: Index, owner: Ref) -> Ref:
    """From the controller that could not create up to what a person edits: ReplicaSet → Deployment, Job → CronJob stays the Job."""
    item = index.snapshot.find(owner)
    above = controller_of(item) if item else None
    if item is None or (above is None and index.snapshot.depth(owner) is Depth.NAMED):
        if owner.kind == "ReplicaSet" and "-" in owner.name:
            return Ref("Deployment", owner.namespace, owner.name.rpartition("-")[0])
        return owner
    return above if above and owner.kind == "ReplicaSet" else owner


def lacks_pods(index: Index, owner: Ref, otherwise: bool) -> bool | None:
    """Whether the controller still has fewer pods than it wants; `otherwise` where that was not seen, None where the controller is known to be gone."""
    item = index.snapshot.find(owner)
    if item is None:
        if index.snapshot.is_absent(owner):
            return None
        above = index.snapshot.find(workload_above(index, owner)) if owner.kind == "ReplicaSet" else None
        # Of its ReplicaSets none was seen: a Deployment of which every pod is of the newest template and available lacks none.
        whole = isinstance(above, Deployment) and 0 < (above.spec.replicas or 0) <= min(
            above.status.updated_replicas, above.status.available_replicas
        )
        return otherwise and not whole
    wanted, has = counts(index, item)
    return otherwise if wanted is None or has is None else has < wanted


def counts(index: Index, item: KubeObject) -> tuple[int | None, int | None]:
    """Pods that the controller wants and has; None for what its status does not tell."""
    if isinstance(item, CronJob):
        return None, None
    if isinstance(item, Job):
        if item.status.completion_time or item.spec.suspend:
            return 0, 0
        return 1, item.status.active + item.status.succeeded + item.status.failed
    if not isinstance(item, Workload):
        return None, None
    if item.kind == "DaemonSet":
        return item.status.desired_number_scheduled, item.status.current_number_scheduled
    # A table's row of a StatefulSet shows only the ready ones: count what exists, too.
    mine = [
        pod for pod in index.pods_by_workload.get(item.ref, ()) if not is_finished(pod) and pod.status.phase != "Failed"
    ]
    return item.spec.replicas, max(item.status.replicas, len(mine))
