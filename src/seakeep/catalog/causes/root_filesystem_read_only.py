"""Container writes to its own image, which it may not.

What: a container ends with "Read-only file system" at a path where nothing is mounted, and its securityContext sets readOnlyRootFilesystem.

Why: the setting was hardened for the whole platform; caches, pid files, compiled templates and home directories lie in the image.

Bad:
    securityContext: {readOnlyRootFilesystem: true}        # and the application writes to /app/cache

Good:
    securityContext: {readOnlyRootFilesystem: true}
    volumeMounts: [{name: cache, mountPath: /app/cache}]     # an emptyDir

Ignore when: never while the service is meant to run.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.containers.crashes import by_workload, crashes
from seakeep.facts.containers.unwritable import Unwritable, unwritable
from seakeep.facts.index import Index
from seakeep.facts.shell_words import named
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for (_, name), group in by_workload(crashes(index)).items():
        item = next((found for crash in group if (found := unwritable(index, crash.pod, name))), None)
        if item is not None:
            yield _candidate(item, name, [crash.pod for crash in group])


def _candidate(item: Unwritable, name: str, pods: list[Pod]) -> Candidate:
    pod, where = item.pod, item.path or "where it writes"
    setting = Evidence(pod.ref, f"spec.containers[{name}].securityContext.readOnlyRootFilesystem", "true")
    return Candidate(
        id="root-filesystem-read-only",
        object=item.workload,
        summary=f"container {name} may not write to {where}, which is in its image",
        evidence=(item.evidence, *((setting,) if item.seen else ())),
        affects=tuple(each.ref for each in pods),
        repair=Repair(f"Mount an emptyDir at {where} in container {name}, or take readOnlyRootFilesystem from it."),
        confidence=PROVEN if item.seen else LIKELY,
        settled_by="" if item.seen else f"kubectl get pod {named(pod)} -o yaml",
    )


CAUSE = CauseLeaf(id="root-filesystem-read-only", title="Container may not write to its image", reads=(Pod,), find=find)
