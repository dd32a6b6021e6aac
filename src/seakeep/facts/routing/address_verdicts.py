"""What is said of addresses that lead nowhere, and what the verdicts share."""

from __future__ import annotations

from msgspec import Struct

from seakeep.facts.calls.calls import Call
from seakeep.facts.index import Index
from seakeep.facts.routing.address_text import in_value
from seakeep.facts.routing.addresses import Address
from seakeep.facts.workloads.drift import environment_before
from seakeep.model.cause import Evidence
from seakeep.model.objects import Service
from seakeep.model.refs import Ref


class Misaddressed(Struct, frozen=True):
    """A workload that names a wrong host or port. `meant` is the Service, with the port, that it should name; `strength` 0 (a guess) to 3 (recorded, or a slip of one Service's name)."""

    consumer: Ref
    address: Address | None
    host: str
    port: int
    meant: Ref | None
    meant_port: int
    what: str
    why: str
    strength: int
    calls: tuple[Call, ...]
    evidence: tuple[Evidence, ...]


class MissingService(Struct, frozen=True):
    """A Service that does not exist and that workloads rely on. `backend` is the workload that would serve it; `suffers` tells that somebody waits or fails for it now."""

    service: Ref
    consumers: tuple[Ref, ...]
    backend: Ref | None
    addresses: tuple[Address, ...]
    calls: tuple[Call, ...]
    suffers: bool
    known_absent: bool
    waits: bool


class DisplacedPort(Struct, frozen=True):
    """A Service that offers `offered` where its callers and its own pods agree on `port`."""

    service: Service
    offered: str
    port: int
    consumers: tuple[Ref, ...]
    why: str
    certain: bool
    evidence: tuple[Evidence, ...]


def before_change(index: Index, consumer: Ref, address: Address) -> tuple[str, int, str] | None:
    """Host, port and text that the same variable named before, where they differ."""
    old = environment_before(index, consumer).get(f"{address.container}/{address.name}", "")
    for named in in_value(address.name, old, {}) if address.name and old != address.text else ():
        if (named.host, named.port) != (address.host, address.port):
            return named.host, named.port, old[:120]
    return None


def offers(service: Service, port: int) -> bool:
    return any(item.port == port for item in service.spec.ports)
