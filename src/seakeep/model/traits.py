"""What is known of a workload because of the service that it belongs to."""

from __future__ import annotations

from msgspec import Struct


class Health(Struct, frozen=True):
    """How a component says that it serves: an HTTP GET of `path`, or with `command` a program in its container, else a TCP connection. `port` is a name or number of the container's.

    `starts_within` is the longest that it may take to start, in seconds.
    """

    port: str | int = 0
    path: str = ""
    command: tuple[str, ...] = ()
    starts_within: int = 60


class Traits(Struct, frozen=True):
    """`service` is the id of its profile, `component` its part of it ("" where the profile knows none).

    `readiness` says how to ask whether it can take work, `liveness` whether only a restart helps (None: not known, or not to be asked). `stops_within` is what an orderly
    stop takes, in seconds (0: not known), `pre_stop` the command that begins it where SIGTERM does not. `scalable` tells whether a second replica makes it more available
    with nothing else changed (None: not known). `holds` is `data`, `cache` or "", as in `contract.service`. `needs_ready` is one, quorum, in-sync or all, and `criticality` critical, high, normal or low, as in `contract.service`.
    """

    service: str
    component: str = ""
    readiness: Health | None = None
    liveness: Health | None = None
    stops_within: int = 0
    pre_stop: tuple[str, ...] = ()
    scalable: bool | None = None
    needs_ready: str = "one"
    jvm: bool = False
    criticality: str = "normal"
    holds: str = ""
