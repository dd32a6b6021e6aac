"""What comes to no good end though everything is at rest: roll-outs, and Jobs that have failed for good."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from seakeep.facts.workloads.behind import behind
from seakeep.facts.workloads.kstatus import health
from seakeep.model.commands import Condition
from seakeep.model.objects import DaemonSet, Deployment, Job, StatefulSet, Workload
from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Refusal
from seakeep.twin.labels import compile_selector
from seakeep.twin.observed import Observed

_KINDS = (Deployment, StatefulSet, DaemonSet)
ROLLED = frozenset(kind.__name__ for kind in _KINDS)


def unfinished(twin: Observed, changed: Callable[[Ref], bool], told: Collection[Ref]) -> Iterator[Refusal]:
    """Of the workloads that were `changed`, those that are not as wished and never will be; not those of which the reason is `told` already. What is still under way is not judged."""
    if twin.busy:
        return
    for kind in _KINDS:
        for item in twin.state.all(kind):
            if not changed(item.ref) or item.ref in told or _waits_for_a_person(item):
                continue
            found = health(item)
            if found.status in {Condition.IN_PROGRESS, Condition.FAILED}:
                pods = twin.state.pods_picked(item.namespace, compile_selector(item.spec.selector))
                why = ": ".join(filter(None, (found.message.rstrip("."), behind(pods))))
                yield Refusal("blocked", item.ref, f"its roll-out does not finish: {why}")


def failed_jobs(twin: Observed) -> dict[Ref, Refusal]:
    """Jobs whose work nobody does again, in the words of their Failed condition."""
    found = {}
    for item in twin.state.all(Job):
        told = next((each for each in item.status.conditions if each.type == "Failed" and each.status == "True"), None)
        if told is not None:
            why = ": ".join(filter(None, (told.reason, told.message)))
            found[item.ref] = Refusal("failed", item.ref, f"{why}; its work is not done again")
    return found


def _waits_for_a_person(item: Workload) -> bool:
    """Paused, or to be replaced when somebody deletes its pods."""
    if isinstance(item, StatefulSet | DaemonSet):
        return item.spec.update_strategy is not None and item.spec.update_strategy.type == "OnDelete"
    return isinstance(item, Deployment) and bool(item.spec.paused)
