"""What a PodDisruptionBudget allows, with the disruption controller's arithmetic (`pkg/controller/disruption`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.generated_names import workload_named
from seakeep.facts.owners.ownership import controller_of, workload_of
from seakeep.facts.scheduling.placement import is_cordoned
from seakeep.facts.selection import matches
from seakeep.facts.workloads.podstate import is_finished, is_ready
from seakeep.model.objects import Node, Pod, PodDisruptionBudget, Workload
from seakeep.model.objects.base import IntOrString
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth


class Budget(Struct, frozen=True):
    """`allowed` now, and `at_best` if every expected pod were healthy: 0 means that no eviction is ever allowed."""

    pdb: PodDisruptionBudget
    pods: tuple[Pod, ...]
    expected: int
    desired: int
    healthy: int

    @property
    def allowed(self) -> int:
        return max(self.healthy - self.desired, 0) if self.expected else 0

    @property
    def at_best(self) -> int:
        return max(self.expected - self.desired, 0)


def scaled(amount: IntOrString, total: int) -> int:
    """intstr.GetScaledValueFromIntOrPercent with rounding up, as the controller uses it for both fields. What is neither a number nor a percentage counts as 0."""
    if isinstance(amount, int):
        return amount
    digits = amount.rstrip("%")
    if not digits.isdecimal():
        return 0
    return -(-total * int(digits) // 100) if amount.endswith("%") else int(digits)


@once
def _live_pods(index: Index) -> Mapping[tuple[str, str, str], Sequence[Pod]]:
    """Pods that have not ended, by namespace and each of their labels."""
    found: dict[tuple[str, str, str], list[Pod]] = defaultdict(list)
    for pod in index.pods:
        if not is_finished(pod) and pod.status.phase != "Failed":
            for label in (("", ""), *pod.labels.items()):
                found[pod.namespace, *label].append(pod)
    return found


def _candidates(index: Index, pdb: PodDisruptionBudget) -> Sequence[Pod]:
    """The pods that carry the first label which the budget asks for; all of the namespace where it asks for none."""
    wanted = pdb.spec.selector.match_labels if pdb.spec.selector else {}
    return _live_pods(index).get((pdb.namespace, *next(iter(wanted.items()), ("", ""))), ())


@once
def budgets(index: Index) -> tuple[Budget, ...]:
    """Budgets that select at least one pod. An empty selector selects every pod of the namespace (policy/v1)."""
    found = []
    for pdb in index.snapshot.all(PodDisruptionBudget):
        pods = tuple(
            pod
            for pod in _candidates(index, pdb)
            if (_is_named_after(index, pdb, pod) if unshown(index, pdb) else matches(pdb.spec.selector, pod.labels))
        )
        expected = _expected(index, pods) if pods else pdb.status.expected_pods or _intended(index, pdb)
        if not expected and _never(pdb):
            expected = 1  # a row shows neither pods nor selector, but whatever they are, none may go
        if not expected:
            continue
        if pdb.spec.max_unavailable is not None:
            desired = max(expected - scaled(pdb.spec.max_unavailable, expected), 0)
        elif pdb.spec.min_available is not None:
            desired = scaled(pdb.spec.min_available, expected)
            if isinstance(pdb.spec.min_available, int):
                expected = max(len(pods), expected)
        elif index.snapshot.depth(pdb.ref) is Depth.FULL:
            desired = expected
        else:
            continue
        healthy = sum(is_ready(pod) for pod in pods) if pods else pdb.status.current_healthy
        if index.snapshot.intent_only:
            healthy = expected
        found.append(Budget(pdb, pods, expected, desired, healthy))
    return tuple(found)


def unshown(index: Index, pdb: PodDisruptionBudget) -> bool:
    """A table shows no selectors."""
    return pdb.spec.selector is None and index.snapshot.depth(pdb.ref) is Depth.TABLE


def _is_named_after(index: Index, pdb: PodDisruptionBudget, pod: Pod) -> bool:
    return workload_of(index, pod).name in _names(pdb)


def _names(pdb: PodDisruptionBudget) -> set[str]:
    """By custom a budget is called like what it is for, often with `-pdb` behind."""
    return {pdb.name, pdb.name.removesuffix("-pdb"), pdb.name.removesuffix("-budget")}


def may_cover(index: Index, pdb: PodDisruptionBudget, pod: Ref) -> bool:
    """Of a budget whose selector was not shown: by its name, or as the only one of the namespace that allows no eviction."""
    if pod.kind != "Pod" or pod.namespace != pdb.namespace or not unshown(index, pdb):
        return False
    closed = [
        item
        for item in index.snapshot.all(PodDisruptionBudget)
        if item.namespace == pod.namespace and not item.status.disruptions_allowed
    ]
    return workload_named(index, pod).name in _names(pdb) or closed == [pdb]


def _expected(index: Index, pods: Sequence[Pod]) -> int:
    """The scale of the controllers of the pods; a pod without one counts for itself."""
    controllers = {controller_of(pod) for pod in pods}
    total = sum(1 for pod in pods if controller_of(pod) is None)
    for ref in controllers:
        if ref is None:
            continue
        owner = index.snapshot.find(ref)
        replicas = owner.spec.replicas if isinstance(owner, Workload) else None
        total += replicas if replicas is not None else sum(controller_of(pod) == ref for pod in pods)
    return total


def _never(pdb: PodDisruptionBudget) -> bool:
    return pdb.spec.selector is None and (pdb.spec.max_unavailable in {0, "0%"} or pdb.spec.min_available == "100%")


def _intended(index: Index, pdb: PodDisruptionBudget) -> int:
    """Replicas of the workloads whose template the budget selects, where there are no pods to ask (plain manifests)."""
    return sum(
        1 if item.spec.replicas is None else item.spec.replicas
        for item in index.workloads
        if item.namespace == pdb.namespace
        and item.kind != "DaemonSet"
        and (
            item.name in _names(pdb)
            if unshown(index, pdb)
            else matches(pdb.spec.selector, item.spec.template.metadata.labels)
        )
    )


def drained_nodes(index: Index) -> tuple[Node, ...]:
    """Cordoned nodes that still hold pods which a drain would evict."""
    return tuple(node for node in index.snapshot.all(Node) if is_cordoned(node) and evictable_pods(index, node))


def evictable_pods(index: Index, node: Node) -> tuple[Pod, ...]:
    """What a drain of the node has to wait for."""
    return tuple(pod for pod in index.pods_on(node.name) if not is_finished(pod) and _evictable(pod))


def _evictable(pod: Pod) -> bool:
    owner = controller_of(pod)
    return owner is None or owner.kind not in {"DaemonSet", "Node"}


@once
def coverage(index: Index) -> Mapping[Ref, int]:
    """How many budgets select each pod."""
    return Counter(pod.ref for budget in budgets(index) for pod in budget.pods)


def is_shared(index: Index, budget: Budget) -> bool:
    """Another budget selects its pods too. Where their labels were not shown, one that selects every pod does."""
    if budget.pods:
        return coverage(index)[budget.pods[0].ref] > 1
    return any(
        other.pdb.ref != budget.pdb.ref and other.pdb.namespace == budget.pdb.namespace and _takes_all(other.pdb)
        for other in budgets(index)
    )


def _takes_all(pdb: PodDisruptionBudget) -> bool:
    selector = pdb.spec.selector
    return selector is not None and not selector.match_labels and not selector.match_expressions


def rule_text(pdb: PodDisruptionBudget) -> str:
    """The controller counts no pods for a budget without a figure, and allows none to go."""
    most, least = pdb.spec.max_unavailable, pdb.spec.min_available
    if most is None and least is None:
        return "neither maxUnavailable nor minAvailable"
    return f"maxUnavailable {most}" if most is not None else f"minAvailable {least}"


def obstacle(index: Index, budget: Budget) -> str:
    """Why no eviction is allowed now, "" where one is."""
    if not budget.at_best:
        return f"it demands {budget.desired} of {budget.expected} pods at all times"
    if is_shared(index, budget):
        return "its pods have more than one budget, which the eviction API refuses"
    if not budget.allowed:
        return f"only {budget.healthy} of the {budget.desired} pods that it demands are healthy"
    return ""
