"""KEDA.

What: event-driven scaling.

Why: scaled objects keep their last size.

Bad:
    scaled to zero

Good:
    one replica
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="keda",
    title="KEDA",
    images=("kedacore/keda", "kedacore/keda-metrics-apiserver", "kedacore/keda-admission-webhooks"),
    labels=("keda-operator", "keda-operator-metrics-apiserver"),
    names=("keda",),
    criticality="normal",
)
