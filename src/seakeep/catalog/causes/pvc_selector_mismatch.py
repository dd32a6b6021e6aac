"""The claim's selector matches no volume.

What: the claim stays Pending; a volume would fit it but for spec.selector, or the provisioner answers that it supports no selector.

Why: the labels of the volume were changed or never set, the selector has a typing error, or a selector was given to a dynamic class, which then never provisions.

Bad:
    selector: {matchLabels: {tier: gold}}     # the volume is labelled tier=silver

Good:
    selector: {matchLabels: {tier: silver}}

Ignore when: the volume with that label is about to be made.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.scheduling.node_labels import as_text
from seakeep.facts.volumes.obstacles import Obstacle
from seakeep.facts.volumes.unbound import claim_candidate, with_obstacle
from seakeep.model.cause import Candidate
from seakeep.model.objects import PersistentVolumeClaim


def find(index: Index) -> Iterable[Candidate]:
    for item in with_obstacle(index, Obstacle.SELECTOR):
        claim, volume = item.claim, item.nearest.get(Obstacle.SELECTOR)
        selector = claim.spec.selector
        asked = as_text(selector.match_labels) if selector else ""
        if selector and selector.match_expressions:
            asked += "".join(
                f" {part.key} {part.operator} {','.join(part.values)}" for part in selector.match_expressions
            )
        asked = asked.strip() or "given"
        more = [state_evidence(claim, "spec.selector", asked)]
        summary = f"claim {claim.name} has the selector {asked}, which its StorageClass does not support"
        repair = f"Recreate claim {claim.name} without a selector, or with one that a volume's labels satisfy."
        if volume:
            has = as_text(volume.labels) or "no labels"
            more.append(state_evidence(volume, "metadata.labels", has))
            summary = (
                f"claim {claim.name} selects volumes with {asked}; volume {volume.name}, which would fit, has {has}"
            )
            repair = f"Label volume {volume.name} with {asked}, or recreate claim {claim.name} with a selector that matches {has}."
        yield claim_candidate(item, "pvc-selector-mismatch", Obstacle.SELECTOR, summary, repair, tuple(more))


CAUSE = CauseLeaf(
    id="pvc-selector-mismatch", title="Claim's selector matches no volume", reads=(PersistentVolumeClaim,), find=find
)
