"""What makes containers fail in the twin: a fault that the snapshot shows stays until something repairs its cause.

The cause counts as repaired for a pod whose template differs from that of the failing pods in what the fault depends on (image, command, environment, resources, probes,
volumes), once an object that the pod reads (ConfigMap, Secret, claim, service account) is no longer as it was, or once an object that the diagnosis blames is not, and what the pod could not
reach for it is reached. Otherwise new pods of the same owner fail the same way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from seakeep.facts.containers.image_users import image_user
from seakeep.facts.security.securing import demands_non_root, user_of
from seakeep.facts.workloads.podstate import containers, is_ended, is_ready
from seakeep.model.objects import Container, ContainerStatus, Event, Pod
from seakeep.model.objects.pods import PodSpec, SecurityContext, VolumeMount
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Snapshot
from seakeep.twin.controller import View
from seakeep.twin.kubelet.attachment import withheld
from seakeep.twin.kubelet.blame import Blame, Blames, content, is_mended
from seakeep.twin.state import State, controller_of


@dataclass(frozen=True, slots=True)
class Fault:
    """`reason` is the waiting reason. A container that `crashes` runs for `lives` seconds and ends with `exit_code`; one that does not crash never starts, or, without a reason, runs and is never ready."""

    container: str = ""
    reason: str = ""
    message: str = ""
    crashes: bool = False
    lives: float = 5.0
    exit_code: int = 1
    exit_reason: str = "Error"
    exit_message: str = ""


Faults = Callable[[View, Pod], Fault | None]

_IMAGE = ("image", "image_pull_policy")
_CONFIG = "CreateContainerConfigError"
# Seconds after which the kubelet takes a container for well: twice the longest back-off (pkg/kubelet, backOff.HasExpiredSince).
_RESET = 600.0
# SIGKILL, and SIGTERM that a program does not catch.
_KILLED = frozenset({137, 143})
# What a program is started with. Ports are words, and a hook that is added repairs nothing.
_PROGRAM = ("image", "command", "args", "working_dir", "env", "env_from")
_BY_REASON: dict[str, tuple[str, ...]] = {
    "ErrImagePull": _IMAGE,
    "ImagePullBackOff": _IMAGE,
    "ErrImageNeverPull": _IMAGE,
    "InvalidImageName": _IMAGE,
    # A ConfigMap, a Secret or a key that is not there; or, as told, root where none is allowed.
    _CONFIG: ("env", "env_from"),
}
# What the kubelet says of a user that may not be root (pkg/kubelet/kuberuntime/security_context.go `verifyRunAsNonRoot`).
_AS_ROOT = re.compile(r"runAsNonRoot|run as root|non-numeric user|non-root")
_STARTING = {"ContainerCreating", "PodInitializing", ""}
# A pod that has been starting for so long is stuck; before, it may be about to start.
_STUCK = timedelta(minutes=5)
_NO_GROUND = frozenset({"FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox", "FailedMapVolume"})


def no_faults(view: View, pod: Pod) -> Fault | None:
    """Everything that starts works."""
    del view, pod
    return None


class _Known(NamedTuple):
    fault: Fault
    pod: Pod
    probes: tuple[str, ...]
    signature: tuple[object, ...]


class Recorded:
    """The faults of a snapshot's pods, by workload and by what each depends on."""

    def __init__(self, snapshot: Snapshot, blames: Mapping[Ref, Blame] | None = None) -> None:
        self._before = State(snapshot.objects)
        self.blames = Blames(blames or {})
        self.known: dict[Ref, list[_Known]] = {}
        """By workload: one that is not among them has no faults."""
        for pod, fault in recorded(snapshot):
            if fault.reason == "ContainerCreating" and withheld(self._before, pod):
                continue  # goes when the volume is let go
            root = root_of(self._before, pod)
            probes = probes_behind(pod.spec, fault)
            signature = depends(pod.spec, fault, probes, pod.spec)
            self.known.setdefault(root, []).append(_Known(fault, pod, probes, signature))

    def __call__(self, view: View, pod: Pod) -> Fault | None:
        for known in self.known.get(root_of(view.state, pod), ()):
            same = depends(pod.spec, known.fault, known.probes, known.pod.spec) == known.signature
            if same and not self._repaired(view.state, known.pod) and not self._mended(view.state, pod):
                healthy = self._before.get(Pod, pod.namespace, pod.name)
                if healthy is None or healthy.metadata.uid != pod.metadata.uid or not is_ready(healthy):
                    return known.fault
        return None

    def _mended(self, state: State, pod: Pod) -> bool:
        blame = self.blames.get(root_of(state, pod))
        return blame is not None and is_mended(self._before, state, pod, blame)

    def _repaired(self, state: State, pod: Pod) -> bool:
        return any(content(state.find(ref)) != content(self._before.find(ref)) for ref in sorted(set(reads(pod))))


