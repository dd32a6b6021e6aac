"""Velero.

What: backups of the cluster.

Why: nothing to restore from.

Bad:
    a backup location that is unavailable

Good:
    a schedule that has succeeded lately
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="velero",
    title="Velero",
    images=("velero/velero",),
    labels=("velero",),
    names=("velero",),
    criticality="low",
)
