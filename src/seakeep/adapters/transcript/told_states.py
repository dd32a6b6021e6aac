"""What a pod's events tell of its state, where nothing else of it was pasted: the last word of scheduler and kubelet holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from seakeep.model.pattern import late

Raw = dict[str, Any]
_CONTAINER = late(
    r"[cC]ontainers?\{(?P<path>[^}]+)\}|(?:[Cc]reated|[Ss]tarted) container:? (?P<made>[a-z0-9][\w-]*)|[Cc]ontainer (?P<killed>[a-z0-9][\w-]*) failed|failed container (?P<failed>[a-z0-9][\w-]*) in pod"
)
_IMAGE = late(r"(?:[Pp]ulling|pull|pulled|Container) image [\"“](?P<image>[^\"”]+)[\"”]")
_NODE = late(r"Successfully assigned \S+ to (?P<node>[\w.-]+)")
_PULL = late(
    r"Failed to pull image|Back-off pulling image|Error: (?:ErrImage|ImagePull)\w+|Failed to inspect image|Failed to apply default image tag"
)
_NEVER = late(r"ErrImageNeverPull|pull policy of Never")
_INVALID = late(r"InvalidImageName|Failed to apply default image tag|couldn't parse image")
_CONFIG = late(
    r"Error: (?:configmap|secret) \"|couldn't find key |runAsNonRoot|failed to prepare subPath|CreateContainerConfigError"
)
_START = late(
    r"failed to (?:create containerd task|start container|create shim)|OCI runtime create failed|executable file not found|RunContainerError|StartError"
)
# They keep a pod from its containers: `ContainerCreating`.
_CREATING = frozenset(
    {"FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox", "FailedCreatePodContainer", "NetworkNotReady"}
)
_PRESSURES = {
    "NodeHasDiskPressure": ("DiskPressure", "True"),
    "NodeHasNoDiskPressure": ("DiskPressure", "False"),
    "NodeHasInsufficientMemory": ("MemoryPressure", "True"),
    "NodeHasSufficientMemory": ("MemoryPressure", "False"),
    "NodeHasInsufficientPID": ("PIDPressure", "True"),
    "NodeHasSufficientPID": ("PIDPressure", "False"),
}
_WAITS = frozenset({"ExternalProvisioning", "Provisioning", "WaitForFirstConsumer", "WaitForPodScheduled"})
# A probe that goes on failing is reported anew at least every five minutes (client-go `tools/record/events_cache.go`).
_SILENT = timedelta(minutes=6)
# The scheduler and the kubelet report what lasts at least every five minutes; a listing is some minutes old when it is pasted.
_LASTING = timedelta(minutes=30)
_WAITING, _RUNNING = "waiting", "running"


def told(kind: str, events: Sequence[Mapping[str, Any]], now: datetime | None) -> Raw:
    """{} also of kinds of which events alone say nothing lasting."""
    match kind:
        case "Pod":
            return told_state(events, now)
        case "PersistentVolumeClaim":
            return told_phase(events)
        case "Node":
            return told_pressure(events)
    return {}


def is_lasting(events: Sequence[Mapping[str, Any]], now: datetime | None) -> bool:
    """Whether the last events of a pod left it refused by the scheduler or with a container that does not come up."""
    last = max((str(event.get("lastTimestamp") or "") for event in events), default="")
    if last and now and datetime.fromisoformat(last) + _LASTING < now:
        return False
    status = told_state(events, now).get("status") or {}
    waits = any(
        item["state"].get("waiting", {}).get("reason") not in {None, "ContainerCreating"}
        for item in status.get("containerStatuses", ())
    )
    refused = any(item.get("reason") == "Unschedulable" for item in status.get("conditions", ()))
    return waits or refused or _is_kept_waiting(events, now) or _is_killed(events, now)


def _is_killed(events: Sequence[Mapping[str, Any]], now: datetime | None) -> bool:
    """The last that was said of the pod is, just now, that its container is killed for a probe."""
    last = max(events, key=lambda event: str(event.get("lastTimestamp") or "9"), default={})
    return (
        last.get("reason") == "Killing" and "will be restarted" in str(last.get("message")) and not _is_over(last, now)
    )


def _is_kept_waiting(events: Sequence[Mapping[str, Any]], now: datetime | None) -> bool:
    """The last that was said of the pod is, again and again and just now, that it gets no sandbox or no volume."""
    seen = sorted(events, key=lambda event: str(event.get("lastTimestamp") or "9"))
    last = seen[-1] if seen else {}
    same = [event for event in seen if event.get("reason") == last.get("reason")]
    often = len(same) > 1 or int(last.get("count") or 1) > 1
    return last.get("reason") in _CREATING and often and not _is_over(last, now)


def told_pressure(events: Iterable[Mapping[str, Any]]) -> Raw:
    """Of a node: what its kubelet said last that it is short of."""
    last: dict[str, str] = {}
    for event in sorted(events, key=lambda event: str(event.get("lastTimestamp") or "9")):
        if found := _PRESSURES.get(str(event.get("reason"))):
            last[found[0]] = found[1]
    short = [{"type": kind, "status": "True"} for kind, status in sorted(last.items()) if status == "True"]
    return {"status": {"conditions": short}} if short else {}


def told_phase(events: Iterable[Mapping[str, Any]]) -> Raw:
    """Of a claim: whether its last event left it without a volume. That it waits is said again and again beside."""
    spoken = [event for event in events if event.get("reason") not in _WAITS]
    last = max(spoken, key=lambda event: str(event.get("lastTimestamp") or "9"), default={})
    return {"status": {"phase": "Pending"}} if last.get("reason") in {"ProvisioningFailed", "FailedBinding"} else {}


def told_state(events: Iterable[Mapping[str, Any]], now: datetime | None = None) -> Raw:
    """Spec and status as far as the events show them; {} where they show nothing. In the order of their times; of the same time as they were listed."""
    seen = sorted(enumerate(events), key=lambda item: (str(item[1].get("lastTimestamp") or "9"), item[0]))
    teller = _Teller()
    for _, event in seen:
        if event.get("reason") in {"Unhealthy", "Killing"} and _is_over(event, now):
            continue
        teller.hear(str(event.get("reason", "")), str(event.get("message", "")), _path(event))
    return teller.raw()


def _is_over(event: Mapping[str, Any], now: datetime | None) -> bool:
    time = str(event.get("lastTimestamp") or "")
    return now is not None and bool(time) and datetime.fromisoformat(time) + _SILENT < now


def _path(event: Mapping[str, Any]) -> str:
    about = event.get("involvedObject")
    return str(about.get("fieldPath") or "") if isinstance(about, Mapping) else ""


class _Teller:
    def __init__(self) -> None:
        self.phase = self.reason = self.message = self.node = self.image = self.name = ""
        self.scheduled = ""
        self.refused = ""
        # The container's state, and why it waits.
        self.state: tuple[str, str, str] = ("", "", "")
        self.ready: bool | None = None
        self.restarts = 0

    def hear(self, reason: str, text: str, path: str) -> None:
        if match := _CONTAINER.search(path) or _CONTAINER.search(text):
            self.name = next(group for group in match.groups() if group)
        if match := _IMAGE.search(text):
            self.image = match["image"]
        match reason:
            case "Scheduled":
                self.scheduled, self.refused = "True", ""
                found = _NODE.search(text)
                self.node = found["node"] if found else self.node
            case "FailedScheduling":
                self.scheduled, self.refused = "False", text
            case "Pulled" | "Created" if self.state[0] != _RUNNING:
                self.state = (_WAITING, "ContainerCreating", "")
            case "Started":
                self.state = (_RUNNING, "", "")
            case "Killing":
                self.restarts += 1
                if "failed liveness probe" in text or "failed startup probe" in text:
                    # It is started anew, and the probe has not passed yet.
                    self.ready = False
                    self.state = self.state if self.state[0] else (_RUNNING, "", "")
            case "Evicted":
                self.phase, self.reason, self.message = "Failed", "Evicted", text
            case "Unhealthy":
                self.ready = self.ready if text.startswith("Liveness") else False
                self.state = self.state if self.state[0] else (_RUNNING, "", "")
            case _ if reason in _CREATING:
                self.state = (_WAITING, "ContainerCreating", "") if self.state[0] != _RUNNING else self.state
            case _:
                self._fails(reason, text)

    def _fails(self, reason: str, text: str) -> None:
        if reason == "BackOff" and re.search("restarting failed", text):
            self.state, self.restarts = (_WAITING, "CrashLoopBackOff", text), max(1, self.restarts)
        elif reason not in {"Failed", "BackOff", "InspectFailed", "ErrImageNeverPull"}:
            return
        elif _NEVER.search(text):
            self.state = (_WAITING, "ErrImageNeverPull", text)
        elif _INVALID.search(text):
            self.state = (_WAITING, "InvalidImageName", text)
        elif _PULL.search(text):
            told = self.state[2] if self.state[1] == "ImagePullBackOff" else ""
            self.state = (_WAITING, "ImagePullBackOff", text if "Failed to pull" in text else told)
        elif _CONFIG.search(text):
            self.state = (_WAITING, "CreateContainerConfigError", text.removeprefix("Error: "))
        elif _START.search(text):
            self.state = (_WAITING, "RunContainerError", text.removeprefix("Error: "))

    def raw(self) -> Raw:
        kind, why, message = self.state
        status: Raw = {
            "phase": self.phase or ("Running" if kind == _RUNNING or why == "CrashLoopBackOff" else "Pending")
        }
        if not (self.phase or kind or self.scheduled):
            return {}
        if self.phase:
            status |= {"reason": self.reason, "message": self.message}
        if self.refused and not kind:
            status["conditions"] = [
                {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": self.refused}
            ]
        elif kind and not self.phase:
            ready = kind == _RUNNING and self.ready is not False
            state = {"running": {}} if kind == _RUNNING else {"waiting": {"reason": why, "message": message}}
            status["containerStatuses"] = [
                {
                    "name": self.name or "#0",
                    "image": self.image,
                    "ready": ready,
                    "restartCount": self.restarts,
                    "state": state,
                }
            ]
            status["conditions"] = [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": str(ready)}]
        spec: Raw = {"nodeName": self.node} if self.node else {}
        return {"spec": spec, "status": status}
