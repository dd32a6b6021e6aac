"""Manifest is written in an API version that Kubernetes never had for its kind.

What: apiVersion names a group without a dot that is none of Kubernetes' own, or one of these in a version, or with a kind, that it does not have.

Why: a typing error, a group left out (`v1` for a Deployment), or a comment that lost its `#` and became part of the value. `kubectl apply` says "no matches for kind", and nothing is made.

Bad:
    apiVersion: app/v1
    kind: Deployment

Good:
    apiVersion: apps/v1
    kind: Deployment

Ignore when: an API server of your own, behind an APIService, serves the group.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import PROVEN, CauseLeaf
from seakeep.facts.admission.served_versions import unserved
from seakeep.facts.index import Index
from seakeep.model.cause import Candidate, Evidence, Repair


def find(index: Index) -> Iterable[Candidate]:
    for one in unserved(index):
        name = f"{one.kind} {one.item.name}"
        right = f"as {one.served}" if one.served else "in a group and version that the cluster serves"
        yield Candidate(
            id="api-version-unserved",
            object=one.item.ref,
            summary=f"{name} is written as {one.written[:80]}, in which Kubernetes has no {one.kind}",
            evidence=(Evidence(one.item.ref, "apiVersion", one.written[:200]),),
            affects=(one.item.ref,),
            repair=Repair(f"Write {name} {right}."),
            confidence=PROVEN,
        )


CAUSE = CauseLeaf(id="api-version-unserved", title="API version that Kubernetes does not have", reads=(), find=find)
