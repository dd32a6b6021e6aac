"""The container runtime of a node has stopped.

What: the node is Ready=False with "container runtime is down" or "PLEG is not healthy", sandboxes fail on containerd.sock, crio.sock or cri-dockerd.sock, or the runtime's unit is not active. The kubelet's own unit often still runs.

Why: the unit was stopped or crashes, its configuration does not load, its disk is full, or a container's process hangs in the kernel.

Bad:
    Active: inactive (dead)     # systemctl status containerd

Good:
    Active: active (running)

Ignore when: the runtime is being upgraded and comes back within a minute.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_candidates import confidence_of, evidence_of, stopped_services, suffering
from seakeep.facts.nodes.node_services import Service, runtime_of
from seakeep.facts.nodes.nodes import node_ref
from seakeep.facts.shell_words import quote
from seakeep.model.cause import Candidate, Repair
from seakeep.model.finding import Severity
from seakeep.model.objects import Node


def find(index: Index) -> Iterable[Candidate]:
    for item in stopped_services(index, Service.RUNTIME):
        affected = suffering(index, item)
        runtime = runtime_of(index, item.node)
        yield Candidate(
            id="container-runtime-down",
            object=node_ref(item.node),
            summary=f"{runtime} on node {item.node} does not work: no container can be started, stopped or watched there"
            + (f"; {len(affected)} pod{'s' if len(affected) != 1 else ''} suffer" if affected else ""),
            evidence=evidence_of(item),
            affects=affected,
            repair=Repair(
                f"Start {runtime} on node {item.node} again (systemctl restart {runtime}), after its journal and its disk have told why it stopped."
            ),
            confidence=confidence_of(item),
            settled_by=""
            if confidence_of(item) >= PROVEN
            else f"kubectl debug node/{quote(item.node)} --image=busybox -- chroot /host systemctl status {quote(runtime)}",
        )


CAUSE = CauseLeaf(
    id="container-runtime-down",
    title="Container runtime does not work",
    reads=(Node,),
    find=find,
    severity=Severity.CRITICAL,
)
