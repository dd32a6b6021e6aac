"""Statuses and events of generated pods: well, crash-looping, out of memory, without an image, and pending."""

from __future__ import annotations

from typing import Any

from benchmarks.shapes import at, digest, metadata

# The generator puts each pod's own values where placeholders stand.
_STARTED = "@STARTED@"


def conditions(since: str, **states: bool) -> list[dict[str, Any]]:
    return [
        {"type": kind, "status": str(state), "lastProbeTime": None, "lastTransitionTime": since}
        for kind, state in states.items()
    ]


def _container(name: str, image: str, **state: Any) -> dict[str, Any]:
    return {
        "name": name,
        "state": {"running": {"startedAt": _STARTED}},
        "lastState": {},
        "ready": True,
        "restartCount": 0,
        "image": image,
        "imageID": f"{image.rpartition(':')[0]}@sha256:{digest(image)}",
        "containerID": f"containerd://@CID@{digest(name)[12:]}",
        "started": True,
        **state,
    }


def _dead(code: int, reason: str) -> dict[str, Any]:
    return {
        "state": {
            "waiting": {
                "reason": "CrashLoopBackOff",
                "message": "back-off 5m0s restarting failed container=app pod=@NAME@_@NS@(@UID@)",
            }
        },
        "lastState": {
            "terminated": {"exitCode": code, "reason": reason, "startedAt": at(4), "finishedAt": at(3.5)},
        },
        "ready": False,
        "restartCount": 42,
        "started": False,
    }


_APP = {
    "crash": _dead(1, "Error"),
    "oom": _dead(137, "OOMKilled"),
    "image": {
        "state": {
            "waiting": {
                "reason": "ImagePullBackOff",
                "message": 'Back-off pulling image "registry.example.com/@NS@/@APP@:1.4.2"',
            }
        },
        "ready": False,
        "started": False,
        "imageID": "",
    },
}


def status(fault: str, spec: dict[str, Any], nodes: int) -> dict[str, Any]:
    """A pod's status; `fault` is empty for a healthy one."""
    if fault == "pending":
        unscheduled = {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": f"0/{nodes} nodes are available: {nodes} Insufficient cpu. preemption: 0/{nodes} nodes are "
            f"available: {nodes} No preemption victims found for incoming pod.",
            "lastProbeTime": None,
            "lastTransitionTime": at(60),
        }
        return {"phase": "Pending", "conditions": [unscheduled], "qosClass": "Burstable"}
    ready = not fault
    return {
        "phase": "Pending" if fault == "image" else "Running",
        "conditions": conditions(
            _STARTED,
            PodReadyToStartContainers=True,
            Initialized=True,
            Ready=ready,
            ContainersReady=ready,
            PodScheduled=True,
        ),
        "hostIP": "@HOST@",
        "hostIPs": [{"ip": "@HOST@"}],
        "podIP": "@IP@",
        "podIPs": [{"ip": "@IP@"}],
        "startTime": _STARTED,
        "containerStatuses": [
            _container(item["name"], item["image"], **(_APP.get(fault, {}) if item["name"] == "app" else {}))
            for item in spec["containers"]
        ],
        "qosClass": "Burstable",
    }


_EVENTS = {
    "crash": ("BackOff", "Back-off restarting failed container app in pod @NAME@_@NS@(@UID@)"),
    "oom": ("BackOff", "Back-off restarting failed container app in pod @NAME@_@NS@(@UID@)"),
    "image": (
        "Failed",
        'Failed to pull image "registry.example.com/@NS@/@APP@:1.4.2": NotFound desc = @APP@:1.4.2: not found',
    ),
    "pending": ("FailedScheduling", "0/@NODES@ nodes are available: @NODES@ Insufficient cpu."),
    "": ("Started", "Started container app"),
}


def event(fault: str, namespace: str, nodes: int) -> dict[str, Any]:
    """The last event about a pod, with the pod's placeholders."""
    reason, message = _EVENTS[fault]
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {**metadata("@NAME@.18a3f2c4d5e6f708", namespace), "uid": "@UID@"},
        "involvedObject": {"kind": "Pod", "namespace": namespace, "name": "@NAME@", "uid": "@UID@", "apiVersion": "v1"},
        "reason": reason,
        "message": message.replace("@NODES@", str(nodes)),
        "source": {"component": "default-scheduler" if fault == "pending" else "kubelet"},
        "firstTimestamp": at(240),
        "lastTimestamp": at(2),
        "count": 57,
        "type": "Warning" if fault else "Normal",
        "reportingComponent": "kubelet",
    }
