"""A container is ended because its postStart hook fails.

What: the container starts, the hook's command or request fails, and the kubelet kills the container: FailedPostStartHook, PostStartHookError, exit code 137 without a lack of memory.

Why: the hook's command is not in the image or not executable, it calls the container's own server before that listens, or what it calls is not there.

Bad:
    lifecycle: {postStart: {exec: {command: [/bin/warmup.sh]}}}     # no such file

Good:
    lifecycle: {postStart: {exec: {command: [sh, -c, "/app/warmup.sh || true"]}}}

Ignore when: never while the container does not stay up. A preStop hook that fails ends nothing that was not ending.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import PROVEN, CauseLeaf
from seakeep.facts.containers.crashes import Crash, crashes
from seakeep.facts.freshness import event_evidence, is_recent
from seakeep.facts.index import Index
from seakeep.facts.workloads.podstate import container_named
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for crash in crashes(index):
        told = _told(index, crash)
        if not told and crash.reason != "PostStartHookError":
            continue
        container = container_named(crash.pod, crash.status.name)
        hook = container.lifecycle.post_start if container and container.lifecycle else None
        does = " ".join(hook.exec.command) if hook and hook.exec else "a request" if hook else ""
        path = f"spec.containers[{crash.status.name}].lifecycle.postStart"
        shown = [Evidence(crash.pod.ref, path, does[:300])] if does else []
        yield Candidate(
            id="lifecycle-hook-failing",
            object=crash.workload,
            summary=f"container {crash.status.name} of {crash.pod.name} is ended because its postStart hook fails",
            evidence=(*told[:2], *crash.evidence[:2], *shown),
            affects=(crash.pod.ref,),
            repair=Repair(
                f"Correct the postStart hook of container {crash.status.name} in {crash.workload.kind} {crash.workload.name}: run its command in the image by hand, and let it wait for what it needs."
            ),
            confidence=PROVEN,
        )


def _told(index: Index, crash: Crash) -> list[Evidence]:
    return [
        event_evidence(index, event)
        for event in index.events_about(crash.pod.ref)
        if event.reason == "FailedPostStartHook"
        and is_recent(index, event.last_seen)
        and _is_of(event.involved_object.field_path if event.involved_object else "", crash.status.name)
    ]


def _is_of(path: str, name: str) -> bool:
    return not path or f"{{{name}}}" in path


CAUSE = CauseLeaf(id="lifecycle-hook-failing", title="postStart hook fails", reads=(Pod,), find=find)
