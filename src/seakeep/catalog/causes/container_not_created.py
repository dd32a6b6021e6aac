"""The container runtime cannot make the container.

What: a container waits with CreateContainerError and the runtime's message: a seccomp or AppArmor profile that the node does not have, a mount that is not shared, a device or a name that is taken.

Why: the specification asks for something that this node, or its runtime, does not offer.

Bad:
    seccompProfile: {type: Localhost, localhostProfile: profiles/web.json}     # not on the nodes

Good:
    seccompProfile: {type: RuntimeDefault}

Ignore when: never: the container cannot start.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, CauseLeaf
from seakeep.facts.containers.crashes import crashes
from seakeep.facts.index import Index
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for crash in crashes(index):
        if crash.reason != "CreateContainerError" or not crash.message:
            continue
        where = f" on node {crash.pod.spec.node_name}" if crash.pod.spec.node_name else ""
        yield Candidate(
            id="container-not-created",
            object=crash.workload,
            summary=f"container {crash.status.name} cannot be made{where}: {crash.message[:200]}",
            evidence=crash.evidence[:3],
            affects=(crash.pod.ref,),
            repair=Repair(
                f"Take out of {crash.workload.kind} {crash.workload.name} what the runtime names, or provide it{where}."
            ),
            confidence=LIKELY,
        )


CAUSE = CauseLeaf(id="container-not-created", title="Container cannot be made", reads=(Pod,), find=find, generic=True)
