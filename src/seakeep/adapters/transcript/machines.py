"""What a transcript shows of the machines under the cluster: kubelets that the API server cannot reach, and commands run on a node from outside."""

from __future__ import annotations

import re

from seakeep.adapters.transcript.checks import check_of, outcome_of
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Check

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
    match = _ON_MACHINE.fullmatch(line.strip())
    if not match:
        return None
    name = match["ssh"] or match["docker"] or match["minikube"]
    words = tuple(match["inner"].strip("'\"").split())
    return check_of(Ref("Node", "", name), words, text)
