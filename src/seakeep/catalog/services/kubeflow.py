"""Kubeflow.

What: pipelines, notebooks and training.

Why: pipelines stay pending without its API server.

Bad:
    an API server without its database

Good:
    its database and object store ready first
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="kubeflow",
    title="Kubeflow",
    images=(
        "kubeflow/centraldashboard",
        "ml-pipeline/api-server",
        "kfp-api-server",
        "kfp-persistence-agent",
        "kfp-scheduledworkflow-controller",
        "kfp-frontend",
        "kubeflow/notebook-controller",
        "kubeflow/jupyter-web-app",
        "kubeflow/training-operator",
        "kfp-viewer-crd-controller",
    ),
    labels=("ml-pipeline", "centraldashboard", "kubeflow", "kubeflow-pipelines"),
    names=("kubeflow", "ml-pipeline"),
    criticality="normal",
)
