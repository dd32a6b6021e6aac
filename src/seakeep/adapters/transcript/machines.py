"""What a transcript shows of the machines under the cluster: kubelets that the API server cannot reach, and commands run on a node from outside."""

from __future__ import annotations

import re

from msgspec import structs

from seakeep.adapters.transcript.checks import check_of, outcome_of
from seakeep.adapters.transcript.gathered import Raw
from seakeep.adapters.transcript.kubelet_log import kubelet_events
from seakeep.adapters.transcript.notes import Notes
from seakeep.model.pattern import late
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Check, Depth

# The API server itself makes the call; its Service is the object that every cluster has for it.
_API_SERVER = Ref("Service", "default", "kubernetes")
_DIALED = re.compile(r"dial(?:ing)? (?:tcp )?(?P<host>[\w.-]{1,253}|\[[0-9a-fA-F:]+\]):(?P<port>\d{2,5})\b")
_BACKEND = re.compile(r"error dialing backend|:10250\b|/(?:containerLogs|exec|attach|portForward)/")
_NOT_RUN = re.compile(
    r"\s*(?:Error from server|error: unable to upgrade connection|error: Internal error occurred|Unable to connect|The connection to the server)"
)
_ON_MACHINE = re.compile(
    r"(?:sudo\s+)?(?:ssh\s+(?:-[A-Za-z]\s+\S+\s+|-[A-Za-z]+\s+)*(?:\w[\w.-]*@)?(?P<ssh>[\w.-]+)|docker\s+exec\s+(?:-\w+\s+)*(?P<docker>[\w.-]+)|minikube\s+ssh\s+(?:-n|--node)[ =](?P<minikube>[\w.-]+))\s+(?:--\s+)?(?P<inner>.+)"
)
# Lines of a journal that tell how things are now; a longer one also shows what has passed.
_NEWEST = 40
_JOURNAL = (
    (
        "ContainerRuntimeDown",
        late(
            r"container runtime is down|(?:containerd|crio|cri-dockerd|docker)\.sock[^\n]{0,80}(?:connection refused|no such file)|PLEG is not healthy: pleg was last seen"
        ),
    ),
    ("NetworkNotReady", late(r"NetworkReady=false|cni plugin not initialized|cni config uninitialized")),
    (
        "KubeletFailed",
        late(
            r"failed to run Kubelet|failed to load Kubelet config file|kubelet\.service: (?:Failed with result|Start request repeated too quickly)"
        ),
    ),
)


def backend_check(text: str, verb: str, about: str) -> Check | None:
    """`exec`, `logs` or `attach` (`verb`) of a pod or node (`about`, namespace/name) that ended at the kubelet's port; None where the kubelet answered."""
    match = _DIALED.search(text)
    if not match or not _NOT_RUN.match(text) or not _BACKEND.search(text):
        return None
    outcome = outcome_of(text) or ("timeout" if re.search(r"code 50[234]|proxy error", text) else "")
    if outcome in {"", "dns-failure"}:
        return None
    detail = f"{verb} {about}: {' '.join(text.split())}"[:400]
    return Check("tcp", _API_SERVER, match["host"].strip("[]"), int(match["port"]), outcome, detail)


def was_not_run(text: str) -> bool:
    """The API server refused the command, or could not pass it on: its output says nothing of the pod."""
    return bool(_NOT_RUN.match(text))


def machine_check(line: str, text: str) -> Check | None:
    """`ssh NODE systemctl status kubelet` and the like; None where the program is none that is understood."""
    name, words = _on_machine(line)
    return check_of(Ref("Node", "", name), words, text) if name else None


class Machines:
    """What was said of machines by short names, until the nodes' full ones are known."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self._journal: list[Raw] = []

    def read_journal(self, line: str, text: str) -> None:
        """What the kubelet's journal says of its node, as the event that the node controller or the kubelet leaves of the same: the newest word of each sort among the last lines."""
        name, words = _on_machine(line)
        if not name and line.startswith("journalctl "):
            words = ("journalctl",)
        if not words or words[0] != "journalctl":
            return
        for raw in kubelet_events(text, name, self.notes.now):
            self.notes.gathered.add(raw, Depth.FULL)
        if not name:
            return
        found: dict[str, str] = {}
        for entry in text.splitlines()[-_NEWEST:]:
            for reason, form in _JOURNAL:
                if form.search(entry):
                    found[reason] = entry.strip()[-900:]
        self._journal += [
            {
                "kind": "Event",
                "metadata": {"name": f"{name}.{reason}.journal", "namespace": "default"},
                "involvedObject": {"kind": "Node", "name": name, "namespace": ""},
                "type": "Warning",
                "reason": reason,
                "message": message,
                "count": 1,
                "lastTimestamp": self.notes.now.isoformat(),
                "source": {"component": "kubelet"},
            }
            for reason, message in sorted(found.items())
        ]

    def finish(self) -> None:
        for raw in self._journal:
            about = raw["involvedObject"]
            about["name"] = self._full(about["name"])
            self.notes.gathered.add(raw, Depth.FULL)
        self.notes.assembly.checks = [
            structs.replace(check, origin=Ref("Node", "", self._full(check.origin.name)))
            if check.origin.kind == "Node"
            else check
            for check in self.notes.assembly.checks
        ]

    def _full(self, host: str) -> str:
        """A prompt and `ssh` have the first part of a machine's name where the node has all of it."""
        names = [name for name, _ in self.notes.gathered.of_kind("Node", "")]
        longer = [name for name in names if name.startswith(f"{host}.")]
        return longer[0] if host not in names and len(longer) == 1 else host


def _on_machine(line: str) -> tuple[str, tuple[str, ...]]:
    """The machine's name, and the words of the command that ran there; ("", ()) for any other command."""
    match = _ON_MACHINE.fullmatch(line.strip())
    if not match:
        return "", ()
    words = match["inner"].strip("'\"").removeprefix("sudo ").split()
    return match["ssh"] or match["docker"] or match["minikube"], tuple(words)
