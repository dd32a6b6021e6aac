"""The kubelet's own log, from a machine's journal or pasted alone: what it says of a pod it also reports as an event."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from seakeep.adapters.transcript.gathered import Raw
from seakeep.adapters.transcript.times import fingerprint
from seakeep.model.pattern import late

# klog's lead, and the files of `pkg/kubelet` that speak of pods.
_LINE = late(
    r"[IWEF]\d{4} [\d:.]+ +\d+ (?:pod_workers|kuberuntime_\w+|remote_runtime|remote_image|kubelet\w*|nestedpendingoperations|reconciler\w*|docker_sandbox|cni|log|helpers|handlers|prober)\.go:\d+\]"
)
_SKIPPED = late(
    r"failed to \\?\"(?P<what>CreatePodSandbox|StartContainer)\\?\" for \\?\"(?P<of>[^\"\\]+)\\?\" with (?P<why>\w+): \\?\"(?P<message>.+)\\?\""
)
# Of a container whose whole specification stands before it.
_STARTED = late(r"start failed in pod (?P<of>[^\s\"]+\([0-9a-f-]+\)): (?P<why>\w+): (?P<message>.+)")
_ADMITTED = (
    late(r"Failed to admit pod (?P<of>[^\s\"]+\([0-9a-f-]+\)) - node has conditions: \[(?P<conditions>[\w ,]+)\]"),
    late(r"\"Failed to admit pod to node\" pod=\"(?P<of>[^\"]+)\" nodeCondition=\[(?P<conditions>[\w \",]+)\]"),
)
_SANDBOX = late(r"CreatePodSandbox for pod \\?\"(?P<of>[^\"\\]+)\\?\" failed: (?P<message>.+)")
_POD = late(r"\bpod=\\?\"(?P<namespace>[a-z0-9-]+)/(?P<name>[a-z0-9][\w.-]*)\\?\"")
_OLD = late(r"(?P<name>[a-z0-9][a-z0-9.-]*)_(?P<namespace>[a-z0-9-]+)\([0-9a-f-]+\)")
_REASONS = {
    "CreatePodSandboxError": "FailedCreatePodSandBox",
    "CrashLoopBackOff": "BackOff",
    "ImagePullBackOff": "Failed",
    "ErrImagePull": "Failed",
    "CreateContainerConfigError": "Failed",
    "CreateContainerError": "Failed",
    "RunContainerError": "Failed",
}
_MOST = 400


def is_kubelet_line(line: str) -> bool:
    if _STARTED.search(line) or any(form.search(line) for form in _ADMITTED):
        return True
    return bool(_LINE.search(line) and (_SKIPPED.search(line) or _SANDBOX.search(line) or "RunPodSandbox" in line))


def kubelet_events(text: str, host: str, now: datetime) -> Iterator[Raw]:
    """The newest of each pod and reason, as the event that the kubelet writes beside; `host` may not be known."""
    found: dict[tuple[str, str, str], str] = {}
    for line in text.splitlines()[-_MOST:]:
        match = _told(line)
        pod = (_POD.search(line) or _OLD.search(match["of"]) or _OLD.search(line)) if match else None
        if match is None or pod is None:
            continue
        if conditions := match.groupdict().get("conditions"):
            text = f"The node had condition: [{conditions.replace(chr(34), '')}]. "
            found[pod["namespace"], pod["name"], "Evicted"] = text
            continue
        reason = _REASONS.get(match.groupdict().get("why") or "CreatePodSandboxError")
        if reason:
            found[pod["namespace"], pod["name"], reason] = _message(match.groupdict(), match["message"])
    for (namespace, name, reason), message in found.items():
        yield {
            "kind": "Event",
            "metadata": {"name": f"{name}.{fingerprint({'message': message}):x}.kubelet", "namespace": namespace},
            "involvedObject": {"kind": "Pod", "namespace": namespace, "name": name},
            "type": "Warning",
            "reason": reason,
            "message": message,
            # It says so as long as it lasts: the log's end is now.
            "count": 2,
            "lastTimestamp": now.isoformat(),
            "source": {"component": "kubelet", "host": host},
        }


def _told(line: str) -> re.Match[str] | None:
    found = _STARTED.search(line) or next((match for form in _ADMITTED if (match := form.search(line))), None)
    return found or (_SKIPPED.search(line) or _SANDBOX.search(line) if _LINE.search(line) else None)


def _message(told: dict[str, str | None], text: str) -> str:
    text = text.replace('\\"', '"').replace("\\", "")
    match told.get("why"):
        case "CrashLoopBackOff":
            return f"Back-off restarting failed container {told['of']}: {text}"
        case "ImagePullBackOff":
            return f"Error: ImagePullBackOff: {text}"
        case "ErrImagePull":
            return f"Failed to pull image: {text}"
        case "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError":
            return f"Error: {text}"
    return f"Failed to create pod sandbox: {text}"
