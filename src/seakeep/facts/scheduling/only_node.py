"""Pods that their template binds to one node of several."""

from __future__ import annotations

from seakeep.facts.index import Index
from seakeep.facts.scheduling.node_choice import places
from seakeep.facts.scheduling.placement import nodes_seen
from seakeep.facts.shell_words import typed
from seakeep.facts.workloads.podspecs import Judged
from seakeep.model.change import Advice


def only_node(index: Index, entry: Judged) -> str:
    """The one node that may take the pods; "" where there are more, where the cluster has no other, and where that is not known."""
    able = places(index, entry.spec)
    return min(able) if able is not None and len(able) == 1 < len(nodes_seen(index)) else ""


def may_leave(index: Index, entry: Judged) -> Advice | None:
    """What is asked of pods that are bound: neither spread nor a budget helps them, and a budget would hold up every drain of that node."""
    node, ref = only_node(index, entry), entry.ref
    if not node:
        return None
    return Advice(
        f"May the pods of {ref} run on other nodes than {node}, to which the template binds all {entry.replicas}, so that a drain of it stops them all?",
        f"kubectl get {typed(ref)} -o jsonpath='{{.spec.template.spec.nodeSelector}}{{.spec.template.spec.affinity}}'",
    )
