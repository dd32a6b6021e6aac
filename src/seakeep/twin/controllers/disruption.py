"""What PodDisruptionBudgets allow. Source: pkg/controller/disruption, component-helpers `poddisruptionbudget`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import is_ended, is_ready
from seakeep.model.objects import Condition, KubeObject, Pod, PodDisruptionBudget
from seakeep.model.objects.base import IntOrString
from seakeep.model.objects.workloads import PdbStatus
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Update, Wait
from seakeep.twin.changes import MADE, STATUS
from seakeep.twin.controller import Question, View
from seakeep.twin.controllers.scale import ScaleError, expected_scale
from seakeep.twin.lookups import selector_of
from seakeep.twin.state import State

# From the eviction to the time when the pod must have been seen ending; after that it counts as healthy again.
DELETION_TIMEOUT = timedelta(minutes=2)
# A pod that was to be disrupted and is not ending after so long is not disrupted after all.
_STALE = timedelta(minutes=2)
ALLOWED = "DisruptionAllowed"


class Disruptions:
    """Looks at a budget when it or one of its pods changes. As in Kubernetes, not when an owner is scaled: the pods that come or go tell."""

    name = "disruption"
    watches = frozenset({"Pod", "PodDisruptionBudget"})

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        if not isinstance(item, Pod):
            return (item.ref,)
        metadata = item.metadata
        space = metadata.namespace
        now = state.get(Pod, space, metadata.name)
        if now is not None and now is not item and now.metadata.labels != metadata.labels:
            return ()  # it asks who picks the pod by the labels that it has, not by those that it had
        return state.who_picks(PodDisruptionBudget, space, metadata.labels)

    def spares(self, state: State, pod: Pod) -> bool:
        return not state.who_picks(PodDisruptionBudget, pod.metadata.namespace, pod.metadata.labels)

    @property
    def further(self) -> Sequence[Question]:
        return (Question(MADE | STATUS, _targeted),)

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        if ref.kind == "Pod":
            yield from _stale(view, ref)
            return
        pdb = view.state.get(PodDisruptionBudget, ref.namespace, ref.name)
        if pdb is None or _is_of_a_table(pdb):
            return
        pods = view.state.pods_picked(pdb.namespace, selector_of(pdb))
        try:
            expected, desired = _expected(view.state, pdb, pods)
        except ScaleError as error:
            yield Update(_failed(pdb, str(error), view.now), f"disruption: {error}")
            return
        disrupted = _disrupted(pdb.status.disrupted_pods, pods, view.now)
        healthy = sum(pod.name not in disrupted and is_ready(pod) for pod in pods)
        status = _status(pdb, expected, desired, healthy, disrupted, view.now)
        yield Update(
            replace(pdb, status=status), f"disruption: {healthy} of {desired} healthy pods, {expected} expected"
        )
        if disrupted:
            first = min(disrupted.values()) + DELETION_TIMEOUT
            yield Wait(ref, max((first - view.now).total_seconds(), 0.0) + 0.001)


def _targeted(_: State, item: KubeObject) -> Iterable[Ref]:
    """A pod that is to be disrupted and does not end."""
    targeted = isinstance(item, Pod) and item.metadata.deletion_timestamp is None and _target(item) is not None
    return (item.ref,) if targeted else ()


def _is_of_a_table(pdb: PodDisruptionBudget) -> bool:
    """A table shows the figures without the selector, and no generation. A budget that has no selector picks no pods."""
    figures = pdb.status.disruptions_allowed or pdb.status.expected_pods
    return pdb.spec.selector is None and not pdb.metadata.generation and bool(figures)


def _expected(state: State, pdb: PodDisruptionBudget, pods: Sequence[Pod]) -> tuple[int, int]:
    """(expected pods, healthy pods that are demanded). A number for minAvailable is taken as it is; all else is of the owners' scale, rounded up. Raises ScaleError."""
    most, least = pdb.spec.max_unavailable, pdb.spec.min_available
    if most is not None:
        expected = expected_scale(state, pods)
        return expected, max(expected - share(most, expected), 0)
    if isinstance(least, int):
        return len(pods), least
    if least is not None:
        expected = expected_scale(state, pods)
        return expected, share(least, expected)
    return 0, 0


