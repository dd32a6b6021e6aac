"""Istio.

What: the service mesh: istiod and gateways.

Why: new pods get no sidecar and certificates are not renewed without istiod; the injection webhook can block pod creation.

Bad:
    failurePolicy Fail and one istiod

Good:
    two istiods
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="istio",
    title="Istio",
    images=("istio/pilot", "istio/proxyv2"),
    labels=("istiod", "istio-ingressgateway", "istio-egressgateway", "istio"),
    names=("istiod", "istio-pilot", "istio-gateway", "istio-ingressgateway", "istio-egressgateway"),
    readiness=(("", Health(port=8080, path="/ready")),),
    scalable=(("", True),),
    criticality="high",
)
