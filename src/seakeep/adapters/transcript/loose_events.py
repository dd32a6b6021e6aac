"""Events that were pasted without the object that they are about: their own words, and who reports them, tell it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seakeep.adapters.transcript.describe import event_rows
from seakeep.model.pattern import late
from seakeep.model.refs import UNNAMED

__all__ = ["UNNAMED", "Row", "described", "row_of"]
_ROW = late(
    r"\s*(?P<type>Normal|Warning)\s+(?P<reason>[A-Z]\w+)\s+(?P<age>\d\w*|<unknown>|<invalid>)(?P<times> \(x\d+ over (?:\w+|<invalid>)\))?\s+(?P<from>[\w.-]+(?:, [\w.-]+)?)(?:  +|[ \t](?=[A-Z]|\d+/\d+ nodes )|$)(?P<message>.*)"
)
# What stands before a message that somebody took out of its row.
_LEAD = r"[\s>*#\u2022-]{0,8}(?:(?:Error|Warning|[Mm]essage|Reason)\W{1,4})?"
# The beginning of a message that only one component writes: its reason, and who writes it.
_MESSAGES = (
    (r"Failed to pull image \"", "Failed", "kubelet"),
    (r"Error: (?:(?:configmap|secret) \"[^\"]+\" not found|couldn't find key \S+ in (?:ConfigMap|Secret)|container has runAsNonRoot)", "Failed", "kubelet"),
    (r"Error: failed to (?:start container \"|create containerd task)", "Failed", "kubelet"),
    (r"OCI runtime create failed: ", "Failed", "kubelet"),
    (r"Back-off pulling image \"", "BackOff", "kubelet"),
    (r"(?:ErrImagePull|ImagePullBackOff|ErrImageNeverPull|InvalidImageName): ", "Failed", "kubelet"),
    (r"(?:Multi-Attach error|Waiting for detach) for volume \"|AttachVolume\.\w+ failed for volume", "FailedAttachVolume", "attachdetach-controller"),
    (r"Error: (?:secret|configmap)s? \"[^\"]+\" not found", "Failed", "kubelet"),
    (r"MountVolume\.\w+ failed for volume|Unable to attach or mount volumes", "FailedMount", "kubelet"),
    (r"Failed (?:to )?create pod sandbox", "FailedCreatePodSandBox", "kubelet"),
    (r"(?:Liveness|Readiness|Startup) probe (?:failed|errored)", "Unhealthy", "kubelet"),
    (r"\d+/\d+ nodes are available:", "FailedScheduling", "default-scheduler"),
    (r"(?:create Pod \S+ in )?StatefulSet \S+ failed error: ", "FailedCreate", "statefulset-controller"),
    (r"[Ff]ailed to provision volume with StorageClass", "ProvisioningFailed", "persistentvolume-controller"),
)  # fmt: skip
_MESSAGE = tuple((late(rf"{_LEAD}(?P<message>(?:{form}).*)"), reason, source) for form, reason, source in _MESSAGES)
_STATE = late(r"(?:ErrImage|ImagePull|InvalidImage)\w+: ")
# What no person words so, anywhere in a title or a sentence.
_TOLD = (
    (late(r".*?(?P<message>(?<!\d)\d{1,6}/\d{1,6} nodes are available: .+)"), "FailedScheduling", "default-scheduler"),
    (late(r".*?(?:CreateContainerConfigError:? (?:Error: )?|\bError: )(?P<message>(?:secret|configmap) \"[^\"]+\" not found)\W*"), "Failed", "kubelet"),
    (late(r"[^:{}]{0,80}?(?P<message>(?:exec: )?\"[^\"\s]+\": executable file not found in \$PATH).*"), "Failed", "kubelet"),
)  # fmt: skip
# A sentence of the teller's own, behind the message. The scheduler's parts begin small.
_NEXT = late(r"(?<=[.?!]) (?=[A-Z][a-z]* )")
_EMPHASIS = late(r"\*\*(\S(?:[^*]*\S)?)\*\*")
_POD = (
    late(r"Successfully assigned (?:(?P<namespace>[a-z0-9-]+)/)?(?P<name>[\w.-]+) to "),
    late(r" in pod (?P<name>[a-z0-9][\w.-]*)_(?P<namespace>[a-z0-9-]+)\("),
    late(r"pod=(?P<name>[a-z0-9][\w.-]*)_(?P<namespace>[a-z0-9-]+)\("),
    late(r"\bpod \"(?P<name>[a-z0-9][\w.-]*)_(?P<namespace>[a-z0-9-]+)(?:\"|\([0-9a-f-]+\)\")"),
)
_CLAIM = late(r"claim \"(?P<namespace>[a-z0-9-]+)/(?P<name>[a-z0-9.-]+)\"")
_SET = late(r"\bStatefulSet (?P<name>[a-z0-9.-]+)")
_MADE = late(r"pods \"(?P<name>[a-z0-9.-]+)-(?:[a-z0-9]{5})?\" is forbidden")
_MAKERS = {
    "replicaset-controller": "ReplicaSet",
    "statefulset-controller": "StatefulSet",
    "daemonset-controller": "DaemonSet",
    "job-controller": "Job",
}
_ON_NODE = frozenset({"OOMKilling", "SystemOOM", "NodeNotReady", "NodeHasDiskPressure", "Rebooted", "KernelDeadlock"})
_OF_CLAIMS = frozenset({"FailedBinding", "VolumeMismatch", "WaitForFirstConsumer", "WaitForPodScheduled"})
_EVENTS = late(r"^\s*Events:\s+")
_HEADING = "  Type     Reason     Age                   From               Message"


@dataclass(slots=True)
class Row:
    type: str
    reason: str
    age: str
    source: str
    message: str


def row_of(line: str) -> Row | None:
    """A row of a description's table of events, whatever became of its gaps; or a message alone."""
    if match := _ROW.fullmatch(line):
        age = match["age"] + (match["times"] or "")
        return Row(match["type"], match["reason"], age, match["from"], match["message"].strip())
    if event_rows.is_row(line):
        found = next(event_rows.read([line]))
        who = found.get("From") or "kubelet"
        return Row(found["Type"], found["Reason"], found.get("Age") or "<unknown>", who, found["Message"])
    for form, reason, source in _MESSAGE:
        if match := form.fullmatch(line):
            text = match["message"].strip()
            # A status column's word before the message: the kubelet's event has "Error: " there.
            return Row("Warning", reason, "0s", source, f"Error: {text}" if _STATE.match(text) else text)
    return None


