"""The network of one node is slow or loses packets.

What: every measured way to or from the node is slow or lossy while the others are not; alerts, interface errors, round trips or probe time-outs of several workloads gather on this node.

Why: a bad cable, port or driver, a saturated link, a wrong MTU or duplex, or traffic control (tc netem) on the node's interface.

Bad:
    10 packets transmitted, 7 received, 30% packet loss     # to every pod on the node

Good:
    10 packets transmitted, 10 received, 0% packet loss, avg 0.4 ms

Ignore when: a transfer that is known and ends soon fills the link.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_measures import Slow, slow_nodes
from seakeep.facts.nodes.node_pairs import cut_off
from seakeep.facts.nodes.node_services import stopped
from seakeep.facts.nodes.node_signs import CERTAIN, FAIR, Sign
from seakeep.facts.nodes.node_slowness import slowness
from seakeep.facts.nodes.nodes import node_ref
from seakeep.facts.shell_words import quote
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Node, Pod


def find(index: Index) -> Iterable[Candidate]:
    signs, measured = slowness(index), {item.node: item for item in slow_nodes(index)}
    away = {item.node for item in cut_off(index)} | set(stopped(index))
    for name in sorted({*signs, *measured} - away):
        slow, told = measured.get(name), signs.get(name, ())
        evidence = (*(item.evidence for item in slow.bad[:3]), *(sign.evidence for sign in told[:3])) if slow else ()
        evidence = evidence or tuple(sign.evidence for sign in told[:6])
        confidence = _confidence(slow, told)
        yield Candidate(
            id="node-network-degraded",
            object=node_ref(name),
            summary=f"the network of node {name} is slow or loses packets, and that of the other nodes does not ({evidence[0].value[:140]})",
            evidence=tuple(dict.fromkeys(evidence)),
            affects=tuple(dict.fromkeys(item.object for item in evidence if item.object.kind != "Node")),
            repair=Repair(
                f"Look at the interface of node {name} (ip -s link, tc qdisc show, ethtool -S): remove what delays or drops there, or move its pods to other nodes."
            ),
            confidence=confidence,
            settled_by=""
            if confidence >= PROVEN
            else f"kubectl debug node/{quote(name)} --image=busybox -- chroot /host sh -c 'tc qdisc show; ip -s link'",
        )


def _confidence(slow: Slow | None, signs: tuple[Sign, ...]) -> float:
    if any(sign.level == CERTAIN for sign in signs) or (slow and (signs or slow.sure)):
        return PROVEN
    paths = {sign.evidence.path for sign in signs}
    if slow or any(sign.level == FAIR for sign in signs) or len(paths) > 1:
        return PROVEN if len(paths) > 1 and any(sign.level == FAIR for sign in signs) else LIKELY
    return POSSIBLE


CAUSE = CauseLeaf(id="node-network-degraded", title="Network of a node is slow or lossy", reads=(Node, Pod), find=find)
