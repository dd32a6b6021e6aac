"""Apache Pulsar.

What: the event log of Pulsar platforms.

Why: topics are unavailable without brokers and bookies.

Bad:
    two bookies with a write quorum of three

Good:
    three bookies

Ignore when: it is a test instance that nobody relies on; say so with its criticality in platform.yaml.
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="pulsar",
    title="Apache Pulsar",
    images=("apachepulsar/pulsar", "apachepulsar/pulsar-all"),
    labels=("pulsar",),
    names=("pulsar",),
    ports=(("pulsar", 6650),),
    components=(("broker", ("broker",)), ("bookie", ("bookie",)), ("proxy", ("proxy",))),
    needs_ready=(("bookie", "in-sync"),),
    criticality="critical",
    jvm=True,
)
