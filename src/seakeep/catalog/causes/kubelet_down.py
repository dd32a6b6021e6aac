"""The kubelet of a node has stopped.

What: the node is Ready=Unknown ("Kubelet stopped posting node status"), its lease is no longer renewed, its unit is not active, or nobody answers on port 10250. Its pods go on running at first, then are marked not ready and deleted.

Why: the unit was stopped, crashes on its configuration or an expired certificate, or the whole machine is off or cut off from the API server.

Bad:
    Active: inactive (dead)     # systemctl status kubelet

Good:
    Active: active (running)

Ignore when: the node is being rebooted or removed on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_candidates import callers, confidence_of, evidence_of, stopped_services, suffering
from seakeep.facts.nodes.node_services import Service
from seakeep.facts.nodes.nodes import node_ref, ready_status
from seakeep.facts.scheduling.scheduling import unplaced
from seakeep.facts.scheduling.scheduling_messages import Reason, Refusal
from seakeep.facts.shell_words import quote
from seakeep.model.cause import Candidate, Repair
from seakeep.model.finding import Severity
from seakeep.model.objects import Node
from seakeep.model.refs import UNNAMED


def find(index: Index) -> Iterable[Candidate]:
    for item in stopped_services(index, Service.KUBELET):
        alive = ready_status(index, item.node) == "True"
        affected = callers(item) if alive else suffering(index, item)
        first = evidence_of(item)[0]
        yield Candidate(
            id="kubelet-down",
            object=node_ref(item.node),
            summary=f"the kubelet of node {item.node} does not answer ({first.value.partition(' (')[0][:120]})"
            + (", though its heartbeats come" if alive else _toll(len(affected))),
            evidence=evidence_of(item),
            affects=affected,
            repair=Repair(
                f"Open TCP 10250 of node {item.node} to the API server: the node's firewall, the kubelet's --address, the node's InternalIP. Its pods need no repair."
                if alive
                else f"Start the kubelet of node {item.node} (systemctl restart kubelet), after its journal has told why it stopped; if the machine does not answer at all, bring that back first."
            ),
            confidence=confidence_of(item),
            settled_by=""
            if confidence_of(item) >= PROVEN
            else f"kubectl describe node {quote(item.node)}; kubectl debug node/{quote(item.node)} --image=busybox -- chroot /host systemctl status kubelet",
            contained=alive,
        )

    yield from _by_taint(index)


def _by_taint(index: Index) -> Iterable[Candidate]:
    """From a source that shows no nodes: the node controller's taint, where nothing else keeps the pods out."""
    told = [item for item in unplaced(index) if item.reasons and all(_is_unreachable(one) for one in item.reasons)]
    if told and not any(index.snapshot.all(Node)):
        yield Candidate(
            id="kubelet-down",
            object=node_ref(UNNAMED),
            summary="the kubelet of every node that could take the pods has stopped: the node controller tainted them as unreachable",
            evidence=tuple(piece for item in told for piece in item.evidence)[:4],
            affects=tuple(ref for item in told for ref in (item.workload, *item.affected))[:50],
            repair=Repair(
                "Find the node that is NotReady, and start its kubelet after its journal has told why it stopped."
            ),
            confidence=LIKELY,
            settled_by="kubectl get nodes -o wide",
        )


def _is_unreachable(reason: Reason) -> bool:
    return reason.refusal is Refusal.CONDITION and "node.kubernetes.io/unreachable" in reason.detail


def _toll(pods: int) -> str:
    return f"; {pods} pod{'s' if pods != 1 else ''} of the node suffer" if pods else ""


CAUSE = CauseLeaf(
    id="kubelet-down", title="Kubelet does not answer", reads=(Node,), find=find, severity=Severity.CRITICAL
)
