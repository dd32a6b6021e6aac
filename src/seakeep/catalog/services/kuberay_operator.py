"""KubeRay operator.

What: the operator that makes Ray clusters.

Why: running clusters live on without it, but nothing heals or scales them.

Bad:
    an operator scaled to zero

Good:
    one replica
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="kuberay-operator",
    title="KubeRay operator",
    images=("kuberay/operator",),
    labels=("kuberay-operator",),
    names=("kuberay-operator",),
    criticality="normal",
)
