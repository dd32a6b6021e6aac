"""Spark operator.

What: the operator that runs SparkApplications.

Why: submitted applications stay pending without it.

Bad:
    an operator scaled to zero

Good:
    one replica
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="spark-operator",
    title="Spark operator",
    images=("kubeflow/spark-operator", "googlecloudplatform/spark-operator", "kubeflow/spark-operator/controller"),
    labels=("spark-operator",),
    names=("spark-operator",),
    criticality="normal",
)
