"""Argo CD.

What: GitOps: it makes the cluster what the repository says.

Why: changes stop arriving, and drift is not undone.

Bad:
    a repo-server that cannot reach the repository

Good:
    server, repo-server, application-controller and Redis ready
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="argocd",
    title="Argo CD",
    images=("argoproj/argocd", "argoproj/argo-cd"),
    labels=(
        "argocd",
        "argocd-server",
        "argocd-repo-server",
        "argocd-application-controller",
        "argocd-applicationset-controller",
        "argocd-dex-server",
        "argocd-notifications-controller",
        "argocd-redis",
    ),
    names=("argocd",),
    criticality="normal",
)
