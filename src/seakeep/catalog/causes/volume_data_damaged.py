"""Data on the volume is damaged.

What: a server ends because it cannot read its own files: "could not locate a valid checkpoint record", "Bad file format reading the append only file", a checksum that does not match.

Why: the node or the container was killed in the middle of a write, the volume ran full, two pods wrote to it, or the storage lost what it had confirmed.

Bad:
    appendonly.aof     # cut off in the middle of a command

Good:
    the server's own check and repair on a copy, else a restore from the last backup

Ignore when: the data is of no worth and the claim is deleted anyway.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, POSSIBLE, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.shell_words import quote
from seakeep.facts.volumes.stored_data import Flaw, stored_data
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in stored_data(index):
        if item.flaw is not Flaw.DAMAGED:
            continue
        owner = f"{item.workload.kind} {item.workload.name}"
        yield Candidate(
            id="volume-data-damaged",
            object=item.workload,
            summary=f"the data on the volume of {owner} is damaged: {item.line[:160]}",
            evidence=item.evidence,
            affects=(*item.pods, *item.claims),
            repair=Repair(
                f"Copy the volume of {owner}, then let the server's own tool repair the data, or restore it from a backup."
            ),
            confidence=LIKELY if item.seen else POSSIBLE,
            settled_by=f"kubectl logs -n {quote(item.pods[0].namespace)} {quote(item.pods[0].name)} --previous",
        )


CAUSE = CauseLeaf(id="volume-data-damaged", title="Data on the volume is damaged", reads=(Pod,), find=find)
