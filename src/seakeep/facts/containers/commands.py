"""Why a command could not be started."""

from __future__ import annotations

import re

from seakeep.facts.containers.crashes import Crash, pod_events
from seakeep.facts.containers.image_parts import parts_of
from seakeep.facts.containers.logs import Topic, hits
from seakeep.facts.containers.scripts import insists
from seakeep.facts.freshness import event_evidence
from seakeep.facts.index import Index
from seakeep.facts.workloads.podstate import container_named
from seakeep.model.cause import Evidence
from seakeep.model.objects import Container
from seakeep.model.pattern import late

# runc, containerd and cri-dockerd: the exec of the container's process failed.
_WORDS = late(
    r"executable file not found|no command specified|no such file or directory.{0,40}unknown$|exec: .{0,200}(?:no such file|permission denied|is a directory)|starting container process caused|error during container init.{0,200}(?:exec|not found)|unable to start container process(?!.{0,200}(?:mount|oom|OOM))",
    re.IGNORECASE,
)
# Shells: 126 cannot execute, 127 not found; 128 is containerd's for a process that never ran.
_CODES = {126, 127, 128}
# Distroless images have a shell in their debug variants only (their README).
_SHELL_LESS = ("gcr.io/distroless/", "cgr.dev/chainguard/static")


def needs_shell(container: Container) -> bool:
    """A command for a shell, in an image that is built without one."""
    image = parts_of(container.image)
    bare = image.repository.startswith(_SHELL_LESS) and "debug" not in image.tag
    return bare and bool(container.command) and container.command[0].rpartition("/")[2] in {"sh", "bash", "ash", "dash"}


def what_cannot_run(index: Index, crash: Crash) -> tuple[Evidence, ...] | None:
    """Evidence that the command itself is at fault, the runtime's own words first; path `exit` where only the exit code says so. None where it is not."""
    message = " ".join((crash.message, crash.ended.message if crash.ended else ""))
    if "exec format error" in message or "OOM" in message:
        return None
    if _WORDS.search(message):
        return (Evidence(crash.pod.ref, f"status.containerStatuses[{crash.status.name}]", message.strip()[:300]),)
    started = {"RunContainerError", "StartError", "ContainerCannotRun", "CreateContainerError"}
    events = [
        event
        for event in pod_events(index, crash.pod, "Failed", "BackOff")
        if _WORDS.search(event.text) and "exec format error" not in event.text
    ]
    if events and (crash.reason in started | {"CrashLoopBackOff"} or crash.exit_code in _CODES):
        return tuple(event_evidence(index, event, current=True) for event in events[:2])
    if crash.exit_code in {126, 127}:
        lines = tuple(hit.evidence for hit in hits(index, crash.pod, Topic.NOT_FOUND, Topic.PERMISSION)[:2])
        container = container_named(crash.pod, crash.status.name)
        if not lines and container and insists(container):
            return None
        return lines or (Evidence(crash.pod.ref, "exit", f"exit code {crash.exit_code}"),)
    if crash.exit_code == 128 and crash.ended and crash.ended.reason in started:
        return (Evidence(crash.pod.ref, "exit", f"exit code 128 {crash.ended.reason}"),)
    return None
