"""CloudNativePG operator.

What: the operator that makes PostgreSQL clusters.

Why: no fail-over without it.

Bad:
    scaled to zero

Good:
    one replica

Ignore when: it is a test instance that nobody relies on; say so with its criticality in platform.yaml.
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="cnpg-operator",
    title="CloudNativePG operator",
    images=("cloudnative-pg/cloudnative-pg",),
    labels=("cloudnative-pg",),
    names=("cnpg",),
    criticality="normal",
)
