"""Strimzi operator.

What: the operator that makes Kafka clusters.

Why: running brokers live on without it, but nothing heals or rolls them.

Bad:
    scaled to zero

Good:
    one replica
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="strimzi-operator",
    title="Strimzi operator",
    images=("strimzi/operator",),
    labels=("strimzi", "strimzi-cluster-operator"),
    names=("strimzi",),
    criticality="normal",
)
