"""Ports by number or name. Source: apimachinery `util/validation`, pkg/apis/core/validation (ValidatePortNumOrName, checkHostPortConflicts)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seakeep.model.objects import Container
from seakeep.model.objects.base import IntOrString
from seakeep.twin.admission import forms
from seakeep.twin.admission.rules.words import duplicate, invalid, unsupported

_MOST = 65535
PROTOCOLS = ("SCTP", "TCP", "UDP")


def number(value: int, path: str) -> Iterator[str]:
    if not 1 <= value <= _MOST:
        yield invalid(path, value, f"must be between 1 and {_MOST}, inclusive")


def number_or_name(value: IntOrString, path: str) -> Iterator[str]:
    if isinstance(value, int):
        yield from number(value, path)
    else:
        yield from (invalid(path, value, word) for word in forms.port_name(value))


def protocol(value: str, path: str) -> Iterator[str]:
    if value not in PROTOCOLS:
        yield unsupported(path, value, PROTOCOLS)


def taken_twice(containers: Sequence[Container], path: str) -> Iterator[str]:
    """Ports of the node."""
    taken: set[str] = set()
    for at, container in enumerate(containers):
        for index, port in enumerate(container.ports):
            own = f"{port.protocol}/{port.host_ip}/{port.host_port}"
            if port.host_port and own in taken:
                yield duplicate(f"{path}[{at}].ports[{index}].hostPort", own)
            taken.add(own)


def of_host_network(containers: Sequence[Container], path: str, *, is_pod: bool) -> Iterator[str]:
    """In a template a port of the node may still be left out."""
    for at, container in enumerate(containers):
        for index, port in enumerate(container.ports):
            if (is_pod or port.host_port) and port.host_port != port.container_port:
                where = f"{path}[{at}].ports[{index}].hostPort"
                yield invalid(where, port.host_port, "must match `containerPort` when `hostNetwork` is true")
