"""cert-manager.

What: certificates.

Why: certificates run out weeks later; its webhook blocks changes of Certificates at once.

Bad:
    one webhook replica

Good:
    two webhook replicas
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="cert-manager",
    title="cert-manager",
    images=("jetstack/cert-manager-controller", "jetstack/cert-manager-webhook", "jetstack/cert-manager-cainjector"),
    labels=("cert-manager", "webhook", "cainjector"),
    names=("cert-manager",),
    criticality="normal",
)
