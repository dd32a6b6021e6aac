"""Keycloak.

What: logins.

Why: nobody can log in.

Bad:
    a development-mode database

Good:
    PostgreSQL behind it
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="keycloak",
    title="Keycloak",
    images=("keycloak/keycloak", "bitnami/keycloak"),
    labels=("keycloak",),
    names=("keycloak",),
    crs=("k8s.keycloak.org/Keycloak",),
    readiness=(("", Health(port=9000, path="/health/ready", starts_within=300)),),
    liveness=(("", Health(port=9000, path="/health/live", starts_within=300)),),
    criticality="critical",
    jvm=True,
)
