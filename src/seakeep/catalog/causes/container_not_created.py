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
from seakeep.facts.containers.crashes import Crash, crashes, pod_events
from seakeep.facts.freshness import event_evidence
from seakeep.facts.index import Index
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod
from seakeep.model.pattern import late

# The first try has not ended: nothing of the specification is at fault.
_SLOW = late(r"context deadline exceeded|failed to reserve container name|name .{1,200} is reserved for")


def find(index: Index) -> Iterable[Candidate]:
    for crash in crashes(index):
        told = _told(index, crash) if crash.reason == "CreateContainerError" else None
        if told is None:
            continue
        words = told.value.removeprefix("Failed: ").removeprefix("Error: ")
        where = f" on node {crash.pod.spec.node_name}" if crash.pod.spec.node_name else ""
        yield Candidate(
            id="container-not-created",
            object=crash.workload,
            summary=f"container {crash.status.name} cannot be made{where}: {words[:200]}",
            evidence=(told, *crash.evidence[:3]),
            affects=(crash.pod.ref,),
            repair=Repair(
                f"See why the container runtime{where} is slow: its disk, its load and its journal."
                if _SLOW.search(words)
                else f"Take out of {crash.workload.kind} {crash.workload.name} what the runtime names, or provide it{where}."
            ),
            confidence=LIKELY,
        )


def _told(index: Index, crash: Crash) -> Evidence | None:
    """The runtime's words: in the status, else in the kubelet's last event (`kubectl describe` shows no message of a container that waits)."""
    if crash.message:
        path = f"status.containerStatuses[{crash.status.name}].state.waiting.message"
        return Evidence(crash.pod.ref, path, crash.message[:300])
    event = next((event for event in pod_events(index, crash.pod, "Failed") if event.text.startswith("Error: ")), None)
    return event_evidence(index, event, current=True) if event and event.text != f"Error: {crash.reason}" else None


CAUSE = CauseLeaf(id="container-not-created", title="Container cannot be made", reads=(Pod,), find=find, generic=True)
