"""Volume holds another server's data.

What: a server ends because the data on its volume was written by another version of it, or belongs to another cluster: "database files are incompatible with server", "Cluster ID … doesn't match stored clusterId", "Can't handle RDB format version".

Why: the image went up a major version (or back one) without the data being converted, or a claim of an earlier installation was found under the same name and used again.

Bad:
    image: postgres:17                 # on a claim that postgres:16 initialised

Good:
    image: postgres:16                 # until pg_upgrade or a dump and restore has converted the data

Ignore when: the data is of no worth and the claim is deleted anyway.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.shell_words import quote
from seakeep.facts.volumes.stored_data import Flaw, stored_data
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in stored_data(index):
        if item.flaw is Flaw.DAMAGED:
            continue
        owner = f"{item.workload.kind} {item.workload.name}"
        again = (
            f"Set the image of {owner} back to the version that wrote the data, and convert the data before the next step up."
            if item.flaw is Flaw.VERSION
            else f"Give {owner} the claims of its own cluster, or new ones: keep a copy of the data first."
        )
        yield Candidate(
            id="volume-data-foreign",
            object=item.workload,
            summary=f"the data on the volume of {owner} is {item.flaw}: {item.line[:160]}",
            evidence=item.evidence,
            affects=(*item.pods, *item.claims),
            repair=Repair(again),
            confidence=PROVEN if item.seen else LIKELY,
            settled_by="" if item.seen else f"kubectl get pods -n {quote(item.workload.namespace)} -o wide",
        )


CAUSE = CauseLeaf(id="volume-data-foreign", title="Volume holds another server's data", reads=(Pod,), find=find)
