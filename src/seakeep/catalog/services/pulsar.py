"""Apache Pulsar.

What: the event log of Pulsar platforms.

Why: topics are unavailable without brokers and bookies.

Bad:
    two bookies with a write quorum of three

Good:
    three bookies
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="pulsar",
    title="Apache Pulsar",
    images=("apachepulsar/pulsar", "apachepulsar/pulsar-all"),
    labels=("pulsar",),
    names=("pulsar",),
    components=(("broker", ("broker",)), ("bookie", ("bookie",)), ("proxy", ("proxy",))),
    needs_ready=(("bookie", "in-sync"),),
    readiness=(("bookie", Health(port=3181)), ("broker", Health(port=6650)), ("proxy", Health(port=6650))),
    stops_within=(("broker", 120), ("bookie", 120)),
    scalable=(("broker", True), ("proxy", True), ("bookie", False)),
    criticality="critical",
    jvm=True,
)
