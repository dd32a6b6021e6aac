"""How a kubelet ends a pod. Source: pkg/kubelet (kuberuntime `killPodWithSyncResult`)."""

from __future__ import annotations

from itertools import pairwise

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import is_ended
from seakeep.model.objects import Container, Pod
from seakeep.model.objects.pods import ContainerState, PodSpec, PodStatus, Terminated
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Delete, Update, Wait
from seakeep.twin.controller import View
from seakeep.twin.ending import asked_at
from seakeep.twin.kubelet.statuses import with_kubelet_condition
from seakeep.twin.memo import by_identity
from seakeep.twin.moments import after

# kubelet's default where the pod does not say: `terminationGracePeriodSeconds` 30.
_GRACE = 30.0


def ending(view: View, ref: Ref, pod: Pod) -> tuple[Action, ...]:
    """preStop, SIGTERM, and at the end of the grace period SIGKILL."""
    asked = pod.metadata.deletion_grace_period_seconds
    needed = view.settings.app_stop + _longest_pre_stop(pod.spec)
    grace = min(needed, _GRACE if asked is None else float(asked))
    since = asked_at(pod.metadata) or view.now
    left = (after(since, grace) - view.now).total_seconds()
    if left > 0:
        return (Wait(ref, left),)
    why = "kubelet: containers have ended"
    if not pod.metadata.finalizers:
        return (Delete(ref, why, force=True),)
    return () if is_ended(pod) else (Update(replace(pod, status=stopped(view, pod)), why),)


def stopped(view: View, pod: Pod) -> PodStatus:
    ended = ContainerState(terminated=Terminated(exit_code=143, reason="Error", finished_at=view.now))
    statuses = tuple(
        replace(item, ready=False, state=ended) if item.state.running else item
        for item in pod.status.container_statuses
    )
    conditions = pod.status.conditions
    for kind in ("ContainersReady", "Ready"):
        conditions = with_kubelet_condition(view.now, conditions, kind, done=False, reason="PodFailed")
    return replace(pod.status, phase="Failed", container_statuses=statuses, conditions=conditions)


@by_identity
def _longest_pre_stop(spec: PodSpec) -> float:
    return max(map(_pre_stop, spec.containers), default=0.0)


def _pre_stop(container: Container) -> float:
    """Seconds that a preStop hook is known to take."""
    hook = container.lifecycle.pre_stop if container.lifecycle else None
    if hook is None:
        return 0.0
    if hook.sleep:
        return float(hook.sleep.get("seconds", 0))
    words = " ".join(hook.exec.command).split() if hook.exec else []
    for word, amount in pairwise(words):
        if word.rpartition("/")[2] == "sleep" and amount.rstrip(";s").isdecimal():
            return float(amount.rstrip(";s"))
    return 0.0
