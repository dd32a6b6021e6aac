"""The node ran short of memory, disk or process ids, and the kubelet evicts pods.

What: pods are Failed with reason Evicted and "The node was low on resource: …", or the node reports MemoryPressure, DiskPressure or PIDPressure and carries the taint of it.

Why: pods without requests or limits use more than the node has, images and logs fill its disk, or one process forks without end.

Bad:
    resources: {}     # on a container that may grow to all of the node's memory

Good:
    resources: {requests: {memory: 2Gi}, limits: {memory: 2Gi}}

Ignore when: the evictions are hours old, the node has no pressure now and every workload has its pods back.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import HINT, LIKELY, PROVEN, CauseLeaf
from seakeep.facts.disruption.evictions import (
    by_node,
    consumer,
    is_fresh,
    pressures,
    shortage_of,
    still_short,
    warnings_on,
)
from seakeep.facts.freshness import event_evidence, state_evidence
from seakeep.facts.index import Index
from seakeep.facts.shell_words import quote
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Node, Pod
from seakeep.model.refs import Ref


def find(index: Index) -> Iterable[Candidate]:
    evicted = by_node(index)
    nodes = {node.name: node for node in index.snapshot.all(Node)}
    for name in sorted({*evicted, *(name for name, node in nodes.items() if pressures(node))}):
        node, items = nodes.get(name), evicted.get(name, [])
        now = pressures(node) if node else ()
        told = [item for item in items if item.by_node]
        if not now and not told:
            continue  # evicted without a reason that was seen, and no pressure: unknown
        fresh = [item for item in told if is_fresh(index, item) or still_short(index, item.workload)]
        if node and node.status.conditions and not now and not fresh:
            continue  # the node has recovered, and what it evicted was replaced
        evidence: list[Evidence] = []
        if node:
            evidence += [state_evidence(node, f"status.conditions[{kind}]", "True") for kind in now]
            evidence += [event_evidence(index, event) for event in warnings_on(index, node)[:1]]
        evidence += [item.evidence for item in (told or items)[:3]]
        who = next((text for text in map(consumer, (item.message for item in told)) if text), "")
        short = ", ".join(sorted({shortage_of(text) for text in [*now, *(item.resource for item in told)] if text}))
        yield Candidate(
            id="node-pressure-eviction",
            object=Ref("Node", "", name),
            summary=f"node {name} {'is' if now else 'was'} short of {short or 'a resource'}"
            + (f" and evicted {len(items)} pod{'s' if len(items) != 1 else ''}" if items else "")
            + (f"; {who}" if who else ""),
            evidence=tuple(evidence),
            affects=tuple(item.pod for item in items[:50]),
            repair=Repair(
                f"Free {short or 'the resource'} on node {name}, and set requests and limits on the pods that use most of it{f' ({who})' if who else ''}."
            ),
            confidence=PROVEN if now and (items or evidence) else LIKELY if fresh else HINT,
            settled_by="" if node and now else f"kubectl describe node {quote(name)}",
        )


CAUSE = CauseLeaf(
    id="node-pressure-eviction", title="Node is short of a resource and evicts", reads=(Node, Pod), find=find
)
