"""Prometheus operator.

What: the operator that makes Prometheus and Alertmanager.

Why: changes of rules and monitors do not arrive.

Bad:
    scaled to zero

Good:
    one replica
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="prometheus-operator",
    title="Prometheus operator",
    images=("prometheus-operator/prometheus-operator",),
    labels=("prometheus-operator", "kube-prometheus-stack-prometheus-operator"),
    names=("prometheus-operator",),
    criticality="low",
)
