"""Plays a case on the real control plane and on the twin, and says what each ended with, in one form."""

from __future__ import annotations

import time
from dataclasses import replace as changed
from datetime import UTC, datetime
from itertools import count
from typing import Any

import msgspec

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import ContainerStatus, KubeObject, Pod
from seakeep.model.objects.pods import PodTemplate
from seakeep.testing.testbed import ControlPlane
from seakeep.testing.testbed.api import ApiError
from seakeep.twin.controller import View
from seakeep.twin.controllers.daemon_set import DaemonSets
from seakeep.twin.controllers.deployment import Deployments
from seakeep.twin.controllers.replica_set import ReplicaSets
from seakeep.twin.controllers.stateful_set import StatefulSets
from seakeep.twin.kubelet.faults import Fault
from seakeep.twin.kubelet.kubelet import Kubelet
from seakeep.twin.settings import Settings
from seakeep.twin.state import controller_of
from seakeep.twin.world import Twin
from tests.conformance.workload_cases import FAULT, Case, Object, Step, patched
from tests.twin.builders import admit_all

KINDS = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ControllerRevision", "Pod")
# KWOK's stages, in seconds.
SETTINGS = changed(Settings(), pod_start=0.3, app_start=0.0, app_stop=0.1)
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_QUIET = 2.5
_LONGEST = 90.0


def kwok_faults(view: View, pod: Pod) -> Fault | None:
    """What the testbed's stages do with a pod so annotated."""
    del view
    match pod.metadata.annotations.get(FAULT, ""):
        case "readiness-failing":
            return Fault()
        case "image-pull-error":
            return Fault(reason="ImagePullBackOff")
        case "create-container-config-error":
            return Fault(reason="CreateContainerConfigError")
        case "crash-loop":
            return Fault(reason="CrashLoopBackOff", crashes=True, lives=0.0)
    return None


# The real control plane


def play_real(plane: ControlPlane, case: Case) -> list[list[Object]]:
    """The namespace's objects when it is quiet, after the creation and after each step."""
    plane.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": case.namespace}})
    plane.apply(case.workload)
    found = [_quiet(plane, case)]
    for step in case.steps:
        if step.patch is not None:
            # A null in a patch of a merge takes a field away, as the twin's patch does.
            plane.api.merge("apps/v1", case.kind, "it", case.namespace, step.patch)
        else:
            pods = by_age([item for item in found[-1] if item["kind"] == "Pod"])
            if pods:
                try:
                    plane.api.delete("v1", "Pod", pods[step.pod % len(pods)]["metadata"]["name"], case.namespace)
                except ApiError as error:
                    if error.status != 404:
                        raise
        found.append(_quiet(plane, case))
    plane.api.delete("apps/v1", case.kind, "it", case.namespace)  # the next cases need the room
    plane.api.close()  # this thread's connection
    return found


def by_age(pods: list[Object]) -> list[Object]:
    return sorted(pods, key=lambda pod: (str(pod["metadata"].get("creationTimestamp")), pod["metadata"]["name"]))


def _objects(plane: ControlPlane, namespace: str) -> list[Object]:
    found: list[Object] = []
    for kind in KINDS:
        version = "v1" if kind == "Pod" else "apps/v1"
        for item in plane.api.find(version, kind, namespace):
            found.append({"apiVersion": version, "kind": kind} | item)
    return found


def _quiet(plane: ControlPlane, case: Case) -> list[Object]:
    """Nothing has changed for a while, and every controller has seen the latest generation."""
    deadline = time.monotonic() + _LONGEST
    before: list[str] = []
    since = time.monotonic()
    while True:
        found = _objects(plane, case.namespace)
        versions = [item["metadata"]["resourceVersion"] for item in found]
        if versions != before:
            before, since = versions, time.monotonic()
        if time.monotonic() - since > _QUIET and _seen(found):
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{case.namespace} did not come to rest")
        time.sleep(0.4)


def _seen(items: list[Object]) -> bool:
    return all(
        item.get("status", {}).get("observedGeneration", 0) >= item["metadata"].get("generation", 0)
        for item in items
        if item["kind"] not in {"Pod", "ControllerRevision"}
    )


# The twin


