"""A node has no IP address left for pods.

What: sandboxes fail with "no IP addresses available in range set", "failed to assign an IP address to container" or IPAM's own words, or the node got no pod CIDR at all (CIDRNotAvailable).

Why: the node's pod CIDR or the cloud's subnet is too small for the pods on it, addresses of dead pods were never given back, or the cluster's CIDR is used up.

Bad:
    podCIDR: 10.244.3.0/29

Good:
    podCIDR: 10.244.3.0/24

Ignore when: the pods that wait are not needed.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.nodes.nodes import node, node_ref
from seakeep.facts.nodes.pod_addresses import exhausted
from seakeep.facts.shell_words import quote
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Node, Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in exhausted(index):
        seen = node(index, item.node)
        cidr = seen.spec.pod_cidr if seen else ""
        pods = len(item.pods)
        yield Candidate(
            id="pod-ip-exhausted",
            object=node_ref(item.node),
            summary=f"node {item.node} has no IP address left for pods{f' (podCIDR {cidr})' if cidr else ''}"
            + (f"; {pods} pod{'s' if pods != 1 else ''} wait{'s' if pods == 1 else ''} for one" if pods else ""),
            evidence=item.evidence,
            affects=item.pods[:50],
            repair=Repair(
                f"Give node {item.node} more addresses (a wider pod CIDR, subnet or IP pool), move pods off it, or free the addresses that dead pods still hold."
            ),
            confidence=PROVEN if item.sure else LIKELY,
            settled_by="" if item.sure else f"kubectl describe node {quote(item.node)}",
        )


CAUSE = CauseLeaf(id="pod-ip-exhausted", title="Node has no pod IP left", reads=(Node, Pod), find=find)
