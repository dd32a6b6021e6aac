"""NGINX ingress controller.

What: the way in for HTTP.

Why: nothing from outside gets in without it.

Bad:
    one replica

Good:
    two replicas, spread

Ignore when: it is a test instance that nobody relies on; say so with its criticality in platform.yaml.
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="ingress-nginx",
    title="NGINX ingress controller",
    images=("ingress-nginx/controller", "nginx/nginx-ingress"),
    labels=("ingress-nginx",),
    names=("ingress-nginx",),
    ports=(("http", 80), ("https", 443)),
    criticality="critical",
)
