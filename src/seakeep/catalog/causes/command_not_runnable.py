"""Command cannot be run.

What: the container ends with exit code 126, 127 or 128, in StartError or RunContainerError: the executable does not exist or may not be executed.

Why: a typing error in command or args, a program that the image does not have, or a script that is not executable.

Bad:
    command: [wge, http://web]

Good:
    command: [wget, http://web]

Ignore when: never: the container cannot start.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.containers.commands import needs_shell, what_cannot_run
from seakeep.facts.containers.crashes import by_workload, crashes
from seakeep.facts.containers.heard import heard
from seakeep.facts.index import Index
from seakeep.facts.workloads.planned import planned
from seakeep.facts.workloads.podstate import container_named
from seakeep.facts.workloads.revision_repairs import command_before
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod
from seakeep.model.pattern import late

# runc and tini, of a process that they could not start.
_NOT_STARTED = late(
    r"exec user process caused:? \"?(?:no such file|permission denied|operation not permitted)|executable file not found in \$PATH|\[FATAL tini .{0,20}\] exec \S+ failed|^exec \S+: (?:no such file|permission denied|operation not permitted)"
)


def find(index: Index) -> Iterable[Candidate]:
    for (workload, name), group in by_workload(crashes(index)).items():
        for crash in group:
            told = what_cannot_run(index, crash)
            if told is None:
                continue
            container = container_named(crash.pod, name)
            command = " ".join((*container.command, *container.args))[:120] if container else ""
            yield Candidate(
                id="command-not-runnable",
                object=workload,
                summary=f"container {name} cannot run its command{f' ({command})' if command else ''}",
                evidence=(*told, *crash.evidence[:3]),
                affects=tuple(item.pod.ref for item in group),
                repair=Repair(
                    f"Correct the command of container {name}, or use an image that has the program.",
                    command_before(index, workload, name),
                ),
                confidence=PROVEN if told[0].path != "exit" else LIKELY,
            )
            break
    for alone in heard(index):
        if told_last := alone.says(_NOT_STARTED):
            yield Candidate(
                id="command-not-runnable",
                object=alone.workload,
                summary=f"its log ends with a command that cannot be run: {told_last.value[:160]}",
                evidence=(told_last,),
                affects=(alone.pod.ref,),
                repair=Repair("Correct the command, or use an image that has the program and lets its user run it."),
                confidence=LIKELY,
            )
    for item in planned(index):
        for part in (each for each in item.spec.containers if needs_shell(each)):
            yield Candidate(
                id="command-not-runnable",
                object=item.ref,
                summary=f"container {part.name} of {item.ref.kind} {item.ref.name} starts with {part.command[0]}, and image {part.image} has no shell",
                evidence=(
                    Evidence(
                        item.item.ref, f"{item.path}.containers[{part.name}].command", " ".join(part.command)[:120]
                    ),
                ),
                affects=(item.ref,),
                repair=Repair(f"Start the program of container {part.name} directly, or use an image with a shell."),
                confidence=LIKELY,
            )


CAUSE = CauseLeaf(id="command-not-runnable", title="Command cannot be run", reads=(Pod,), find=find)
