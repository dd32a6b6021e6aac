"""CloudNativePG operator.

What: the operator that makes PostgreSQL clusters.

Why: no fail-over without it.

Bad:
    scaled to zero

Good:
    one replica
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
