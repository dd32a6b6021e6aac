"""What kubelets do with the pods of their nodes: start them, make them ready, restart and end them. A lost node's kubelet does nothing. Source: pkg/kubelet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from itertools import pairwise
from typing import ClassVar, cast
from zlib import crc32

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import condition, is_ended, is_ready, is_sidecar
from seakeep.model.objects import Condition, ConfigMap, Container, ContainerStatus, KubeObject, Node, Pod, Secret
from seakeep.model.objects.pods import ContainerState, PodSpec, PodStatus, Terminated
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Delete, Update, Wait
from seakeep.twin.changes import ALL, GONE, MADE, METADATA, READY, SPEC
from seakeep.twin.controller import Concerns, View
from seakeep.twin.ending import asked_at
from seakeep.twin.kubelet.blame import Blames
from seakeep.twin.kubelet.bounds import past_deadline, time_left, turned_away
from seakeep.twin.kubelet.containers import Fate, Turn, begun, killed_after, ready_after, refused, turn
from seakeep.twin.kubelet.dependencies import Needs, answers, consumers
from seakeep.twin.kubelet.faults import Fault, Faults, Recorded, no_faults, root_of
from seakeep.twin.kubelet.measured import limit_of
from seakeep.twin.memo import by_identity
from seakeep.twin.moments import after
from seakeep.twin.state import State, controller_of

# kubelet's default where the pod does not say: `terminationGracePeriodSeconds` 30.
_GRACE = 30.0
_POD_NETWORK = IPv4Network("100.64.0.0/10")
# Of a node's range: its own address, the gateway's and the last.
_RESERVED = 3
_WATCHED = frozenset({"ConfigMap", "Node", "Pod", "Secret"})
# What decides whether a call gets through.
_ON_THE_WAY = frozenset({"EndpointSlice", "NetworkPolicy", "Service"})
# Bytes of memory that a container uses, where that is declared.
Memory = Callable[[State, Pod, Container], int | None]


def unknown_memory(state: State, pod: Pod, container: Container) -> int | None:
    """Nothing is declared."""
    del state, pod, container
    return None


@dataclass(frozen=True, slots=True)
class Kubelet:
    """A kubelet that was lost in the twin (`State.silent`) does nothing from that moment on; one that the snapshot shows as lost has a Ready condition that is not True.

    `faults` tells what goes wrong in a pod, `needs` which Services a workload must reach to be ready, `memory` what a container is known to use.
    """

    faults: Faults = no_faults
    needs: Needs = field(default_factory=dict)
    memory: Memory = unknown_memory
    name: str = "kubelet"
    # Not a node's cordon and taints, and no pod that is gone.
    minds: ClassVar[Mapping[str, int]] = {"Node": ALL & ~SPEC, "Pod": ALL & ~GONE}
    forgets: bool = True

    @property
    def watches(self) -> frozenset[str]:
        blames = self.faults.blames if isinstance(self.faults, Recorded) else Blames()
        return _WATCHED | _ON_THE_WAY | {ref.kind for ref in blames.by_culprit} if blames else _WATCHED

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        blames: Blames | None = self.faults.blames if isinstance(self.faults, Recorded) else None
        if not blames and isinstance(item, Pod):
            return (item.ref,) if _runs(item) else ()
        return self._concerned(state, item, blames)

    @property
    def further(self) -> Sequence[tuple[int, Concerns]]:
        """Pods that wait for others to be ready."""
        return ((METADATA | READY, self._consumers), (MADE | GONE, self._closed)) if self.needs else ()

    def _consumers(self, state: State, item: KubeObject) -> Iterable[Ref]:
        return consumers(state, self.needs, item) if isinstance(item, Pod) else ()

    def _closed(self, state: State, item: KubeObject) -> Iterable[Ref]:
        """A pod that is not ready and comes or goes can only close or open a circle of needs (see `answers`): one of a workload without needs is in none."""
        if isinstance(item, Pod) and (is_ready(item) or root_of(state, item) in self.needs):
            return consumers(state, self.needs, item)
        return ()

    def _concerned(self, state: State, item: KubeObject, blames: Blames | None) -> list[Ref]:
        found = list(_blamed(state, item, blames)) if blames else []
        if isinstance(item, Pod):
            if _runs(item):
                found.append(item.ref)
        elif isinstance(item, Node):
            found.extend(pod.ref for pod in state.pods_on(item.name))
        elif isinstance(item, (ConfigMap, Secret)):
            # A container that could not be made, or ends again and again, may work with what has changed.
            pods = state.within(Pod, item.namespace)
            found.extend(pod.ref for pod in pods if pod.spec.node_name and condition(pod, "Ready") != "True")
        return found

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        pod = view.state.get(Pod, ref.namespace, ref.name)
        if pod is None or not pod.spec.node_name:
            return ()
        node = view.state.get(Node, "", pod.spec.node_name)
        if node is None or pod.spec.node_name in view.state.silent or not is_up(node):
            return ()
        if pod.metadata.deletion_timestamp is not None:
            return _ending(view, ref, pod)
        return self._living(view, pod, node) if not is_ended(pod) else ()

    def _living(self, view: View, pod: Pod, node: Node) -> Iterator[Action]:
        left = time_left(pod, view.now) if pod.spec.active_deadline_seconds is not None else None
        away = turned_away(view.state, pod, node) if pod.status.start_time is None else None
        if left is not None and left <= 0:
            yield Update(replace(pod, status=past_deadline(_stopped(view, pod))), "kubelet: DeadlineExceeded")
        elif away is not None:
            yield Update(replace(pod, status=away), f"kubelet: {away.reason}")
        elif not self._rests(view, pod):
            yield from _Life(self, view, pod).run()
        if left is not None and left > 0:
            yield Wait(pod.ref, left, idle=True)

    def _rests(self, view: View, pod: Pod) -> bool:
        """Most pods, most of the time: ready, with nothing known that could change it."""
        if pod.status.phase != "Running" or condition(pod, "Ready") != "True" or pod.spec.restart_policy != "Always":
            return False
        known = self.faults.known if isinstance(self.faults, Recorded) else None
        if known is None and self.faults is not no_faults:
            return False
        if known or self.needs:
            root = root_of(view.state, pod)
            if root in self.needs or (known and root in known):
                return False
        return not any(_exceeds(self, view, pod, item) for item in pod.spec.containers)


def _runs(pod: Pod) -> bool:
    return bool(pod.spec.node_name) and not is_ended(pod)


def _blamed(state: State, item: KubeObject, blames: Blames) -> Iterator[Ref]:
    """Pods whose fault may have gone: its culprit changed, or the way to what they call."""
    workloads = blames if item.kind in _ON_THE_WAY else blames.by_culprit.get(item.ref, ())
    if not workloads:
        return
    for space in sorted({workload.namespace for workload in workloads}):
        for pod in state.within(Pod, space):
            if condition(pod, "Ready") != "True" and root_of(state, pod) in workloads:
                yield pod.ref


@by_identity
def is_up(node: Node) -> bool:
    """The kubelet reports, and says that the node is ready; a node that was read without conditions counts as up."""
    ready = next((item.status for item in node.status.conditions if item.type == "Ready"), "True")
    return ready == "True"


def _ending(view: View, ref: Ref, pod: Pod) -> tuple[Action, ...]:
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
    return () if is_ended(pod) else (Update(replace(pod, status=_stopped(view, pod)), why),)


def _stopped(view: View, pod: Pod) -> PodStatus:
    ended = ContainerState(terminated=Terminated(exit_code=143, reason="Error", finished_at=view.now))
    statuses = tuple(
        replace(item, ready=False, state=ended) if item.state.running else item
        for item in pod.status.container_statuses
    )
    conditions = pod.status.conditions
    for kind in ("ContainersReady", "Ready"):
        conditions = _with(view, conditions, kind, done=False, reason="PodFailed")
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


def _exceeds(kubelet: Kubelet, view: View, pod: Pod, container: Container) -> bool:
    """Its memory is above its limit."""
    if kubelet.memory is unknown_memory or "memory" not in container.resources.limits:
        return False
    used, limit = kubelet.memory(view.state, pod, container), limit_of(container)
    return used is not None and limit is not None and used > limit


# A pod, its fault, and whether all that its workload needs answers.
_Seen = tuple[Pod, Fault | None, bool]


def _is_as_seen(known: object, now: _Seen) -> bool:
    """After a look of which nothing came and after which nothing is due, only another pod, fault or answer makes a difference."""
    if known is None:
        return False
    pod, *rest = cast("_Seen", known)
    return pod is now[0] and rest == [*now[1:]]


class _Life:
    """One look at a pod that is to run."""

    def __init__(self, kubelet: Kubelet, view: View, pod: Pod) -> None:
        self.kubelet, self.view, self.pod = kubelet, view, pod
        self.known = {item.name: item for item in (*pod.status.init_container_statuses, *pod.status.container_statuses)}
        self.waits: list[tuple[float, bool]] = []
        self._fault: Fault | None = None
        self._has_answers: bool | None = None

    def run(self) -> Iterator[Action]:
        pod, view = self.pod, self.view
        steady = self._is_steady()
        if steady and self.kubelet.faults is no_faults:
            return
        if not self.known and pod.status.phase != "Running":
            bound = next((c.last_transition_time for c in pod.status.conditions if c.type == "PodScheduled"), None)
            # A pod whose binding was not shown has been bound for long.
            left = (after(bound, view.settings.pod_start) - view.now).total_seconds() if bound else 0.0
            if left > 0:
                yield Wait(pod.ref, left)
                return
        self._fault = self.kubelet.faults(view, pod)
        if self._fault is not None and self._waits_for_others():
            self._fault = None
        if (steady and self._fault is None) or (self._fault is not None and self._shown_as_is()):
            return
        seen = (pod, self._fault, not self.kubelet.needs or self._answered())
        if _is_as_seen(view.state.note((Kubelet, pod.ref)), seen):
            return
        inits, passed = self._inits()
        mains = [self._main(item) if passed else self._status(item) for item in pod.spec.containers]
        status = self._result(inits, mains, passed=passed)
        if status != pod.status:
            yield Update(replace(pod, status=status), f"kubelet: {_what(pod.status, status)}")
        elif not self.waits:
            view.state.remember((Kubelet, pod.ref), seen)
        for seconds, idle in self.waits:
            yield Wait(pod.ref, seconds, idle)

    def _is_steady(self) -> bool:
        """Ready, and nothing can change that: most pods, most of the time."""
        pod = self.pod
        if condition(pod, "Ready") != "True" or pod.status.phase != "Running":
            return False
        if pod.spec.restart_policy != "Always" or any(self._exceeds(item) for item in pod.spec.containers):
            return False
        return not self.kubelet.needs or self._answered()

    def _waits_for_others(self) -> bool:
        """An init container that ran without end waited for the Services that the workload needs, and they answer now."""
        fault = self._fault
        if fault is None or fault.reason or all(item.name != fault.container for item in self.pod.spec.init_containers):
            return False
        root = root_of(self.view.state, self.pod)
        services = self.kubelet.needs.get(root, ())
        return bool(services) and all(answers(self.view.state, self.kubelet.needs, root, item) for item in services)

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
        owner = controller_of(self.pod)
        if owner is not None and owner.kind == "Job" and self.pod.spec.restart_policy != "Always":
            return Fate(settings.job_run)
        killed = killed_after(settings, container, answers=True)
        if killed is not None:
            return Fate(killed, 137, "Error", ready=False)
        return Fate(ready=not self.kubelet.needs or self._answered())

    def _answered(self) -> bool:
        """By every Service that the workload needs."""
        if self._has_answers is None:
            state, needs = self.view.state, self.kubelet.needs
            root = root_of(state, self.pod)
            wanted = needs.get(root)
            self._has_answers = not wanted or all(answers(state, needs, root, item) for item in wanted)
        return self._has_answers

    def _exceeds(self, container: Container) -> bool:
        return _exceeds(self.kubelet, self.view, self.pod, container)

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
        conditions = _with(
            view, pod.status.conditions, "Initialized", done=passed,
            reason="ContainersNotInitialized",
            message=f"containers with incomplete status: [{' '.join(s.name for s in inits if not s.ready)}]",
        )  # fmt: skip
        ready = passed and bool(mains) and all(item.ready for item in mains)
        text = f"containers with unready status: [{' '.join(item.name for item in mains if not item.ready)}]"
        for kind in ("Ready", "ContainersReady"):
            conditions = _with(
                view, conditions, kind, done=ready and not reason,
                reason=reason or "ContainersNotReady", message="" if reason else text,
            )  # fmt: skip
        return replace(
            pod.status,
            phase=phase,
            start_time=pod.status.start_time or view.now,
            init_container_statuses=tuple(inits),
            container_statuses=tuple(mains),
            conditions=conditions,
            pod_ip=pod.status.pod_ip or (_address(pod, view) if started or inits else ""),
        )


def _what(old: PodStatus, new: PodStatus) -> str:
    if new.phase != old.phase and new.phase in {"Succeeded", "Failed"}:
        return f"the pod has {new.phase.lower()}"
    for item in (*new.init_container_statuses, *new.container_statuses):
        if item.state.waiting and item.state.waiting.reason not in {"PodInitializing", "ContainerCreating"}:
            return f"{item.name}: {item.state.waiting.reason}"
    ready = all(item.ready for item in new.container_statuses)
    return "containers are ready" if ready else "containers have started" if new.phase == "Running" else "starting"


def _with(
    view: View, conditions: tuple[Condition, ...], kind: str, *, done: bool, reason: str = "", message: str = ""
) -> tuple[Condition, ...]:
    old = None
    for item in conditions:
        if item.type == kind:
            old = item
            break
    status = "True" if done else "False"
    # How long a start takes here is a guess: from this condition, rules would take it for measured (facts/probes/probe_actions.py).
    moved = None if kind == "ContainersReady" and done else view.now
    since = old.last_transition_time if old is not None and old.status == status else moved
    new = Condition(
        type=kind,
        status=status,
        reason="" if done else reason,
        message="" if done else message,
        last_transition_time=since,
    )
    if old is None:
        return (*conditions, new)
    return conditions if new == old else tuple([new if item is old else item for item in conditions])


def _address(pod: Pod, view: View) -> str:
    """The node's own with hostNetwork; else one of the node's podCIDR where its pods have theirs from there; else one of 100.64.0.0/10, since what a network plugin would give is not known, but is one of its own."""
    node = view.state.get(Node, "", pod.spec.node_name)
    if pod.spec.host_network:
        return next((item.address for item in node.status.addresses if item.type == "InternalIP"), "") if node else ""
    number = pod.metadata.uid.rpartition("-")[2]
    position = int(number) if number.isdigit() else crc32(f"{pod.namespace}/{pod.name}".encode())
    cidr = node.spec.pod_cidr if node is not None else ""
    own = _pod_cidr(cidr) if cidr else None
    if own is not None and own.num_addresses > _RESERVED:
        taken = {item.status.pod_ip for item in view.state.pods_on(pod.spec.node_name) if not item.spec.host_network}
        taken.discard("")
        if not taken or any(_lies_in(item, cidr) for item in taken):
            room = own.num_addresses - _RESERVED
            free = (str(own[2 + (position + step) % room]) for step in range(min(room, len(taken) + 1)))
            return next((item for item in free if item not in taken), "")
    return str(_POD_NETWORK[position % _POD_NETWORK.num_addresses])


@cache
def _pod_cidr(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=65_536)
def _lies_in(text: str, cidr: str) -> bool:
    """What is no address lies in no range."""
    network = _pod_cidr(cidr)
    try:
        return network is not None and ip_address(text) in network
    except ValueError:
        return False
