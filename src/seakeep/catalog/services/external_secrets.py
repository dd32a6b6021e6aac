"""External Secrets.

What: secrets from outside, synchronised.

Why: secrets grow stale.

Bad:
    scaled to zero

Good:
    one replica

Ignore when: it is a test instance that nobody relies on; say so with its criticality in platform.yaml.
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
