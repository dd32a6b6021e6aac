"""Deployments, ReplicaSets and DaemonSets. Source: pkg/apis/apps/validation, pkg/registry/apps/*/strategy.go."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects import DaemonSet, Deployment, Workload
from seakeep.model.objects.workloads import RollingUpdate, Strategy
from seakeep.twin.admission.rules import percents
from seakeep.twin.admission.rules.words import IMMUTABLE, below_zero, forbidden, invalid, required, unsupported

_PATH = "spec.strategy"
_OF_DAEMONS = "spec.updateStrategy"


def selector_change(new: Workload, old: Workload | None) -> Iterator[str]:
    """A source that shows no selector shows little else of it."""
    before = old.spec.selector if old is not None else None
    if before is not None and new.spec.selector != before:
        yield invalid("spec.selector", new.spec.selector, IMMUTABLE)


def after_template(item: Workload) -> Iterator[str]:
    """What is looked at once the template has been."""
    if isinstance(item, Deployment):
        yield from _strategy(item.spec.strategy or Strategy())
    if isinstance(item, Deployment | DaemonSet):
        yield from below_zero("spec.minReadySeconds", item.spec.min_ready_seconds)
    if isinstance(item, DaemonSet):
        yield from _daemon_strategy(item.spec.update_strategy or Strategy())
    if isinstance(item, Deployment | DaemonSet):
        yield from below_zero("spec.revisionHistoryLimit", item.spec.revision_history_limit)
    if isinstance(item, Deployment):
        deadline = item.spec.progress_deadline_seconds
        yield from below_zero("spec.progressDeadlineSeconds", deadline)
        if deadline <= item.spec.min_ready_seconds:
            yield invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")


def _strategy(item: Strategy) -> Iterator[str]:
    rolling = item.rolling_update
    if item.type == "Recreate":
        if rolling is not None:
            yield forbidden(f"{_PATH}.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")
    elif item.type != "RollingUpdate":
        yield unsupported(_PATH, _shown(item), ("Recreate", "RollingUpdate"))
    elif rolling is not None:
        unavailable, surge = f"{_PATH}.rollingUpdate.maxUnavailable", f"{_PATH}.rollingUpdate.maxSurge"
        yield from percents.errors(rolling.max_unavailable, unavailable)
        yield from percents.errors(rolling.max_surge, surge)
        if not percents.number(rolling.max_unavailable) and not percents.number(rolling.max_surge):
            yield invalid(unavailable, rolling.max_unavailable, "may not be 0 when `maxSurge` is 0")
        yield from percents.above_all(rolling.max_unavailable, unavailable)


def _daemon_strategy(item: Strategy) -> Iterator[str]:
    if item.type == "OnDelete":
        return
    if item.type != "RollingUpdate":
        yield unsupported(_OF_DAEMONS, _shown(item), ("RollingUpdate", "OnDelete"))
        return
    rolling = item.rolling_update or RollingUpdate()
    both = (
        (rolling.max_unavailable, f"{_OF_DAEMONS}.rollingUpdate.maxUnavailable"),
        (rolling.max_surge, f"{_OF_DAEMONS}.rollingUpdate.maxSurge"),
    )
    for value, path in both:
        yield from percents.errors(value, path)
    for value, path in both:
        yield from percents.above_all(value, path)
    some = [percents.number(value) != 0 for value, _ in both]
    if all(some):
        yield invalid(both[1][1], rolling.max_surge, "may not be set when maxUnavailable is non-zero")
    elif not any(some):
        yield required(both[0][1], "cannot be 0 when maxSurge is 0")


def _shown(item: Strategy) -> dict[str, object]:
    """As the server holds it."""
    own = item.rolling_update
    rolling = None if own is None else {"MaxUnavailable": own.max_unavailable, "MaxSurge": own.max_surge}
    return {"Type": item.type, "RollingUpdate": rolling}
