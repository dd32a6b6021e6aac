"""One look of a kubelet at a pod that is to run: its containers' turns, in order, and the status that follows. Source: pkg/kubelet (`syncPod`, kuberuntime `computePodActions`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import condition, is_sidecar
from seakeep.model.objects import Container, ContainerStatus, Pod
from seakeep.model.objects.pods import PodStatus
from seakeep.twin.actions import Action, Update, Wait
from seakeep.twin.controller import View
from seakeep.twin.kubelet.attachment import claims_of, has_begun, withheld
from seakeep.twin.kubelet.containers import Fate, Turn, begun, killed_after, ready_after, refused, turn
from seakeep.twin.kubelet.dependencies import Needs, answers
from seakeep.twin.kubelet.faults import Fault, Faults, no_faults, root_of
from seakeep.twin.kubelet.measured import Memory, exceeds
from seakeep.twin.kubelet.missing import missing
from seakeep.twin.kubelet.statuses import address_of, with_kubelet_condition
from seakeep.twin.moments import after
from seakeep.twin.state import controller_of

# A pod, its fault, and whether all that its workload needs answers.
_Seen = tuple[Pod, Fault | None, bool]


def _is_as_seen(known: object, now: _Seen) -> bool:
    """After a look of which nothing came and after which nothing is due, only another pod, fault or answer makes a difference."""
    if known is None:
        return False
    pod, *rest = cast("_Seen", known)
    return pod is now[0] and rest == [*now[1:]]


def is_of_job(pod: Pod) -> bool:
    """It runs until it is done."""
    owner = controller_of(pod)
    return owner is not None and owner.kind == "Job" and pod.spec.restart_policy != "Always"


class Life:
    """One look at a pod that is to run. One that `lasts` does not come to an end by itself, though it is a Job's."""

    def __init__(
        self, faults: Faults, needs: Needs, memory: Memory, view: View, pod: Pod, *, lasts: bool = False
    ) -> None:
        self.faults, self.needs, self.memory = faults, needs, memory
        self.view, self.pod, self.lasts = view, pod, lasts
        self.known = {item.name: item for item in (*pod.status.init_container_statuses, *pod.status.container_statuses)}
        self.waits: list[tuple[float, bool]] = []
        self._fault: Fault | None = None
        self._has_answers: bool | None = None

    def run(self) -> Iterator[Action]:
        pod, view = self.pod, self.view
        steady = self._is_steady()
        if steady and self.faults is no_faults:
            return
        if not self.known and pod.status.phase != "Running":
            bound = next((c.last_transition_time for c in pod.status.conditions if c.type == "PodScheduled"), None)
            # A pod whose binding was not shown has been bound for long.
            left = (after(bound, view.settings.pod_start) - view.now).total_seconds() if bound else 0.0
            if left > 0:
                yield Wait(pod.ref, left)
                return
        self._fault = self.faults(view, pod) or self._unmade()
        if self._fault is not None and self._waits_for_others():
            self._fault = None
        if (steady and self._fault is None) or (self._fault is not None and self._shown_as_is()):
            return
        seen = (pod, self._fault, not self.needs or self._answered())
        if _is_as_seen(view.state.note((Life, pod.ref)), seen):
            return
        inits, passed = self._inits()
        mains = [self._main(item) if passed else self._status(item) for item in pod.spec.containers]
        status = self._result(inits, mains, passed=passed)
        if status != pod.status:
            yield Update(replace(pod, status=status), f"kubelet: {_what(pod.status, status)}")
        elif not self.waits:
            view.state.remember((Life, pod.ref), seen)
        for seconds, idle in self.waits:
            yield Wait(pod.ref, seconds, idle)

    def _unmade(self) -> Fault | None:
        """What keeps the containers of a pod that has not begun from being made."""
        pod, state = self.pod, self.view.state
        if has_begun(pod):
            return None
        told = withheld(state, pod) if claims_of(pod.spec) else ""
        return Fault(pod.spec.containers[0].name, "ContainerCreating", told) if told else missing(state, pod)

    def _is_steady(self) -> bool:
        """Ready, and nothing can change that: most pods, most of the time."""
        pod = self.pod
        if condition(pod, "Ready") != "True" or pod.status.phase != "Running":
            return False
        if pod.spec.restart_policy != "Always" or any(self._exceeds(item) for item in pod.spec.containers):
            return False
        return not self.needs or self._answered()

    def _waits_for_others(self) -> bool:
        """An init container that ran without end waited for the Services that the workload needs, and they answer now."""
        fault = self._fault
        if fault is None or fault.reason or all(item.name != fault.container for item in self.pod.spec.init_containers):
            return False
        return bool(self.needs.get(root_of(self.view.state, self.pod))) and self._answered()

    def _shown_as_is(self) -> bool:
        """A table shows no container statuses: the pod stays as it was seen."""
        return not self.known and self.pod.status.phase == "Running"

    def _status(self, container: Container) -> ContainerStatus:
        return self.known.get(container.name) or begun(container, self.pod)

    def _inits(self) -> tuple[list[ContainerStatus], bool]:
        """In order, each after the one before has succeeded; sidecars run on."""
        found: list[ContainerStatus] = []
        passed = True
        for item in self.pod.spec.init_containers:
            status = self._status(item)
            if not passed:
                found.append(status)
                continue
            ended = status.state.terminated
            if ended is not None and ended.exit_code == 0 and not is_sidecar(item):
                found.append(replace(status, ready=True))
                continue
            fate = self._fate(item)
            if fate is None and self._fault is not None:
                now = refused(status, self._fault)
            elif is_sidecar(item):
                now = turn(self.view.now, self.pod, item, status, fate or Fate(), 0.0)
            else:
                lasts = self._fault is not None and self._fault.container == item.name
                once = fate if fate and (fate.exit_code or lasts) else Fate(self.view.settings.init_run, ready=False)
                now = turn(self.view.now, self.pod, self._once(item), status, once, 0.0)
            self._note(now)
            found.append(now.status)
            done = now.status.state.terminated
            passed = (
                now.status.state.running is not None if is_sidecar(item) else done is not None and not done.exit_code
            )
            if passed and done is not None:
                self.waits.pop() if now.wait is not None else None
        return found, passed

    def _once(self, item: Container) -> Container:
        """An init container is not run again after it has succeeded."""
        policy = "OnFailure" if self.pod.spec.restart_policy == "Always" else self.pod.spec.restart_policy
        return replace(item, restart_policy=item.restart_policy or policy)

    def _main(self, container: Container) -> ContainerStatus:
        status = self._status(container)
        fate = self._fate(container)
        if fate is None and self._fault is not None:
            now = refused(status, self._fault)
        else:
            now = turn(self.view.now, self.pod, container, status, fate or Fate(), ready_after(self.view.settings, container))  # fmt: skip
        self._note(now)
        return now.status

    def _note(self, now: Turn) -> None:
        if now.wait is not None:
            self.waits.append((now.wait, now.idle))

    def _fate(self, container: Container) -> Fate | None:
        """None: it never starts."""
        fault, settings = self._fault, self.view.settings
        first = self.pod.spec.containers[0].name if self.pod.spec.containers else ""
        if fault is not None and container.name == (fault.container or first):
            if fault.crashes:
                return Fate(fault.lives, fault.exit_code, fault.exit_reason, fault.exit_message)
            if fault.reason:
                return None
            killed = killed_after(settings, container, answers=False)
            return Fate(killed, 137, "Error", ready=False) if killed is not None else Fate(ready=False)
        if self._exceeds(container):
            return Fate(settings.app_start, 137, "OOMKilled", ready=False)
        if not self.lasts and is_of_job(self.pod):
            return Fate(settings.job_run)
        killed = killed_after(settings, container, answers=True)
        if killed is not None:
            return Fate(killed, 137, "Error", ready=False)
        return Fate(ready=not self.needs or self._answered())

    def _answered(self) -> bool:
        """By every Service that the workload needs."""
        if self._has_answers is None:
            state, needs = self.view.state, self.needs
            root = root_of(state, self.pod)
            wanted = needs.get(root)
            self._has_answers = not wanted or all(answers(state, needs, root, item) for item in wanted)
        return self._has_answers

    def _exceeds(self, container: Container) -> bool:
        return exceeds(self.memory, self.view.state, self.pod, container)

    def _result(self, inits: list[ContainerStatus], mains: list[ContainerStatus], *, passed: bool) -> PodStatus:
        pod, view = self.pod, self.view
        ended = [item.state.terminated for item in mains]
        started = any(item.state.running or item.state.terminated or item.restart_count for item in mains)
        phase, reason = "Running" if passed and started else "Pending", ""
        failed_init = next((s.state.terminated for s in inits if s.state.terminated and s.state.terminated.exit_code), None)  # fmt: skip
        if failed_init is not None and pod.spec.restart_policy == "Never":
            phase, reason = "Failed", "PodFailed"
        elif mains and all(item is not None for item in ended):
            bad = any(item is not None and item.exit_code for item in ended)
            phase, reason = ("Failed", "PodFailed") if bad else ("Succeeded", "PodCompleted")
        conditions = with_kubelet_condition(
            view.now, pod.status.conditions, "Initialized", done=passed,
            reason="ContainersNotInitialized",
            message=f"containers with incomplete status: [{' '.join(s.name for s in inits if not s.ready)}]",
        )  # fmt: skip
        ready = passed and bool(mains) and all(item.ready for item in mains)
        text = f"containers with unready status: [{' '.join(item.name for item in mains if not item.ready)}]"
        for kind in ("Ready", "ContainersReady"):
            conditions = with_kubelet_condition(
                view.now, conditions, kind, done=ready and not reason,
                reason=reason or "ContainersNotReady", message="" if reason else text,
            )  # fmt: skip
        return replace(
            pod.status,
            phase=phase,
            start_time=pod.status.start_time or view.now,
            init_container_statuses=tuple(inits),
            container_statuses=tuple(mains),
            conditions=conditions,
            pod_ip=pod.status.pod_ip or (address_of(view.state, pod) if started or inits else ""),
        )


def _what(old: PodStatus, new: PodStatus) -> str:
    if new.phase != old.phase and new.phase in {"Succeeded", "Failed"}:
        return f"the pod has {new.phase.lower()}"
    for item in (*new.init_container_statuses, *new.container_statuses):
        if item.state.waiting and item.state.waiting.reason not in {"PodInitializing", "ContainerCreating"}:
            return f"{item.name}: {item.state.waiting.reason}"
    ready = all(item.ready for item in new.container_statuses)
    return "containers are ready" if ready else "containers have started" if new.phase == "Running" else "starting"
