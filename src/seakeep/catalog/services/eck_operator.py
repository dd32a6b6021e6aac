"""Elastic operator.

What: the operator that makes Elasticsearch clusters.

Why: no healing without it.

Bad:
    scaled to zero

Good:
    one replica
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="eck-operator",
    title="Elastic operator",
    images=("eck/eck-operator",),
    labels=("elastic-operator",),
    names=("elastic-operator",),
    criticality="normal",
)