def share(amount: IntOrString, total: int) -> int:
    """As intstr `GetScaledValueFromIntOrPercent`, rounding up. Raises ScaleError."""
    if isinstance(amount, int):
        return amount
    if not amount.endswith("%"):
        raise ScaleError("invalid value for IntOrString: invalid type: string is not a percentage")
    digits = amount[:-1]
    if not digits.lstrip("+-").isdecimal() or not digits.isascii() or len(digits) - len(digits.lstrip("+-")) > 1:
        raise ScaleError(
            f'invalid value for IntOrString: invalid value "{amount}": strconv.Atoi: parsing "{digits}": invalid syntax'
        )
    return ceil(int(digits) * total / 100)


def _disrupted(known: Mapping[str, datetime], pods: Sequence[Pod], now: datetime) -> dict[str, datetime]:
    """Evicted a moment ago and not yet ending, by pod name."""
    return {
        pod.name: known[pod.name]
        for pod in pods
        if pod.metadata.deletion_timestamp is None and pod.name in known and known[pod.name] + DELETION_TIMEOUT >= now
    }


def _status(
    pdb: PodDisruptionBudget, expected: int, desired: int, healthy: int, disrupted: dict[str, datetime], now: datetime
) -> PdbStatus:
    allowed = max(healthy - desired, 0) if expected > 0 else 0
    status = replace(
        pdb.status,
        expected_pods=expected,
        desired_healthy=desired,
        current_healthy=healthy,
        disruptions_allowed=allowed,
        disrupted_pods=disrupted,
        observed_generation=pdb.metadata.generation,
    )
    if status == pdb.status and _is_current(status):
        return pdb.status
    return with_condition(status, now)


def _is_current(status: PdbStatus) -> bool:
    """`ConditionsAreUpToDate`: that the observed generation differs is no reason to write it again."""
    known = next((item for item in status.conditions if item.type == ALLOWED), None)
    wanted = ("True", "SufficientPods") if status.disruptions_allowed > 0 else ("False", "InsufficientPods")
    return known is not None and (known.status, known.reason) == wanted


def with_condition(status: PdbStatus, now: datetime) -> PdbStatus:
    """`UpdateDisruptionAllowedCondition`."""
    word, reason = ("True", "SufficientPods") if status.disruptions_allowed > 0 else ("False", "InsufficientPods")
    return _set(status, Condition(type=ALLOWED, status=word, reason=reason), now)


def _failed(pdb: PodDisruptionBudget, message: str, now: datetime) -> PodDisruptionBudget:
    """`failSafe`: no disruption is allowed, and the other figures stay."""
    condition = Condition(type=ALLOWED, status="False", reason="SyncFailed", message=message)
    return replace(pdb, status=_set(replace(pdb.status, disruptions_allowed=0), condition, now))


def _set(status: PdbStatus, new: Condition, now: datetime) -> PdbStatus:
    """As `SetStatusCondition`: in place, and the transition time moves only with the status."""
    old = next((item for item in status.conditions if item.type == new.type), None)
    since = old.last_transition_time if old is not None and old.status == new.status else now
    new = replace(new, last_transition_time=since, observed_generation=status.observed_generation)
    if old is None:
        return replace(status, conditions=(*status.conditions, new))
    return replace(status, conditions=tuple(new if item is old else item for item in status.conditions))


def _target(pod: Pod) -> Condition | None:
    """The condition that says the pod is to be disrupted, where it is neither ending nor ended."""
    for item in pod.status.conditions:
        if item.type == "DisruptionTarget":
            live = pod.metadata.deletion_timestamp is None and not is_ended(pod)
            return item if live and item.status == "True" and item.reason != "TerminationByKubelet" else None
    return None


def _stale(view: View, ref: Ref) -> Iterable[Action]:
    pod = view.state.get(Pod, ref.namespace, ref.name)
    condition = _target(pod) if pod is not None else None
    if pod is None or condition is None:
        return
    due = (condition.last_transition_time or view.now - _STALE) + _STALE
    if due > view.now:
        yield Wait(ref, (due - view.now).total_seconds())
        return
    cleared = Condition(type=condition.type, status="False", last_transition_time=view.now)
    conditions = tuple(cleared if item is condition else item for item in pod.status.conditions)
    yield Update(
        replace(pod, status=replace(pod.status, conditions=conditions)), "disruption: it was not disrupted after all"
    )
