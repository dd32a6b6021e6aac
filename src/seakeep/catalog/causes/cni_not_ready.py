"""The pod network of a node is not set up.

What: the node is Ready=False with "NetworkPluginNotReady" or "cni plugin not initialized", has NetworkUnavailable=True, or its pods' sandboxes fail in the CNI plug-in (flannel's subnet.env, calico's nodename, cilium's daemon). Often the plug-in's own pod on the node is not ready.

Why: the plug-in's DaemonSet does not run there, its configuration in /etc/cni/net.d is gone, or its access to the API server was taken away.

Bad:
    ls /etc/cni/net.d     # empty

Good:
    ls /etc/cni/net.d     # 10-calico.conflist

Ignore when: the node joined a minute ago and the plug-in is still starting.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_agents import cni_troubles
from seakeep.facts.nodes.node_candidates import confidence_of, evidence_of, stopped_services, suffering
from seakeep.facts.nodes.node_services import Service
from seakeep.facts.nodes.nodes import node_ref
from seakeep.facts.shell_words import quote
from seakeep.model.cause import Candidate, Repair
from seakeep.model.finding import Severity
from seakeep.model.objects import Node, Pod


def find(index: Index) -> Iterable[Candidate]:
    agents = {item.node: item for item in cni_troubles(index)}
    for item in stopped_services(index, Service.NETWORK):
        affected = suffering(index, item)
        agent = agents.get(item.node) or agents.get("")
        whose = f" ({agent.daemon_set.name}: {agent.state})" if agent else ""
        yield Candidate(
            id="cni-not-ready",
            object=node_ref(item.node),
            summary=f"the pod network of node {item.node} is not ready{whose}: new pods get no sandbox there",
            evidence=evidence_of(item),
            affects=affected,
            repair=Repair(
                f"Bring the CNI plug-in's pod on node {item.node} up again{whose}, and see that /etc/cni/net.d holds its configuration."
            ),
            confidence=confidence_of(item),
            settled_by=""
            if confidence_of(item) >= PROVEN
            else f"kubectl describe node {quote(item.node)}; kubectl get pods -A -o wide --field-selector spec.nodeName={quote(item.node)}",
        )


CAUSE = CauseLeaf(
    id="cni-not-ready",
    title="Pod network of a node is not ready",
    reads=(Node, Pod),
    find=find,
    severity=Severity.CRITICAL,
)