def play_twin(nodes: list[Object], case: Case, defaulted: Object) -> list[list[Object]]:
    """`defaulted` is the workload as the API server stored it."""
    assembly = Assembly("conformance")
    for node in nodes:
        assembly.add_raw(node)
    assembly.taken_at = START
    numbers = count(1)
    controllers = (Deployments(), ReplicaSets(), StatefulSets(), DaemonSets(), Kubelet(faults=kwok_faults))
    twin = Twin(
        assembly.snapshot(),
        controllers,
        now=START,
        suffix=lambda: f"{next(numbers):05d}",
        admit=admit_all,
        settings=SETTINGS,
    )
    twin.start_controllers()
    twin.create(from_mapping(_bare(defaulted)))
    found = [_rest(twin)]
    for step in case.steps:
        _apply(twin, case, step, found[-1])
        found.append(_rest(twin))
    return found


def _bare(item: Object) -> Object:
    metadata = item["metadata"]
    kept = {key: metadata[key] for key in ("name", "namespace", "labels") if key in metadata}
    annotations = {key: value for key, value in metadata.get("annotations", {}).items() if "kubernetes.io" not in key}
    return {**item, "metadata": kept | {"annotations": annotations}, "status": {}}


def _apply(twin: Twin, case: Case, step: Step, last: list[Object]) -> None:
    if step.patch is None:
        pods = by_age([item for item in last if item["kind"] == "Pod"])
        if pods:
            chosen = twin.state.get(Pod, case.namespace, pods[step.pod % len(pods)]["metadata"]["name"])
            if chosen is not None:
                twin.delete(chosen.ref)
        return
    item = twin.state.get(type(from_mapping(case.workload)), case.namespace, "it")
    assert item is not None
    raw = msgspec.to_builtins(item, str_keys=True)
    twin.update(from_mapping(patched(raw, step.patch)))


def _rest(twin: Twin) -> list[Object]:
    twin.settle(within=30.0)
    found: list[Object] = []
    for kind, group in twin.state.objects().items():
        if kind in KINDS:
            found.extend(msgspec.to_builtins(item, str_keys=True) for item in group.values())
    return found


# One form of both


def told(items: list[Object]) -> dict[str, Any]:
    """The objects less times, uids, generated names and hashes, and versions; hashes are named by the revision they stand for."""
    objects = [from_mapping(item) for item in items]
    names = _names(objects)
    return dict(sorted(_told(item, names) for item in objects))


def _names(objects: list[KubeObject]) -> dict[str, str]:
    """What each ReplicaSet, revision and hash stands for: its revision number."""
    found: dict[str, str] = {}
    for item in objects:
        if item.kind == "ReplicaSet" and controller_of(item) is not None:
            number = item.metadata.annotations.get("deployment.kubernetes.io/revision", "?")
            found[item.name] = f"rs{number}"
            found[item.labels.get("pod-template-hash", "?")] = f"hash{number}"
        elif item.kind == "ControllerRevision":
            number = str(getattr(item, "revision", "?"))
            found[item.name] = f"rev{number}"
            found[item.name.rpartition("-")[2]] = f"hash{number}"
    pods = sorted((item for item in objects if isinstance(item, Pod)), key=lambda pod: _pod_key(pod, found))
    for index, pod in enumerate(pods):
        owner = controller_of(pod)
        if owner is not None and owner.kind != "StatefulSet":
            found[pod.name] = f"pod{index}"
    return found


def _pod_key(pod: Pod, names: dict[str, str]) -> tuple[str, ...]:
    owner = controller_of(pod)
    labels = sorted((key, names.get(value, value)) for key, value in pod.labels.items())
    of = names.get(owner.name, owner.name) if owner else ""
    return (of, str(_pod_state(pod)), pod.spec.containers[0].image, str(labels))


def _pod_state(pod: Pod) -> Object:
    conditions = {item.type: item.status for item in pod.status.conditions}
    return {
        "phase": pod.status.phase,
        "bound": bool(pod.spec.node_name),
        "ready": conditions.get("Ready", ""),
        "terminating": pod.metadata.deletion_timestamp is not None,
    }


