"""The scheduler's own words on why a pod has no node, of Kubernetes 1.25–1.37.

Wording: kube-scheduler `framework/plugins/*` (the constants named ErrReason…) and `framework/types.go` (FitError).
"""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct

from seakeep.model.pattern import late


class Refusal(StrEnum):
    """Why a node does not take a pod, or, for the last ones, why no node is even tried."""

    CPU = "cpu"
    MEMORY = "memory"
    EPHEMERAL_STORAGE = "ephemeral-storage"
    DEVICE = "device"
    POD_SLOTS = "pods"
    TAINT = "taint"
    CONTROL_PLANE = "control-plane taint"
    CONDITION = "taint of a node condition"
    CORDON = "cordon"
    NODE_MATCH = "node selector or affinity"  # as the scheduler words it: one of the next two
    SELECTOR = "node selector"
    NODE_AFFINITY = "node affinity"
    PORTS = "host ports"
    VOLUME_ZONE = "volume's node affinity"
    NO_VOLUME = "no volume to bind"
    SPREAD = "topology spread"
    AFFINITY = "pod affinity"
    ANTI_AFFINITY = "pod anti-affinity"
    UNBOUND = "unbound claims"
    CLAIM_MISSING = "claim not found"
    CLAIM_IN_USE = "claim of one pod in use"
    OTHER = "other"


RESOURCES = frozenset({Refusal.CPU, Refusal.MEMORY, Refusal.EPHEMERAL_STORAGE, Refusal.DEVICE, Refusal.POD_SLOTS})
# The filters that run after node affinity: a node that gives one of these reasons has passed it, the taints and the cordon.
AFTER_NODE_MATCH = RESOURCES | {
    Refusal.PORTS,
    Refusal.CLAIM_IN_USE,
    Refusal.VOLUME_ZONE,
    Refusal.NO_VOLUME,
    Refusal.SPREAD,
    Refusal.AFFINITY,
    Refusal.ANTI_AFFINITY,
}


class Reason(Struct, frozen=True):
    """`count` nodes gave it (0: the pod was refused before any node was tried); `detail` is the resource, taint or claim."""

    refusal: Refusal
    count: int
    detail: str = ""


_TAIL = late(
    r"[.,;]?\s*(?:no new claims to deallocate,\s*)?preemption:.*|[.,;]\s*no new claims to deallocate.*", re.DOTALL
)
_HEAD = late(
    r"^\s*(?:\d+/(?P<total>\d+) nodes are available|no nodes available to schedule pods)[:.]?\s*", re.IGNORECASE
)
_PART = late(r",\s*(?=\d+ )")
_COUNTED = late(r"(?P<count>\d+) (?P<text>.+)", re.DOTALL)
_TAINT = late(r"taint \{(?P<key>[^:}]*):\s*(?P<value>[^}]*)\}")
_CLAIM = late(r'persistentvolumeclaim "(?P<name>[^"]+)" (?:not found|is being deleted)')
_RESOURCE = {
    "cpu": Refusal.CPU,
    "memory": Refusal.MEMORY,
    "ephemeral-storage": Refusal.EPHEMERAL_STORAGE,
    "pods": Refusal.POD_SLOTS,  # until Kubernetes 1.17, and where a plug-in counts them
}
_FORMS: tuple[tuple[re.Pattern[str], Refusal], ...] = tuple(
    (late(form, re.IGNORECASE), refusal)
    for form, refusal in (
        (r"too many pods", Refusal.POD_SLOTS),
        (r"(?:were|was) unschedulable|node\(s\) had unknown conditions", Refusal.CORDON),
        (r"existing pods? anti-affinity|pod anti-affinity|pod affinity/anti-affinity", Refusal.ANTI_AFFINITY),
        (r"pod affinity rules", Refusal.AFFINITY),
        (
            r"node affinity/selector|scheduler-enforced node affinity|didn't match (?:node selector|Pod's node affinity|the requested node name)",
            Refusal.NODE_MATCH,
        ),
        (r"topology spread constraints", Refusal.SPREAD),
        (r"ReadWriteOncePod access mode", Refusal.CLAIM_IN_USE),
        (r"free ports for the requested pod ports", Refusal.PORTS),
        (
            r"volume node affinity conflict|match PersistentVolume's node affinity|no available volume zone",
            Refusal.VOLUME_ZONE,
        ),
        (r"find available persistent volumes to bind|enough free storage", Refusal.NO_VOLUME),
        (r"unbound (?:immediate )?PersistentVolumeClaims|binding volumes", Refusal.UNBOUND),
    )
)


def parse(message: str) -> tuple[Reason, ...]:
    """The reasons of one FailedScheduling message or PodScheduled condition, in its order; what preemption added is not one. () for other texts."""
    body = _TAIL.sub("", message)
    head = _HEAD.match(body)
    if head is None:
        return tuple(_whole(body))
    total = int(head["total"] or 0)
    reasons: list[Reason] = []
    for part in _PART.split(body[head.end() :].strip().rstrip(".")):
        counted = _COUNTED.fullmatch(part.strip())
        if counted:
            reasons.append(_reason(counted["text"].strip(), int(counted["count"])))
        elif part.strip():
            reasons.extend(_whole(part) or [Reason(Refusal.OTHER, total, part.strip()[:120])])
    return tuple(reasons)


def total_nodes(message: str) -> int | None:
    """How many nodes the scheduler considered, where it says."""
    head = _HEAD.match(message)
    return int(head["total"]) if head and head["total"] else None


def _whole(text: str) -> list[Reason]:
    claim = _CLAIM.search(text)
    if claim:
        return [Reason(Refusal.CLAIM_MISSING, 0, claim["name"])]
    reason = _reason(text.strip(), 0)
    return [] if reason.refusal is Refusal.OTHER else [reason]


def _reason(text: str, count: int) -> Reason:
    if text.startswith("Insufficient "):
        resource = text.removeprefix("Insufficient ").strip().rstrip(".")
        if resource.startswith("hugepages-"):
            return Reason(Refusal.MEMORY, count, resource)
        return Reason(_RESOURCE.get(resource, Refusal.DEVICE), count, resource)
    if "taint" in text:
        found = _TAINT.search(text)
        return Reason(_taint_refusal(found["key"].strip() if found else ""), count, _taint_text(found))
    claim = _CLAIM.search(text)
    if claim:
        return Reason(Refusal.CLAIM_MISSING, count, claim["name"])
    for form, refusal in _FORMS:
        if form.search(text):
            return Reason(refusal, count, "")
    return Reason(Refusal.OTHER, count, text[:120])


def _taint_text(found: re.Match[str] | None) -> str:
    if found is None:
        return ""
    value = found["value"].strip()
    return f"{found['key'].strip()}={value}" if value else found["key"].strip()


def _taint_refusal(key: str) -> Refusal:
    from seakeep.facts.scheduling.placement import CONDITION_TAINTS, CONTROL_PLANE_TAINTS, CORDON_TAINT

    if key in CONTROL_PLANE_TAINTS:
        return Refusal.CONTROL_PLANE
    if key in CONDITION_TAINTS:
        return Refusal.CONDITION
    return Refusal.CORDON if key == CORDON_TAINT else Refusal.TAINT