def recorded(snapshot: Snapshot) -> Iterator[tuple[Pod, Fault]]:
    """Every pod that shows a fault, with it."""
    ground = _ground_events(snapshot)
    for pod in snapshot.all(Pod):
        fault = fault_of(pod, snapshot, ground)
        if fault is not None:
            yield pod, fault


def root_of(state: State, pod: Pod) -> Ref:
    """The topmost controller of a pod that is known; the pod itself where it has none."""
    owner = controller_of(pod)
    return state.root(owner) if owner is not None else pod.ref


def probes_behind(spec: PodSpec, fault: Fault) -> tuple[str, ...]:
    """The probes that may be what fails: the kubelet kills for liveness and start-up, and asks for readiness. One that was not set when it failed cannot be; adding it repairs nothing."""
    found = next((item for item in containers(spec) if item.name == fault.container), None)
    if found is None or fault.reason not in {"", "CrashLoopBackOff"}:
        return ()
    killed = fault.exit_code in _KILLED and fault.exit_reason != "OOMKilled"
    names = (("liveness_probe", "startup_probe") if killed else ()) if fault.crashes else ("readiness_probe", "startup_probe")  # fmt: skip
    return tuple(name for name in names if getattr(found, name) is not None)


def depends(
    spec: PodSpec, fault: Fault, probes: tuple[str, ...] = (), failing: PodSpec | None = None
) -> tuple[object, ...]:
    """The fields that decide whether the fault is the same, of the container that it befell. What `failing`, the pod that shows it, does not mount repairs nothing when it is added."""
    found = next((item for item in containers(spec) if item.name == fault.container), None)
    if fault.reason in _STARTING and fault.reason:
        return (fault.container, _volumes(spec, failing or spec), _prepared(spec.security_context))
    if found is None:
        return (fault.container,)
    if fault.reason == _CONFIG and _AS_ROOT.search(fault.message):
        return (fault.container, found.image, _user(spec, found), demands_non_root(spec, found))
    fields: tuple[str, ...] = _BY_REASON.get(fault.reason, (*_PROGRAM, *probes))
    if fault.exit_reason == "OOMKilled":
        fields = (*fields, "resources")
    values = tuple(getattr(found, name) for name in fields)
    if fault.reason == _CONFIG:
        # A subPath that cannot be prepared is told so too.
        return (fault.container, *values, tuple(item for item in _mounts(found) if item.sub_path))
    pulls = spec.image_pull_secrets if fields is _IMAGE else ()
    if fields[: len(_PROGRAM)] != _PROGRAM:
        return (fault.container, *values, pulls)
    return (fault.container, *values, _mounts(found), _user(spec, found), *map(_rights, (found.security_context, spec.security_context)))  # fmt: skip


def _user(spec: PodSpec, container: Container) -> int | None:
    """To name the user that the image has anyway repairs nothing."""
    user = user_of(spec, container)
    return image_user(container.image) if user is None else user


def _rights(context: SecurityContext | None) -> tuple[object, ...]:
    """As whom a program runs and what it may: who takes rights away repairs nothing."""
    item = context or SecurityContext()
    added = item.capabilities.add if item.capabilities else ()
    return item.run_as_group, item.fs_group, item.supplemental_groups, bool(item.privileged), added


def _prepared(context: SecurityContext | None) -> tuple[object, ...]:
    """What of a pod's context is asked for before its containers are made: the owner and the labels of volumes, and a profile that is a file of the node."""
    item = context or SecurityContext()
    profiles = [(each or {}).get("localhostProfile") for each in (item.seccomp_profile, item.app_armor_profile)]
    return item.fs_group, item.fs_group_change_policy, item.se_linux_options, *profiles, item.sysctls


def _volumes(spec: PodSpec, failing: PodSpec) -> tuple[object, ...]:
    names = {item.name for item in failing.volumes if not item.name.startswith("kube-api-access-")}
    return tuple(item for item in spec.volumes if item.name in names)


def _mounts(item: Container) -> tuple[VolumeMount, ...]:
    return tuple(each for each in item.volume_mounts if not each.name.startswith("kube-api-access-"))


