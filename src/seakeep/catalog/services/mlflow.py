"""MLflow.

What: experiment tracking and the model registry.

Why: training runs fail to log.

Bad:
    an artifact store inside the pod

Good:
    a database and an object store
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="mlflow",
    title="MLflow",
    images=("mlflow/mlflow", "burakince/mlflow", "bitnami/mlflow"),
    labels=("mlflow",),
    names=("mlflow",),
    readiness=(("", Health(port=5000, path="/health")),),
    liveness=(("", Health(port=5000, path="/health", starts_within=120)),),
    criticality="normal",
)
