"""VictoriaMetrics.

What: the metrics store.

Why: no history, no alerts.

Bad:
    retention longer than the disk

Good:
    a volume sized for the retention
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="victoriametrics",
    title="VictoriaMetrics",
    images=(
        "victoriametrics/victoria-metrics",
        "victoriametrics/vmagent",
        "victoriametrics/vmalert",
        "victoriametrics/vmselect",
        "victoriametrics/vminsert",
        "victoriametrics/vmstorage",
        "victoriametrics/operator",
    ),
    labels=(
        "victoria-metrics-single",
        "victoria-metrics",
        "vmagent",
        "vmalert",
        "vmsingle",
        "vmselect",
        "vminsert",
        "vmstorage",
        "victoria-metrics-operator",
    ),
    names=(
        "victoria-metrics",
        "victoriametrics",
        "vmsingle",
        "vmagent",
        "vmalert",
        "vmselect",
        "vminsert",
        "vmstorage",
    ),
    readiness=(("", Health(port=8428, path="/health")),),
    liveness=(("", Health(port=8428, path="/health", starts_within=300)),),
    stops_within=(("", 60),),
    criticality="normal",
)
