"""Elastic operator.

What: the operator that makes Elasticsearch clusters.

Why: no healing without it.

Bad:
    scaled to zero

Good:
    one replica

Ignore when: it is a test instance that nobody relies on; say so with its criticality in platform.yaml.
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
