"""Making room for a pod that fits nowhere by ending pods of lower priority. Source: pkg/scheduler/framework/preemption and plugins/defaultpreemption, Kubernetes 1.37."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from msgspec import Struct

from seakeep.model.objects import Pod, PodDisruptionBudget
from seakeep.twin.lookups import selector_of
from seakeep.twin.scheduler.cluster import Cluster
from seakeep.twin.scheduler.nominations import Nominations, Trial, priority, reaches_far
from seakeep.twin.scheduler.plugin import Cycle
from seakeep.twin.scheduler.profile import Verdict
from seakeep.twin.scheduler.words import failed_scheduling
from seakeep.twin.state import State

NEVER = "not eligible due to preemptionPolicy=Never."
ENDING = "not eligible due to a terminating pod on the nominated node."
NO_VICTIMS = "No preemption victims found for incoming pod"
NOT_HELPFUL = "Preemption is not helpful for scheduling"
TARGET, BY_SCHEDULER = "DisruptionTarget", "PreemptionByScheduler"
# DefaultPreemptionArgs: of so many nodes at least, candidates are looked for before one is chosen.
_LEAST_PERCENT, _LEAST_NODES = 10, 100
# Nodes where preemption does not help: the node's changes so far, and why not.
Tried = dict[str, tuple[int, tuple[str, ...]]]
# A pod without a start time counts as starting now.
_LATEST = datetime.max.replace(tzinfo=UTC)
# Makes every priority positive, so that fewer pods of a negative priority weigh less than more of them.
_ABOVE_LEAST = 2**31


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node, and who has to go from it, the most important first; `violations` of them although a budget allows none."""

    node: str
    victims: tuple[Pod, ...]
    violations: int


class Outcome(Struct, frozen=True):
    """`nominate` is the node that the pod is nominated to now: "" for none, None where that stays as it was. `rule` chose among the candidates."""

    message: str
    nominate: str | None
    victims: tuple[Pod, ...] = ()
    rule: str = ""


def preempt(
    cluster: Cluster, verdict: Verdict, nominations: Nominations, lowest: int, tried: Tried | None = None
) -> Outcome:
    """After the filters found no node. `lowest` is the lowest priority of all placed pods; `tried` is what was found before for pods like this one, and is added to."""
    pod = verdict.pod
    refused = _ineligible(cluster, verdict)
    if refused:
        return Outcome(f"preemption: {refused}", None)
    reasons: dict[str, tuple[str, ...]] = {}
    candidates: list[Candidate] = []
    if lowest >= priority(pod):
        reasons = dict.fromkeys(verdict.resolvable, (NO_VICTIMS,))
    else:
        candidates = _candidates(cluster, verdict, nominations, reasons, {} if tried is None else tried)
    if not candidates:
        return Outcome(f"preemption: {failed_scheduling(reasons, cluster.size, absent=NOT_HELPFUL)}", "")
    best, rule = choose(candidates)
    text = f"found a potential placement for pod on node {best.node}, preempting {len(best.victims)} victims"
    return Outcome(f"preemption: {text}", best.node, best.victims, rule)


def _ineligible(cluster: Cluster, verdict: Verdict) -> str:
    pod = verdict.pod
    if pod.spec.preemption_policy == "Never":
        return NEVER
    # Where no other pod's going helps on the nominated node, the pod may look for another one.
    if pod.status.nominated_node_name in verdict.resolvable:
        placed = cluster.pods_on[cluster.index[pod.status.nominated_node_name]]
        if any(priority(item) < priority(pod) and _is_preempted(item) for item in placed.values()):
            return ENDING
    return ""


def _is_preempted(pod: Pod) -> bool:
    target = next((item for item in pod.status.conditions if item.type == TARGET), None)
    return (
        pod.metadata.deletion_timestamp is not None
        and target is not None
        and (target.status, target.reason) == ("True", BY_SCHEDULER)
    )


