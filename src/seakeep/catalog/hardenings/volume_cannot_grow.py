"""Volumes of a storage class cannot grow.

What: a storage class that lasting workloads use does not allow expansion.

Why: a full volume stops its database. Where the class allows it, a larger request on the claim is all that it takes; else data must be moved to a new volume.

Bad:
    allowVolumeExpansion: false

Good:
    allowVolumeExpansion: true     # where the driver can

Ignore when: the volumes are of a driver that shares one file system among them, and that one is watched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.shell_words import quote
from seakeep.facts.volumes.expandable import can_expand
from seakeep.facts.volumes.held_data import Held, held
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import StorageClass
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

RULE = Rule("volume-cannot-grow", Severity.INFO)


def judge(index: Index) -> Iterable[Finding]:
    for name, entries in _by_class(index).items():
        ref = Ref("StorageClass", "", name)
        item = index.snapshot.get(StorageClass, "", name)
        if item is not None and item.allow_volume_expansion:
            yield RULE.passes(ref)
        elif item is not None and index.snapshot.depth(ref) is Depth.FULL:
            text = f"none of {len(entries)} claims of its class can grow, {_named(entries)} among them"
            repair = "Allow expansion where the driver can, or use a class that does."
            yield RULE.fails(ref, text, "allowVolumeExpansion", repair)
        elif not index.snapshot.is_absent(ref):  # a class that only volumes name needs no object
            yield RULE.cannot_see(ref, "whether its volumes can grow")


def _by_class(index: Index) -> Mapping[str, list[Held]]:
    default = next((item.name for item in index.snapshot.all(StorageClass) if item.is_default), "")
    found: dict[str, list[Held]] = {}
    for entry in held(index):
        chosen = entry.claim.spec.storage_class_name
        name = default if chosen is None else chosen
        if name:
            found.setdefault(name, []).append(entry)
    return dict(sorted(found.items()))


def _named(entries: Sequence[Held]) -> str:
    first = entries[0]
    return f"{first.claim.namespace}/{first.claim.name} of {first.users[0]}"


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """Only a driver that is known to resize may be told that it may."""
    item = index.snapshot.get(StorageClass, "", finding.object.name)
    if item is not None and can_expand(item.provisioner):
        why = f"{finding.detail}; {item.provisioner} can expand volumes, and none changes before a claim asks for more"
        return (Change(finding.object, {"allowVolumeExpansion": True}, (), Risk.LOW, why),)
    driver = f" ({item.provisioner})" if item else ""
    return Advice(
        f"Which storage class with a driver that can expand volumes is to follow {finding.object.name}{driver}?",
        f"kubectl describe storageclass {quote(finding.object.name)}",
    )


HARDENING = RULE.leaf("Volumes that cannot grow", judge, propose, reads=(StorageClass,))