def reads(pod: Pod) -> Iterator[Ref]:
    """ConfigMaps, Secrets, claims and the account that the pod names."""
    space, spec = pod.namespace, pod.spec
    for container in containers(spec):
        for source in container.env_from:
            if source.config_map_ref:
                yield Ref("ConfigMap", space, source.config_map_ref.name)
            if source.secret_ref:
                yield Ref("Secret", space, source.secret_ref.name)
        for env in container.env:
            if env.value_from and env.value_from.config_map_key_ref:
                yield Ref("ConfigMap", space, env.value_from.config_map_key_ref.name)
            if env.value_from and env.value_from.secret_key_ref:
                yield Ref("Secret", space, env.value_from.secret_key_ref.name)
    for volume in spec.volumes:
        if volume.config_map and volume.config_map.name != "kube-root-ca.crt":
            yield Ref("ConfigMap", space, volume.config_map.name)
        if volume.secret:
            yield Ref("Secret", space, volume.secret.secret_name)
        if volume.persistent_volume_claim:
            yield Ref("PersistentVolumeClaim", space, volume.persistent_volume_claim.claim_name)
        for each in volume.projected.sources if volume.projected else ():
            if each.config_map and each.config_map.name != "kube-root-ca.crt":
                yield Ref("ConfigMap", space, each.config_map.name)
            if each.secret:
                yield Ref("Secret", space, each.secret.name)
    for pull in spec.image_pull_secrets:
        yield Ref("Secret", space, pull.name)


def fault_of(pod: Pod, snapshot: Snapshot, ground: Mapping[Ref, str]) -> Fault | None:
    """What a pod of the snapshot shows; None for one that works, has ended, or may just be starting."""
    if is_ended(pod) or pod.metadata.deletion_timestamp or not pod.spec.node_name:
        return None
    if is_ready(pod):
        return None
    statuses = (*pod.status.init_container_statuses, *pod.status.container_statuses)
    for status in statuses:
        found = _container_fault(status)
        if found is not None:
            return found
    since = pod.status.start_time or pod.metadata.creation_timestamp
    taken = snapshot.taken_at
    stuck = since is None or taken is None or taken - since > _STUCK
    first = next((item.name for item in pod.spec.containers), "")
    sidecars = {item.name for item in pod.spec.init_containers if item.restart_policy == "Always"}
    for status in pod.status.init_container_statuses:
        if status.state.running is not None and status.name not in sidecars and stuck:
            return Fault(status.name)  # it runs, and does not come to its end
    waits = [item for item in statuses if item.state.waiting]
    if waits or not statuses:
        message = ground.get(pod.ref, "")
        return Fault(first, "ContainerCreating", message) if stuck or message else None
    unready = next((item.name for item in pod.status.container_statuses if not item.ready), first)
    return Fault(unready) if stuck else None


def _container_fault(status: ContainerStatus) -> Fault | None:
    waiting, last = status.state.waiting, status.last_state.terminated
    ended = status.state.terminated
    if waiting and waiting.reason not in _STARTING | {"CrashLoopBackOff"}:
        return Fault(status.name, waiting.reason, waiting.message)
    crashed = (ended if ended and ended.exit_code else None) or last
    looping = waiting is not None and waiting.reason == "CrashLoopBackOff"
    if looping or (crashed is not None and not status.ready):
        code, reason, text = 1, "Error", ""
        lives = 5.0
        if crashed is not None:
            code, reason, text = crashed.exit_code, crashed.reason or "Error", crashed.message
            if crashed.started_at and crashed.finished_at:
                lives = max((crashed.finished_at - crashed.started_at).total_seconds(), 0.0)
        if looping and lives > _RESET and "back-off 10s" not in (waiting.message if waiting else ""):
            lives = 5.0  # the times contradict the back-off, which starts again after a run as long as that
        return Fault(status.name, "CrashLoopBackOff", "", crashes=True, lives=lives, exit_code=code, exit_reason=reason, exit_message=text)  # fmt: skip
    return None


def _ground_events(snapshot: Snapshot) -> dict[Ref, str]:
    """Volumes or sandboxes that failed, by pod: the newest message."""
    found: dict[Ref, str] = {}
    events = [item for item in snapshot.all(Event) if item.reason in _NO_GROUND]
    for event in sorted(events, key=lambda item: (str(item.last_seen), item.name)):
        found[event.about] = event.text
    return found
