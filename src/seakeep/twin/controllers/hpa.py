"""HorizontalPodAutoscalers (autoscaling/v2). Source: pkg/controller/podautoscaler.

What was recommended and done lately, which kube-controller-manager keeps in memory, stands in an annotation of the twin's object, so that branches do not share it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, Protocol

import msgspec
from msgspec.structs import replace

from seakeep.model.objects import (
    Condition,
    Deployment,
    HorizontalPodAutoscaler,
    KubeObject,
    Pod,
    ReplicaSet,
    StatefulSet,
)
from seakeep.model.objects.workloads import HpaStatus
from seakeep.model.quantity import QuantityError, milli
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Update, Wait
from seakeep.twin.changes import ALL, STATUS
from seakeep.twin.controller import View
from seakeep.twin.controllers import hpa_replicas as replicas
from seakeep.twin.controllers import hpa_rules
from seakeep.twin.controllers.hpa_replicas import MetricError, Tolerance
from seakeep.twin.labels import compile_selector
from seakeep.twin.moments import after
from seakeep.twin.state import State

HISTORY = "twin.seakeep.dev/autoscaling"
# --horizontal-pod-autoscaler-sync-period.
_PERIOD = 15.0
_Target = Deployment | StatefulSet | ReplicaSet
_TARGETS: dict[str, type[_Target]] = {"Deployment": Deployment, "StatefulSet": StatefulSet, "ReplicaSet": ReplicaSet}


class Metrics(Protocol):
    """What is measured, in thousandths of the unit. What is not known is left out, or None."""

    def per_pod(self, view: View, metric: Mapping[str, Any], pods: Sequence[Pod]) -> Mapping[str, int]: ...

    def value(self, view: View, metric: Mapping[str, Any]) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Autoscalers:
    metrics: Metrics
    name: str = "horizontalpodautoscaler"
    watches: ClassVar[frozenset[str]] = frozenset({"HorizontalPodAutoscaler", *_TARGETS})
    minds: ClassVar[Mapping[str, int]] = dict.fromkeys(_TARGETS, ALL & ~STATUS)  # how they are scaled
    forgets: bool = True

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        if isinstance(item, HorizontalPodAutoscaler):
            return (item.ref,)
        found = []
        for each in state.within(HorizontalPodAutoscaler, item.metadata.namespace):
            target = each.spec.scale_target_ref
            if (target.kind, target.name) == (item.kind, item.name) and not _as_left(item, each):
                found.append(each.ref)
        return found

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        item = view.state.get(HorizontalPodAutoscaler, ref.namespace, ref.name)
        if item is None or item.metadata.deletion_timestamp is not None:
            return
        past = _read(view.now, item)
        left = _PERIOD - past.since if past.since is not None else 0.0
        if left > 0:
            wanted = item.spec.scale_target_ref
            target = view.state.find(Ref(wanted.kind, item.namespace, wanted.name))
            yield Wait(ref, left, idle=past.calm and (target is None or _as_left(target, item)))
            return
        yield from _Sync(self.metrics, view, item, past).run()
        again = _read(view.now, view.state.get(HorizontalPodAutoscaler, ref.namespace, ref.name) or item)
        yield Wait(ref, _PERIOD, idle=again.calm)


def _as_left(target: KubeObject, item: HorizontalPodAutoscaler) -> bool:
    """Nobody has scaled the target since the autoscaler looked."""
    if not isinstance(target, _Target):
        return True
    wanted = 1 if target.spec.replicas is None else target.spec.replicas
    return wanted in {item.status.current_replicas, item.status.desired_replicas}


@dataclass(frozen=True, slots=True)
class _Kept:
    """`since` the last look; `calm` where nothing is going on that only time will change."""

    events: dict[str, list[list[float]]]
    past: hpa_rules.Past
    since: float | None
    calm: bool


def _read(now: datetime, item: HorizontalPodAutoscaler) -> _Kept:
    try:
        raw = msgspec.json.decode(item.metadata.annotations.get(HISTORY, "{}"), type=dict[str, list[list[float]]])
    except msgspec.MsgspecError:
        raw = {}
    stamp = now.timestamp()

    def group(name: str) -> tuple[tuple[float, int], ...]:
        return tuple((stamp - pair[0], int(pair[1])) for pair in raw.get(name, []) if len(pair) == 2)

    looked = raw.get("looked", [])
    past = hpa_rules.Past(group("recommended"), group("added"), group("taken"))
    since = stamp - looked[-1][0] if looked else None
    calm = bool(looked) and len(looked[-1]) > 1 and looked[-1][1] == 1.0
    return _Kept(raw, past, since, calm)


def _mapping(value: Any) -> Mapping[str, Any]:
    """What is written there, where it has the form that it should."""
    return value if isinstance(value, Mapping) else {}


class _Sync:
    def __init__(self, metrics: Metrics, view: View, item: HorizontalPodAutoscaler, kept: _Kept) -> None:
        self.metrics, self.view, self.item, self.kept = metrics, view, item, kept
        self.conditions = item.status.conditions
        behavior = item.spec.behavior or {}
        self.up, self.down = hpa_rules.rules(behavior, "scaleUp"), hpa_rules.rules(behavior, "scaleDown")
        self.tolerance = Tolerance(_share(self.down.tolerance), _share(self.up.tolerance))
        self.events = {name: list(pairs) for name, pairs in kept.events.items()}

    def run(self) -> Iterator[Action]:
        item, wanted_ref = self.item, self.item.spec.scale_target_ref
        kind = _TARGETS.get(wanted_ref.kind)
        target = self.view.state.get(kind, item.namespace, wanted_ref.name) if kind else None
        if target is None:
            group = wanted_ref.api_version.rpartition("/")[0]
            resource = f"{wanted_ref.kind.lower()}s.{group}" if group else f"{wanted_ref.kind.lower()}s"
            text = f'{resource} "{wanted_ref.name}" not found'
            message = f"the HPA controller was unable to get the target's current scale: {text}"
            self._set("AbleToScale", "False", "FailedGetScale", message)
            yield from self._store(item.status)
            return
        text = "the HPA controller was able to get the target's current scale"
        self._set("AbleToScale", "True", "SucceededGetScale", text)
        current = 1 if target.spec.replicas is None else target.spec.replicas
        if not self.events.get("recommended"):
            # `recordInitialRecommendation`: what is there counts as recommended, so that a restart takes nothing away.
            self._remember("recommended", current)
            self.kept = _with_first(self.kept, current)
        status = replace(item.status, current_replicas=current, observed_generation=item.metadata.generation)
        try:
            wanted = self._wanted(target, current)
        except MetricError as error:
            text = f"the HPA was unable to compute the replica count: {error.message}"
            self._set("ScalingActive", "False", error.reason, text)
            yield from self._store(status)
            return
        if wanted != current:
            changed = replace(target, spec=replace(target.spec, replicas=wanted))
            yield Update(changed, f"horizontalpodautoscaler: New size: {wanted}")
            text = f"the HPA controller was able to update the target scale to {wanted}"
            self._set("AbleToScale", "True", "SucceededRescale", text)
            self._set(
                "ScaledToZero", "False", "NotScaledToZero", "the HPA controller did not scale the workload to zero"
            )
            name = "added" if wanted > current else "taken"
            self._remember(name, abs(wanted - current))
            status = replace(status, last_scale_time=self.view.now)
        yield from self._store(replace(status, desired_replicas=wanted), moved=wanted != current)

    def _wanted(self, target: _Target, current: int) -> int:
        spec = self.item.spec
        least = 1 if spec.min_replicas is None else spec.min_replicas
        if current == 0 and least != 0:
            text = "scaling is disabled since the replica count of the target is zero"
            self._set("ScalingActive", "False", "ScalingDisabled", text)
            return 0
        if current > spec.max_replicas:
            return spec.max_replicas
        if current < least:
            return least
        asked = self._computed(target, current)
        if self.item.spec.behavior is None:
            window = hpa_rules.Rules(hpa_rules.DOWN_WINDOW, ())
            found = max([asked, *(n for age, n in self.kept.past.recommended if age < window.window)])
            reason = "ScaleDownStabilized"
            text = "recent recommendations were higher than current one, applying the highest recent recommendation"
            wanted, limit, said = hpa_rules.plainly_limited(current, found, least, spec.max_replicas)
        else:
            past = self.kept.past
            found, reason, text = hpa_rules.stabilized(current, asked, past, self.up, self.down)
            wanted, limit, said = hpa_rules.limited(current, found, least, spec.max_replicas, past, self.up, self.down)
        self._remember("recommended", asked)
        if found == asked:
            reason, text = "ReadyForNewScale", "recommended size matches current size"
        self._set("AbleToScale", "True", reason, text)
        self._set("ScalingLimited", "False" if wanted == found else "True", limit, said)
        return wanted

    def _computed(self, target: _Target, current: int) -> int:
        """The most that any metric asks for. A metric without a value does not stop scaling up."""
        selector = compile_selector(target.spec.selector)
        pods = self.view.state.pods_picked(self.item.namespace, selector)
        found: list[tuple[int, str]] = []
        failed: list[MetricError] = []
        for metric in self.item.spec.metrics:
            try:
                found.append(self._one(metric, current, target.status.replicas, pods))
            except MetricError as error:
                failed.append(error)
        most = max(found, key=lambda pair: pair[0], default=None)
        if most is None or (failed and most[0] < current):
            raise failed[0] if failed else MetricError("InvalidMetricSourceType", "no metrics")
        text = f"the HPA was able to successfully calculate a replica count from {most[1]}"
        self._set("ScalingActive", "True", "ValidMetricFound", text)
        return most[0]

    def _one(self, metric: Mapping[str, Any], current: int, shown: int, pods: Sequence[Pod]) -> tuple[int, str]:
        kind = str(metric.get("type", ""))
        source = _mapping(metric.get(kind[:1].lower() + kind[1:]))
        goal = _mapping(source.get("target"))
        now = self.view.now
        if kind in {"Resource", "ContainerResource"}:
            resource, container = str(source.get("name", "")), str(source.get("container", ""))
            text = f"{resource} {'container resource' if container else 'resource'}"
            percent = goal.get("averageUtilization")
            average = _amount(goal, "averageValue") if percent is None else 0
            try:
                usage = self.metrics.per_pod(self.view, metric, pods)
                replicas.measured(usage, resource)
                if percent is None:
                    count = replicas.by_average(now, current, average, usage, pods, self.tolerance, resource)
                    return count, f"{resource} resource"
                asked = partial(replicas.requested, pods, resource, container)
                count = replicas.by_utilization(
                    now, current, int(percent), usage, pods, asked, self.tolerance, resource
                )
            except MetricError as error:
                what = "usage" if percent is None else "utilization"
                reason = "FailedGetContainerResourceMetric" if container else "FailedGetResourceMetric"
                raise MetricError(reason, f"failed to get {resource} {what}: {error.message}") from None
            return count, f"{text} utilization (percentage of request)"
        name = str((source.get("metric") or {}).get("name", ""))
        if kind == "Pods":
            usage = self.metrics.per_pod(self.view, metric, pods)
            average = _amount(goal, "averageValue")
            return replicas.by_average(now, current, average, usage, pods, self.tolerance, ""), f"pods metric {name}"
        if kind not in {"Object", "External"}:
            raise MetricError("InvalidMetricSourceType", f'unknown metric source type "{kind}"')
        value = self.metrics.value(self.view, metric)
        if value is None:
            raise MetricError(f"FailedGet{kind}Metric", f"unable to get metric {name}")
        text = f"external metric {name}" if kind == "External" else f"{kind.lower()} metric {name}"
        if goal.get("averageValue") is not None:
            return replicas.by_share(shown, value, _amount(goal, "averageValue"), self.tolerance), text
        return replicas.by_value(current, value, _amount(goal, "value"), pods, self.tolerance), text

    def _set(self, kind: str, status: str, reason: str, message: str) -> None:
        old = next((item for item in self.conditions if item.type == kind), None)
        since = old.last_transition_time if old is not None and old.status == status else self.view.now
        new = Condition(type=kind, status=status, reason=reason, message=message, last_transition_time=since)
        if old is None:
            self.conditions = (*self.conditions, new)
        else:
            self.conditions = tuple(new if item is old else item for item in self.conditions)

    def _remember(self, name: str, count: int) -> None:
        periods = [period for rules in (self.up, self.down) for _, _, period in rules.policies]
        longest = max(self.up.window, self.down.window, *periods, hpa_rules.DOWN_WINDOW)
        oldest = after(self.view.now, -longest).timestamp()
        kept = [pair for pair in self.events.get(name, []) if pair[0] >= oldest]
        self.events[name] = [*kept, [self.view.now.timestamp(), float(count)]]

    def _store(self, status: HpaStatus, *, moved: bool = False) -> Iterator[Action]:
        recommended = {pair[1] for pair in self.events.get("recommended", [])}
        calm = not moved and len(recommended) <= 1
        self.events["looked"] = [[self.view.now.timestamp(), float(calm)]]
        annotations = {**self.item.metadata.annotations, HISTORY: msgspec.json.encode(self.events).decode()}
        changed = replace(
            self.item,
            metadata=replace(self.item.metadata, annotations=annotations),
            status=replace(status, conditions=self.conditions),
        )
        yield Update(changed, "horizontalpodautoscaler: status")


def _with_first(kept: _Kept, current: int) -> _Kept:
    past = hpa_rules.Past(((0.0, current),), kept.past.added, kept.past.taken)
    return _Kept(kept.events, past, kept.since, kept.calm)


def _share(amount: object) -> float:
    """A tolerance that the behaviour gives as a quantity."""
    if isinstance(amount, (str, int, float)):
        try:
            return milli(amount) / 1000
        except QuantityError:
            pass
    return Tolerance().up


def _amount(goal: Mapping[str, Any], key: str) -> int:
    try:
        found = milli(goal[key])
    except (KeyError, QuantityError):
        found = 0
    if found <= 0:
        raise MetricError("InvalidMetricSourceType", f"no target {key}")
    return found
