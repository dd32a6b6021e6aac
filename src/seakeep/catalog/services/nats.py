"""NATS.

What: messaging.

Why: its clients reconnect for ever.

Bad:
    two JetStream servers

Good:
    three JetStream servers

Ignore when: it is a test instance that nobody relies on; say so with its criticality in platform.yaml.
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="nats",
    title="NATS",
    images=("library/nats", "bitnami/nats"),
    labels=("nats",),
    names=("nats",),
    ports=(("client", 4222),),
    needs_ready=(("", "quorum"),),
    criticality="high",
)
