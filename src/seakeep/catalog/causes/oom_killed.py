"""Container is killed for its memory.

What: a container ended as OOMKilled or with exit code 137 under a memory limit, or its sandbox could not start within it.

Why: the limit is below what the process needs: a heap as large as the limit, a leak, or more data than yesterday.

Bad:
    limits: {memory: 64Mi}      # the process needs 180Mi

Good:
    limits: {memory: 256Mi}

Ignore when: the container is meant to be bounded and restarts are harmless.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.resources.memory_floor import beneath
from seakeep.facts.resources.memory_kills import memory_kills
from seakeep.facts.resources.memory_repairs import after_kill
from seakeep.facts.shell_words import named
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    killed = {kill.workload for kill in memory_kills(index)}
    for item in beneath(index):
        if item.workload not in killed:
            path = f"spec.template.spec.containers[{item.container}].resources.limits.memory"
            yield Candidate(
                id="oom-killed",
                object=item.workload,
                summary=f"memory limit {item.limit} of container {item.container} is less than any container needs to start",
                evidence=(Evidence(item.workload, path, item.limit),),
                repair=Repair(
                    f"Write limits.memory of container {item.container} with the unit that was meant, such as Mi."
                ),
                confidence=LIKELY,
            )
    for kill in memory_kills(index):
        limit = f" of {kill.limit}" if kill.limit else ""
        yield Candidate(
            id="oom-killed",
            object=kill.workload,
            summary=f"container {kill.container} was killed at its memory limit{limit}",
            evidence=kill.evidence,
            affects=kill.pods,
            repair=Repair(
                f"Raise limits.memory of container {kill.container} above what it uses at its peak, or bound what it allocates.",
                after_kill(index, kill),
            ),
            confidence=PROVEN if kill.sure else LIKELY,
            settled_by="" if kill.sure else f"kubectl describe pod {named(kill.pods[0])}",
        )


CAUSE = CauseLeaf(id="oom-killed", title="Container is killed for its memory", reads=(Pod,), find=find)
