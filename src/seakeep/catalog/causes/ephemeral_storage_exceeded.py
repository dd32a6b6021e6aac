"""A pod used more local disk than it may, and was evicted.

What: the pod is Failed with reason Evicted and "Pod ephemeral local storage usage exceeds …", "exceeded its local ephemeral storage limit" or "Usage of EmptyDir volume … exceeds the limit".

Why: logs, temporary files or caches grow in the container's layer or in an emptyDir with a sizeLimit.

Bad:
    emptyDir: {sizeLimit: 100Mi}     # for shuffle files of several gigabytes

Good:
    a claim of its own for data that grows, or limits: {ephemeral-storage: 10Gi}

Ignore when: the evicted pod is of an old revision and the new one has room.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from seakeep.contract.cause import HINT, LIKELY, PROVEN, CauseLeaf
from seakeep.facts.disruption.evictions import LATELY, Eviction, evictions, is_fresh, still_short
from seakeep.facts.freshness import is_recent
from seakeep.facts.index import Index
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref


def find(index: Index) -> Iterable[Candidate]:
    groups: dict[Ref, list[Eviction]] = defaultdict(list)
    for item in evictions(index):
        if item.own:
            groups[item.workload].append(item)
    for workload, items in sorted(groups.items()):
        who = f"{workload.kind} {workload.name}"
        again = len(items) > 1 and is_recent(index, items[0].time, LATELY)
        current = is_fresh(index, items[0]) or still_short(index, workload)
        yield Candidate(
            id="ephemeral-storage-exceeded",
            object=workload,
            summary=f"{who} used more local disk than it may, and {len(items)} of its pods {'were' if len(items) > 1 else 'was'} evicted: {items[0].message[:140]}",
            evidence=tuple(item.evidence for item in items[:4]),
            affects=tuple(item.pod for item in items[:50]),
            repair=Repair(
                f"Raise the ephemeral-storage limit or the emptyDir's sizeLimit of {who}, or give what it writes a claim of its own."
            ),
            confidence=PROVEN if current else LIKELY if again else HINT,
        )


CAUSE = CauseLeaf(id="ephemeral-storage-exceeded", title="Pod used too much local disk", reads=(Pod,), find=find)
