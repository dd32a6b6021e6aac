"""Objects that were deleted and do not go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from seakeep.facts.disruption.disruption import evictable_pods
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.volumes.claim_consumers import consumers
from seakeep.model.objects import KubeObject, Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod
from seakeep.model.pattern import late
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

# Finalizers of controllers act within seconds; a pod's deletionTimestamp already includes its grace period.
PATIENCE = timedelta(minutes=2)
_UNLISTED = late(r"([a-z][\w.-]{0,200}\.[a-z]+)/(v\d\w{0,20}): (?:stale GroupVersion discovery|the server )")
# They hold an object for as long as it is in use, which is right.
_PROTECTION = frozenset({"kubernetes.io/pvc-protection", "kubernetes.io/pv-protection"})


class Stuck(Struct, frozen=True):
    """`finalizers` that hold the object; `users` of a claim or a volume that is protected while it is used, the pods that a node waits for;
    `message` of a namespace's condition; `known` where finalizers would have been shown.
    """

    item: KubeObject
    finalizers: tuple[str, ...]
    users: tuple[KubeObject, ...]
    message: str
    known: bool
    only_listed: bool = False

    @property
    def in_use(self) -> bool:
        return bool(self.users) and (isinstance(self.item, Node) or set(self.finalizers) <= _PROTECTION)


@once
def stuck(index: Index) -> tuple[Stuck, ...]:
    """By kind and name. A pod on a node that does not answer is that node's affair."""
    return tuple(_stuck(index))


def _stuck(index: Index) -> Iterator[Stuck]:
    for group in index.snapshot.objects.values():
        for item in group.values():
            since = item.metadata.deletion_timestamp or _listed_terminating(index, item)
            # A row says Terminating and not since when: such an object is given the time of the snapshot.
            listed = index.snapshot.depth(item.ref) < Depth.FULL and since is not None and since >= index.now
            held = isinstance(item, Namespace) and _is_held(item)
            if since is None or (index.now - since < PATIENCE and not listed and not held):
                continue
            born = item.metadata.creation_timestamp
            if listed and born and index.now - born < PATIENCE:
                continue
            if isinstance(item, Pod) and not item.metadata.finalizers and not _node_answers(index, item):
                continue
            message = ""
            if isinstance(item, Namespace):
                message = "; ".join(
                    entry.message
                    for entry in item.status.conditions
                    if entry.status == "True" and entry.type.startswith("Namespace")
                )
            yield Stuck(
                item,
                item.metadata.finalizers,
                _users(index, item),
                message[:300],
                index.snapshot.depth(item.ref) is Depth.FULL,
                listed,
            )


def _users(index: Index, item: KubeObject) -> tuple[KubeObject, ...]:
    if isinstance(item, PersistentVolumeClaim):
        return tuple(consumers(index).get((item.namespace, item.name), ()))
    if isinstance(item, PersistentVolume) and item.spec.claim_ref:
        claim = index.snapshot.get(PersistentVolumeClaim, item.spec.claim_ref.namespace, item.spec.claim_ref.name)
        return (claim,) if claim and claim.spec.volume_name == item.name else ()
    # Autoscalers and cluster managers let a node go when it is drained.
    return evictable_pods(index, item) if isinstance(item, Node) else ()


def _is_held(item: Namespace) -> bool:
    """The namespace controller has met finalizers that are not its own: what is left waits for other controllers."""
    return any(
        entry.type == "NamespaceFinalizersRemaining" and entry.status == "True" for entry in item.status.conditions
    )


def _listed_terminating(index: Index, item: KubeObject) -> datetime | None:
    """Namespaces, claims and volumes show it as their phase."""
    if isinstance(item, Namespace | PersistentVolumeClaim | PersistentVolume) and item.status.phase == "Terminating":
        return index.now
    return None


def _node_answers(index: Index, pod: Pod) -> bool:
    node = index.snapshot.get(Node, "", pod.spec.node_name)
    return node is None or any(item.type == "Ready" and item.status == "True" for item in node.status.conditions)


def unlisted_apis(entry: Stuck) -> tuple[Ref, ...]:
    """The registrations whose servers do not answer, so that the namespace controller cannot tell what is left."""
    found = _UNLISTED.findall(entry.message)
    return tuple(sorted({Ref("APIService", "", f"{version}.{group}") for group, version in found}))


def why_and_repair(entry: Stuck) -> tuple[str, str]:
    """What holds the object, as the end of a summary, and the sentence that repairs it."""
    item, by = entry.item, ", ".join(entry.finalizers)
    if entry.in_use:
        users = ", ".join(user.name for user in entry.users[:3])
        if isinstance(item, Node):
            return (
                f": its drain waits for {users}",
                f"Find out why {users} cannot be evicted (budgets, replicas without another place), and let the drain go on.",
            )
        return (
            f": {users} still use{'s' if len(entry.users) == 1 else ''} it",
            f"Delete {users}, or stop what uses it, if {item.ref} is to go.",
        )
    if entry.message:
        if apis := ", ".join(ref.name for ref in unlisted_apis(entry)):
            return (
                f": the server of {apis} does not answer, and nobody can tell what is left",
                f"Bring back the server behind APIService {apis}, or delete it if its provider is gone.",
            )
        return (
            f": {entry.message[:160]}",
            f"Delete what namespace {item.name} still holds, or repair the API service that cannot be listed.",
        )
    if by:
        return (
            f": finalizer {by}",
            f"Bring back the controller that owns finalizer {by}, or remove the finalizer from {item.ref} once nothing is left to clean up.",
        )
    if isinstance(item, Pod):
        return (
            "",
            f"Check the kubelet and the container runtime of node {item.spec.node_name or 'that it ran on'}; if the process is gone, delete {item.ref} with --force.",
        )
    return "", f"Look up what holds {item.ref} (its finalizers), and let its controller finish."