def told_in(line: str) -> Row | None:
    """The message of an event that somebody tells in a title or in a sentence."""
    for form, reason, source in _TOLD:
        if match := form.fullmatch(line):
            text = _NEXT.split(match["message"], maxsplit=1)[0].rstrip("\"'`, \t\u201d\u2019")
            if "not found in $PATH" in text:
                text = f"failed to start container: {text}"
            return Row("Warning", reason, "0s", source, text if reason == "FailedScheduling" else f"Error: {text}")
    return None


def with_rows(text: str) -> str:
    """A description of which a message alone is left: as the row that it was."""
    lines = text.split("\n")
    if any(map(event_rows.is_row, lines)):
        return text
    for number, line in enumerate(lines):
        if row := row_of(_EVENTS.sub("", line)):
            lines[number] = f"  {row.type}  {row.reason}  {row.age}  {row.source}  {row.message}"
    return "\n".join(lines)


def described(rows: list[Row]) -> Iterator[tuple[str, str]]:
    """Commands and what they would have printed: one per object."""
    for row in rows:
        row.message = _EMPHASIS.sub(r"\1", row.message)
    pod = _pod([row.message for row in rows])
    groups: dict[str, list[Row]] = {}
    named = {about for row in rows if (about := _about(row)).startswith("pvc ") and not about.endswith(UNNAMED)}
    for row in rows:
        about = _about(row) or pod
        # A claim's description names it in one row only.
        groups.setdefault(min(named) if len(named) == 1 and about == f"pvc {UNNAMED}" else about, []).append(row)
    for about, own in groups.items():
        lines = [f"  {row.type}  {row.reason}  {row.age}  {row.source}  {row.message}" for row in own]
        yield f"kubectl describe {about}", "\n".join(["Events:", _HEADING, *lines])


def _pod(messages: list[str]) -> str:
    found = [match for text in messages for form in _POD if (match := form.search(text))]
    if not found:
        return "pod"
    name = found[0]["name"]
    namespace = next((match["namespace"] for match in found if match["namespace"] and match["name"] == name), "")
    return f"pod {name}{_placed(namespace)}"


def _about(row: Row) -> str:
    """The object, as a command names it; "" for a pod."""
    component, _, node = row.source.partition(", ")
    if row.reason in _ON_NODE and node:
        return f"node {node}"
    if row.reason == "FailedCreate" and component in _MAKERS:
        match = _SET.search(row.message) or _MADE.search(row.message)
        return f"{_MAKERS[component]} {match['name'] if match else UNNAMED}"
    if "Provision" in row.reason or row.reason in _OF_CLAIMS:
        claim = _CLAIM.search(row.message)
        return f"pvc {claim['name']}{_placed(claim['namespace'])}" if claim else f"pvc {UNNAMED}"
    return ""


def _placed(namespace: str | None) -> str:
    return f" -n {namespace}" if namespace else ""
