"""External Secrets.

What: secrets from outside, synchronised.

Why: secrets grow stale.

Bad:
    scaled to zero

Good:
    one replica
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="external-secrets",
    title="External Secrets",
    images=("external-secrets/external-secrets",),
    labels=("external-secrets",),
    names=("external-secrets",),
    criticality="normal",
)
