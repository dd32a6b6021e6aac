"""The control plane cannot lose a node.

What: the cluster has workers, and one or two control plane nodes. (Of two members etcd needs both.)

Why: while that node is down nothing is scheduled, replaced or scaled, no change can be made, and with its disk the cluster's whole state is lost.

Bad:
    one node with the role control-plane, or two

Good:
    three

Ignore when: it is a test cluster, or etcd runs elsewhere with three members.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.model.change import Advice
from seakeep.model.finding import Finding
from seakeep.model.objects import Node
from seakeep.model.snapshot import Depth

RULE = Rule("control-plane-single")
_ROLES = (
    "node-role.kubernetes.io/control-plane",
    "node-role.kubernetes.io/master",
    "node-role.kubernetes.io/etcd",
)
_ENOUGH = 3


def judge(index: Index) -> Iterable[Finding]:
    """One finding, on the first of the control plane's nodes; managed control planes show none."""
    nodes = list(index.snapshot.all(Node))
    control = [node for node in nodes if any(role in node.labels for role in _ROLES)]
    if not control or len(nodes) == len(control):
        return
    ref = control[0].ref
    if len(control) >= _ENOUGH:
        yield RULE.passes(ref)
    elif not index.snapshot.lists_all("Node", "*") or any(
        index.snapshot.depth(node.ref) < Depth.TABLE for node in nodes
    ):
        yield RULE.cannot_see(ref, "all nodes with their roles")
    else:
        names = " and ".join(node.name for node in control)
        text = f"the control plane of {len(nodes)} nodes is {names} alone and stops when one goes"
        yield RULE.fails(ref, text, "", "Give the control plane three nodes.")


def propose(index: Index, finding: Finding) -> Advice:
    """Nodes are not made by changing objects."""
    del finding
    nodes = len(list(index.snapshot.all(Node)))
    return Advice(
        f"May the control plane of these {nodes} nodes be down while its node is, and is there a backup of etcd elsewhere?",
        "kubectl get nodes -l node-role.kubernetes.io/control-plane -o wide",
    )


HARDENING = RULE.leaf("Control plane that cannot lose a node", judge, propose, reads=(Node,))