def _candidates(
    cluster: Cluster, verdict: Verdict, nominations: Nominations, reasons: dict[str, tuple[str, ...]], tried: Tried
) -> list[Candidate]:
    """Fills `reasons` for the nodes that are none. kube-scheduler starts at a random node where it need not look at all of them; here at the first."""
    cycle = Cycle(cluster, verdict.pod)
    far = reaches_far(cycle)
    rivalled = nominations.rival(verdict.pod)
    nodes = sorted(verdict.resolvable, key=lambda name: cluster.index[name])
    enough = min(max(len(nodes) * _LEAST_PERCENT // 100, _LEAST_NODES), len(nodes))
    found: list[Candidate] = []
    harmless = False
    for node in nodes:
        changes = cluster.changes[cluster.index[node]]
        known = tried.get(node)
        if known is not None and known[0] == changes and not far and not rivalled:
            reasons[node] = known[1]
            continue
        candidate = _dry_run(cycle, node, nominations, far=far)
        if isinstance(candidate, Candidate):
            found.append(candidate)
            harmless = harmless or not candidate.violations
            if harmless and len(found) >= enough:
                break
        else:
            reasons[node] = candidate
            if not far and not rivalled:
                tried[node] = (changes, candidate)
    return found


def _dry_run(cycle: Cycle, node: str, nominations: Nominations, *, far: bool) -> Candidate | tuple[str, ...]:
    """The fewest pods that have to go (`SelectVictimsOnNode`), or why that does not help: all of lower priority go, then one after the other stays where it can."""
    pod, position = cycle.pod, cycle.cluster.index[node]
    lower = [item for item in cycle.cluster.pods_on[position].values() if priority(item) < priority(pod)]
    if not lower:
        return (NO_VICTIMS,)
    rivals = nominations.rivals(pod, node)
    trial = Trial(cycle, position, far=far)
    trial.take(lower)
    refused = trial.passes(rivals)
    if refused is not None:
        return refused[0]
    victims: list[Pod] = []
    violations = 0
    violating, others = by_budgets(cycle.cluster.objects, sorted(lower, key=importance))
    for protected, items in ((True, violating), (False, others)):
        for item in items:
            trial.add([item])
            if trial.passes(rivals) is not None:
                trial.take([item])
                victims.append(item)
                violations += protected
    if not victims:
        return (f'expected at least one victim pod on node "{node}"',)
    return Candidate(node, tuple(sorted(victims, key=importance)), violations)


def importance(pod: Pod) -> tuple[int, datetime, str, str]:
    """Sorts the most important first: by priority, then by who has run for longest; the name settles what Kubernetes leaves open."""
    return (-priority(pod), pod.status.start_time or _LATEST, pod.namespace, pod.name)


def by_budgets(state: State, pods: Sequence[Pod]) -> tuple[list[Pod], list[Pod]]:
    """(those whose going a PodDisruptionBudget does not allow any more, the others), each in the given order (`FilterVictimsWithPDBViolation`)."""
    allowed: dict[tuple[str, str], int] = {}
    violating: list[Pod] = []
    others: list[Pod] = []
    for pod in pods:
        (violating if _violates(state, pod, allowed) else others).append(pod)
    return violating, others


def _violates(state: State, pod: Pod, allowed: dict[tuple[str, str], int]) -> bool:
    if not pod.labels:
        return False
    for pdb in state.picking(PodDisruptionBudget, pod.namespace, pod.labels):
        # An empty selector protects nothing here, and who is on the list was counted when it was evicted.
        if selector_of(pdb).empty or pod.name in pdb.status.disrupted_pods:
            continue
        key = (pdb.namespace, pdb.name)
        allowed[key] = allowed.get(key, pdb.status.disruptions_allowed) - 1
        if allowed[key] < 0:
            return True
    return False


def choose(candidates: Iterable[Candidate]) -> tuple[Candidate, str]:
    """The best node and the rule that decided (`pickOneNodeForPreemption`); where all rules leave several, the first (kube-scheduler takes any)."""
    left = list(candidates)
    if len(left) == 1:
        return left[0], "the only node where preemption helps"
    for rule, cost in _RULES:
        costs = [cost(item) for item in left]
        left = [item for item, each in zip(left, costs, strict=True) if each == min(costs)]
        if len(left) == 1:
            return left[0], rule
    return left[0], "the first of equal nodes"


def _latest_start(candidate: Candidate) -> float:
    """The later the longest running of the most important victims started, the better."""
    highest = priority(candidate.victims[0])
    starts = (item.status.start_time or _LATEST for item in candidate.victims if priority(item) == highest)
    return -min(starts).timestamp()


_RULES: tuple[tuple[str, Callable[[Candidate], float]], ...] = (
    ("fewest PodDisruptionBudget violations", lambda item: item.violations),
    ("lowest priority of the most important victim", lambda item: priority(item.victims[0])),
    ("lowest sum of priorities", lambda item: sum(priority(pod) + _ABOVE_LEAST for pod in item.victims)),
    ("fewest victims", lambda item: len(item.victims)),
    ("the most important victims started last", _latest_start),
)
