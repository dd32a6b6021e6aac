"""Apache NiFi.

What: data flows.

Why: flows stop.

Bad:
    repositories on emptyDir

Good:
    repositories on volumes
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile
from seakeep.model.traits import Health

SERVICE = ServiceProfile(
    id="nifi",
    title="Apache NiFi",
    images=("apache/nifi",),
    labels=("nifi",),
    names=("nifi",),
    crs=("nifi.konpyutaika.com/NifiCluster",),
    readiness=(("", Health(port=8443, starts_within=300)),),
    liveness=(("", Health(port=8443, starts_within=600)),),
    stops_within=(("", 60),),
    scalable=(("", False),),
    criticality="normal",
    jvm=True,
)
