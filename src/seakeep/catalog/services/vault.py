"""HashiCorp Vault.

What: secrets.

Why: pods that fetch secrets at start-up cannot start.

Bad:
    sealed after a restart

Good:
    auto-unseal, three replicas
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="vault",
    title="HashiCorp Vault",
    images=("hashicorp/vault", "library/vault", "openbao/openbao"),
    labels=("vault",),
    names=("vault",),
    needs_ready=(("", "quorum"),),
    readiness=(("", Health(port=8200, path="/v1/sys/health?standbyok=true")),),
    scalable=(("", False),),
    criticality="critical",
)
