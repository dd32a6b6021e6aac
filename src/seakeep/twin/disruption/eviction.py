"""The eviction API: whether a pod may go, and its graceful end. Source: pkg/registry/core/pod/storage/eviction.go."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import Condition, Pod, PodDisruptionBudget
from seakeep.model.objects.workloads import PdbStatus
from seakeep.model.refs import Ref
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.conditions import with_condition
from seakeep.twin.controllers.disruption import ALLOWED
from seakeep.twin.controllers.disruption import with_condition as with_allowed
from seakeep.twin.state import State
from seakeep.twin.world import Twin

# More evictions than the disruption controller has confirmed.
_MOST_DISRUPTED = 2000
# Seconds until a client had better ask again.
_LATER = 10
_VIOLATES = "Cannot evict pod as it would violate the pod's disruption budget."
_SEVERAL = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
_TARGET = Condition(
    type="DisruptionTarget", status="True", reason="EvictionByEvictionAPI", message="Eviction API: evicting"
)


def evict(twin: Twin, ref: Ref, *, grace: int | None = None, dry_run: bool = False, uid: str = "") -> None:
    """Evictions count at once: the budget of one is less by it before the next. `uid` is the precondition of that name.

    Raises RejectedError (404, 403, 409, 429 or 500), with the budget's words in `causes`.
    """
    pod = twin.state.get(Pod, ref.namespace, ref.name)
    if pod is None:
        raise RejectedError(404, f'pods "{ref.name}" not found')
    is_another = bool(uid) and uid != pod.metadata.uid
    if not ignores_budgets(pod):
        pdb = budget_of(twin.state, pod)
        if pdb is not None and _unhealthy_may_go(pdb, pod):
            if is_another:
                # Any conflict here is taken for one with a pod that has just become ready.
                raise _unprocessed(pdb)
        elif pdb is not None:
            status = decremented(pdb, pod, twin.now)
            if not dry_run:
                twin.record(replace(pdb, status=status), f"eviction: of pod {ref.name}")
    if is_another:
        # The budget is charged all the same, until the disruption controller finds that the pod stays.
        raise _another(pod, uid)
    if dry_run:
        return
    twin.end(with_condition(pod, _TARGET, twin.now), "eviction: EvictionByEvictionAPI", "eviction", grace=grace)


def ignores_budgets(pod: Pod) -> bool:
    """Ended, not yet running, or ending already: its going disrupts nothing more."""
    return pod.status.phase in {"Succeeded", "Failed", "Pending", ""} or pod.metadata.deletion_timestamp is not None


def budget_of(state: State, pod: Pod) -> PodDisruptionBudget | None:
    """The one budget that picks the pod. Raises RejectedError where there are several."""
    found = state.picking(PodDisruptionBudget, pod.metadata.namespace, pod.metadata.labels)
    if len(found) > 1:
        raise RejectedError(500, _SEVERAL)
    return found[0] if found else None


def _unhealthy_may_go(pdb: PodDisruptionBudget, pod: Pod) -> bool:
    """A pod that is not ready does not count as healthy, so that its going takes nothing from the budget."""
    if is_ready(pod):
        return False
    if pdb.spec.unhealthy_pod_eviction_policy == "AlwaysAllow":
        return True
    return 0 < pdb.status.desired_healthy <= pdb.status.current_healthy


def decremented(pdb: PodDisruptionBudget, pod: Pod, now: datetime) -> PdbStatus:
    """`checkAndDecrement`: the status after one more eviction. Raises RejectedError where the budget allows none."""
    status = pdb.status
    if status.observed_generation < pdb.metadata.generation:
        raise _unprocessed(pdb)
    if status.disruptions_allowed < 0:
        raise _forbidden(pdb, "pdb disruptions allowed is negative", "pdb disruptions allowed is negative")
    if len(status.disrupted_pods) > _MOST_DISRUPTED:
        raise _forbidden(
            pdb,
            "DisruptedPods map too big - too many evictions not confirmed by PDB controller",
            "too many pending evictions not confirmed by PDB controller",
        )
    if status.disruptions_allowed == 0:
        raise RejectedError(429, _VIOLATES, (_why(pdb),))
    status = replace(
        status,
        disruptions_allowed=status.disruptions_allowed - 1,
        disrupted_pods={**status.disrupted_pods, pod.name: now},
    )
    return status if status.disruptions_allowed else with_allowed(status, now)


def _unprocessed(pdb: PodDisruptionBudget) -> RejectedError:
    cause = f"The disruption budget {pdb.name} is still being processed by the server."
    return RejectedError(429, _VIOLATES, (cause,), retry_after=_LATER)


def _another(pod: Pod, uid: str) -> RejectedError:
    return RejectedError(
        409,
        f'Operation cannot be fulfilled on Pod "{pod.name}": the UID in the precondition ({uid}) does not match '
        f"the UID in record ({pod.metadata.uid}). The object might have been deleted and then recreated",
    )


def _forbidden(pdb: PodDisruptionBudget, text: str, cause: str) -> RejectedError:
    return RejectedError(
        403,
        f'poddisruptionbudget.policy "{pdb.name}" is forbidden: {text}',
        (f"The disruption budget {pdb.name} does not allow evicting pods currently: {cause}",),
    )


def _why(pdb: PodDisruptionBudget) -> str:
    status = pdb.status
    condition = next((item for item in status.conditions if item.type == ALLOWED), None)
    told = condition if condition is not None and condition.status == "False" and condition.message else None
    if told is not None and told.reason == "SyncFailed":
        return (
            f"The disruption budget {pdb.name} does not allow evicting pods currently because it failed sync: "
            f"{told.message}"
        )
    if status.current_healthy <= status.desired_healthy:
        return (
            f"The disruption budget {pdb.name} needs {status.desired_healthy} healthy pods "
            f"and has {status.current_healthy} currently"
        )
    if told is not None:
        return (
            f"The disruption budget {pdb.name} does not allow evicting pods currently ({told.reason}): {told.message}"
        )
    return f"The disruption budget {pdb.name} does not allow evicting pods currently"
