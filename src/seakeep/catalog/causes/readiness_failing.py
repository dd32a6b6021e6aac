"""Application says that it is not ready.

What: a pod runs and its readiness probe fails for a reason inside the application.

Why: it waits for something else, is overloaded, or is broken; its log tells more than its probe.

Bad:
    Readiness probe failed: HTTP probe failed with statuscode: 503

Good:
    Ready: True

Ignore when: the pod is still starting.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.probes import Trouble, probe_troubles
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref


def find(index: Index) -> Iterable[Candidate]:
    seen: set[Ref] = set()
    for item in probe_troubles(index):
        if (
            item.kind == "readiness"
            and item.trouble in {Trouble.STATUS, Trouble.SLOW, Trouble.OTHER}
            and item.pod.ref not in seen
            and item.seen
        ):
            seen.add(item.pod.ref)
            yield Candidate(
                id="readiness-failing",
                object=item.workload,
                summary=f"{item.pod.name} runs and is not ready: {item.detail[:160]}",
                evidence=item.evidence,
                affects=(item.pod.ref,),
                repair=Repair(f"Find out from the log of {item.pod.name} why its application is not ready."),
                confidence=LIKELY,
                settled_by=f"kubectl logs {item.pod.name} -n {item.pod.namespace} --all-containers",
            )


CAUSE = CauseLeaf(
    id="readiness-failing", title="Application says that it is not ready", reads=(Pod,), find=find, generic=True
)
