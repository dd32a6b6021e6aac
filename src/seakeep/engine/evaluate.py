"""Runs hardening rules. A rule that fails is one error finding, never a crash; what could not be read is skipped, never passed."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from seakeep.contract.hardening import HardeningLeaf
from seakeep.facts.index import Index
from seakeep.model.finding import Finding, Outcome
from seakeep.model.refs import Ref

_WHOLE = Ref("Cluster", "", "")
_BY_OBJECT, _ORDER = attrgetter("object"), attrgetter("object", "path", "detail")


def evaluate(index: Index, leaves: Sequence[HardeningLeaf]) -> tuple[Finding, ...]:
    """Sorted by rule and object."""
    findings: list[Finding] = []
    refused = {item.kind: item.reason for item in index.snapshot.unread}
    for leaf in sorted(leaves, key=attrgetter("id")):
        kinds = [kind.__name__ for kind in leaf.reads]
        unread = [kind for kind in kinds if kind in refused and kind not in index.snapshot.objects]
        if unread:
            reasons = ", ".join(f"{kind} {refused[kind]}" for kind in unread)
            findings.append(Finding(leaf.id, _WHOLE, Outcome.SKIPPED, leaf.severity, f"could not read: {reasons}"))
            continue
        try:
            # Whole or not at all: half of a rule's answers would look like all of them.
            found = list(leaf.judge(index))
            # Most rules say one thing of each object, and those by the object alone are sorted in a fraction of the time.
            once = len(set(map(_BY_OBJECT, found))) == len(found)
            findings += sorted(found, key=_BY_OBJECT if once else _ORDER)
        except Exception as error:  # noqa: BLE001 - one rule's defect must not cost the user the other rules' answers
            findings.append(
                Finding(leaf.id, _WHOLE, Outcome.ERROR, leaf.severity, f"the rule failed: {type(error).__name__}")
            )
    return tuple(findings)