def _waiting(status: ContainerStatus) -> str:
    """A kubelet goes to and fro between the two reasons of an image that it cannot pull."""
    reason = status.state.waiting.reason if status.state.waiting else ""
    return "ImagePullBackOff" if reason == "ErrImagePull" else reason


def _told(item: KubeObject, names: dict[str, str]) -> tuple[str, Any]:
    def named(value: Any) -> Any:
        if isinstance(value, str):
            for name, meaning in sorted(names.items(), key=lambda pair: -len(pair[0])):
                if name and name != "?":
                    value = value.replace(name, meaning)
            return value
        if isinstance(value, dict):
            return {named(key): named(each) for key, each in value.items() if key not in _TIMES}
        return [named(each) for each in value] if isinstance(value, list | tuple) else value

    metadata = item.metadata
    owner = controller_of(item)
    said: Object = {
        "labels": metadata.labels,
        "annotations": {key: value for key, value in metadata.annotations.items() if key != _APPLIED},
        "owner": f"{owner.kind}/{owner.name}" if owner else "",
        "generation": 0 if isinstance(item, Pod) else metadata.generation,
    }
    if isinstance(item, Pod):
        said |= _pod_state(item) | {
            "image": [each.image for each in item.spec.containers],
            "hostname": item.spec.hostname,
            "subdomain": item.spec.subdomain,
            "tolerations": sorted(
                msgspec.json.encode(each).decode() for each in item.spec.tolerations if each.toleration_seconds is None
            ),
            "generateName": metadata.generate_name,
            "waiting": [_waiting(each) for each in item.status.container_statuses],
        }
    elif item.kind == "ControllerRevision":
        data = getattr(item, "data", {})
        template = msgspec.convert(data["spec"]["template"], PodTemplate, strict=False)
        said |= {"revision": getattr(item, "revision", 0), "template": msgspec.to_builtins(template)}
    else:
        raw = msgspec.to_builtins(item, str_keys=True)
        said |= {"spec": raw["spec"], "status": raw["status"]}
        if item.kind == "ReplicaSet" and owner is not None:
            # In how many steps a Deployment resizes it depends on which pod becomes ready first.
            said["generation"] = said["status"]["observedGeneration"] = 0
        said["status"]["conditions"] = sorted(raw["status"]["conditions"], key=lambda each: str(each["type"]))
    return (f"{item.kind}/{named(metadata.name)}", named(said))


_TIMES = frozenset({"lastTransitionTime", "lastUpdateTime", "lastHeartbeatTime", "observedGeneration!"})
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def is_known(case: Case, texts: list[str]) -> bool:
    """Two differences that timing makes in the Progressing condition; the twin's writes never conflict.

    In a Recreate rollout the controller's write of NewReplicaSetCreated may conflict with its own one before; then, and only then, the condition of the rollout before stays (its reason
    NewReplicaSetAvailable stops all further estimates). And where the first new pods are counted before the counts of the rollout before were replaced, they are no progress:
    NewReplicaSetCreated stays, where the pods get no further, instead of ReplicaSetUpdated.
    """
    fields = ("/reason", "/message", "/status")
    if case.kind != "Deployment" or not all(
        "/Deployment/it/status/conditions/1" in text and text.split(": ")[0].endswith(fields) for text in texts
    ):
        return False
    if any("/reason: 'NewReplicaSetCreated' ≠ 'ReplicaSetUpdated'" in text for text in texts):
        return True
    return "'Recreate'" in str((case.workload, case.steps)) and any(
        "/message: 'ReplicaSet" in text and "has successfully progressed.' ≠" in text for text in texts
    )


def differences(real: Any, twin: Any, path: str = "") -> list[str]:
    """`path: real ≠ twin`, for every field."""
    if isinstance(real, dict) and isinstance(twin, dict):
        return [
            text
            for key in sorted(real.keys() | twin.keys())
            for text in differences(real.get(key), twin.get(key), f"{path}/{key}")
        ]
    if isinstance(real, list) and isinstance(twin, list) and len(real) == len(twin):
        pairs = enumerate(zip(real, twin, strict=True))
        return [text for index, (one, other) in pairs for text in differences(one, other, f"{path}/{index}")]
    return [] if real == twin else [f"{path}: {real!r} ≠ {twin!r}"]
