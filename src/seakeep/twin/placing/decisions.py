"""What the scheduler decides of one pod, and what it then writes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from seakeep.model.objects import Condition, Pod
from seakeep.twin.actions import Action, Delete, Update
from seakeep.twin.conditions import with_condition
from seakeep.twin.placing.alike import UNSCHEDULABLE
from seakeep.twin.scheduler.nominations import priority
from seakeep.twin.scheduler.preemption import BY_SCHEDULER, TARGET, Outcome


class Decision(Struct, frozen=True, gc=False):
    """A pod and its node, or ("") the message on why there is none and what preemption came to. `demoted` lose their nomination to the pod's new node."""

    pod: Pod
    node: str
    why: str
    outcome: Outcome | None = None
    demoted: tuple[Pod, ...] = ()


def bound(pod: Pod, node: str, now: datetime) -> Pod:
    """As the API server binds it (registry/core/pod `assignPod`): the nomination has served."""
    scheduled = with_condition(pod, Condition(type="PodScheduled", status="True"), now)
    status = replace(scheduled.status, nominated_node_name="")
    return replace(scheduled, spec=replace(pod.spec, node_name=node), status=status)


def unplaced(decision: Decision, now: datetime) -> Iterator[Action]:
    """What follows where there is no node: the condition and the nomination of the pod; lower nominations are cleared and the victims end."""
    pod, outcome = decision.pod, decision.outcome
    condition = replace(UNSCHEDULABLE, message=decision.why)
    waiting = with_condition(pod, condition, now)
    nominate = outcome.nominate if outcome else None
    node = pod.status.nominated_node_name if nominate is None else nominate
    status = replace(waiting.status, phase="Pending", nominated_node_name=node)
    rule = f"scheduler: {decision.why}"
    if outcome and outcome.victims:
        rule = f"DefaultPreemption: nominated to {node}, {outcome.rule}; {rule}"
    yield Update(replace(waiting, status=status), rule)
    name, own = f"{pod.namespace}/{pod.name}", priority(pod)
    for item in decision.demoted:
        freed = replace(item, status=replace(item.status, nominated_node_name=""))
        yield Update(freed, f"DefaultPreemption: {node} is for {name} now, of higher priority ({own})")
    text = f"{pod.spec.scheduler_name}: preempting to accommodate a higher priority pod"
    target = Condition(type=TARGET, status="True", reason=BY_SCHEDULER, message=text)
    for victim in outcome.victims if outcome else ():
        if victim.metadata.deletion_timestamp is None:
            why = f"DefaultPreemption: makes room on {node} for {name} of higher priority ({priority(victim)} < {own})"
            yield Update(with_condition(victim, target, now), why)
            yield Delete(victim.ref, why)
