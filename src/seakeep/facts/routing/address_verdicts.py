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
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

_ORDINAL = late(r".+-\d+")


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


def right_host(item: Misaddressed) -> str:
    """As long as the wrong name was: the bare name, with its namespace, or the whole domain; a pod's own name stays before its Service's."""
    meant, labels = item.meant, item.host.split(".")
    if meant is None:
        return item.host
    if len(labels) == 1:
        return meant.name if meant.namespace == item.consumer.namespace else f"{meant.name}.{meant.namespace}"
    if len(labels) == 2 and _ORDINAL.fullmatch(labels[0]) and labels[1] != meant.namespace:
        return f"{labels[0]}.{meant.name}"
    place = max(labels.index("svc") - 2, 0) if "svc" in labels else max(len(labels) - 2, 0)
    space = meant.namespace or labels[place + 1]
    return ".".join((*labels[:place], meant.name, space, *labels[place + 2 :]))


def offers(service: Service, port: int) -> bool:
    return any(item.port == port for item in service.spec.ports)
