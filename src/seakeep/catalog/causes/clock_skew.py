"""A node's clock differs from the others'.

What: pods of one node refuse certificates or tokens that are "not yet valid" or "issued in the future", or databases there report a clock skew. The kubelet's heartbeats carry times that are minutes from those of the other nodes, or a node problem detector says that time is not synchronised.

Why: chrony, ntpd or systemd-timesyncd is stopped, or its servers cannot be reached; the virtual machine was paused or restored; the hardware clock was wrong at boot.

Bad:
    timedatectl     # System clock synchronized: no

Good:
    timedatectl     # System clock synchronized: yes

Ignore when: a certificate was issued a few seconds ago and is accepted by now.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.nodes.clocks import clock_signs
from seakeep.facts.nodes.node_signs import CERTAIN, FAIR
from seakeep.facts.nodes.nodes import node_ref
from seakeep.facts.shell_words import quote
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Node, Pod


def find(index: Index) -> Iterable[Candidate]:
    for name, signs in clock_signs(index).items():
        fair = sum(sign.level >= FAIR for sign in signs)
        sure = signs[0].level >= CERTAIN or fair > 1
        yield Candidate(
            id="clock-skew",
            object=node_ref(name),
            summary=f"the clock of node {name} differs from the others'",
            evidence=tuple(sign.evidence for sign in signs[:4]),
            affects=tuple(sign.evidence.object for sign in signs if sign.evidence.object.kind == "Pod"),
            repair=Repair(
                f"Synchronise the clock of node {name} (chrony, ntpd, systemd-timesyncd), and see why it is off."
            ),
            confidence=PROVEN if sure else LIKELY if fair else POSSIBLE,
            settled_by="" if sure else f"kubectl debug node/{quote(name)} -it --image=busybox -- date -u",
        )


CAUSE = CauseLeaf(id="clock-skew", title="Node's clock is wrong", reads=(Node, Pod), find=find)
