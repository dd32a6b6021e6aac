"""How many pods of a workload a drain may take at a time, and the budget that says so."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

from seakeep.facts.admission.server_version import at_least
from seakeep.facts.autoscaling.autoscaled import autoscalers_of, floor
from seakeep.facts.index import Index
from seakeep.facts.proposing import free_name, selector_of
from seakeep.facts.volumes.volume_topology import allows_node, bound_volumes
from seakeep.facts.workloads.least_ready import least
from seakeep.facts.workloads.podspecs import Judged
from seakeep.facts.workloads.podstate import is_finished
from seakeep.model.change import Change, Risk
from seakeep.model.objects import Node
from seakeep.model.refs import Ref

# From so many replicas on, one at a time makes a drain longer than it need be where any one of them serves.
_SEVERAL = 4
# A share keeps up with an autoscaler; it is rounded up, so that it never allows none.
_QUARTER = "25%"


class Allowance(Struct, frozen=True):
    """`amount` for maxUnavailable, and `why` with its figures."""

    amount: int | str
    why: str


def allowance(index: Index, entry: Judged, replicas: int) -> Allowance:
    """What the protocol can spare; and no less than the pods that the volumes of one node hold, where the others still serve: none of those can be made anew elsewhere."""
    traits = index.traits.get(entry.ref)
    rule = traits.needs_ready if traits else "one"
    need = least(rule, replicas)
    serves = f"{traits.service} serves with {need} ready" if traits else f"{need} ready serves"
    scalers = autoscalers_of(index).get(entry.ref, ())
    if rule == "one" and scalers:
        lowest = min(floor(item) for item in scalers)
        return Allowance(_QUARTER, f"a quarter of its replicas may go at a time ({lowest} at least, as scaled)")
    amount = _spare(rule, replicas, need)
    node, held = held_most(index, entry.ref)
    if held > amount and replicas - held >= need:
        why = f"volumes hold {held} of its {replicas} pods on node {node}: {held} may go at a time, since {serves}"
        return Allowance(held, why)
    return Allowance(amount, f"{amount} of its {replicas} replicas may go at a time: {serves}")


def _spare(rule: str, replicas: int, need: int) -> int:
    match rule:
        case "quorum":
            return max(replicas - need, 1)
        case "in-sync" | "all":
            return 1
    return 1 if replicas < _SEVERAL else replicas // 2


def held_most(index: Index, ref: Ref) -> tuple[str, int]:
    """The node that volumes hold most pods of the workload on, and how many; ("", 0) where they hold none."""
    nodes = tuple(index.snapshot.all(Node))
    held: Counter[str] = Counter()
    for pod in index.pods_by_workload.get(ref, ()):
        if not pod.spec.node_name or is_finished(pod):
            continue
        volumes = [volume for _, volume in bound_volumes(index, pod.namespace, pod.spec) if volume.spec.node_affinity]
        if volumes and [node.name for node in nodes if all(allows_node(item, node) for item in volumes)] == [
            pod.spec.node_name
        ]:
            held[pod.spec.node_name] += 1
    return min(held.items(), key=lambda item: (-item[1], item[0]), default=("", 0))


def budget_for(index: Index, entry: Judged, replicas: int) -> Change | None:
    """A budget of its own for a workload of so many replicas. None where the labels of its pods are not known."""
    ref, selector = entry.ref, selector_of(index, entry.ref)
    if selector is None:
        return None
    allowed = allowance(index, entry, replicas)
    spec = {"maxUnavailable": allowed.amount, "selector": selector}
    if at_least(index, 27):  # pods that are not ready anyway must not hold up a drain (beta in 1.27)
        spec["unhealthyPodEvictionPolicy"] = "AlwaysAllow"
    name = free_name(index, "PodDisruptionBudget", ref.namespace, ref.name)
    target = Ref("PodDisruptionBudget", ref.namespace, name)
    return Change(target, {"spec": spec}, (), Risk.LOW, allowed.why, "policy/v1")
