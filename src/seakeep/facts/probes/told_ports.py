"""Where a container of manifests is told to listen, by an argument or a variable of its own, against the ports that it declares and is asked on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.routing.addresses import environment_of
from seakeep.facts.routing.service_ports import mentioned
from seakeep.facts.workloads.templates import Template
from seakeep.model.objects import Container
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

# Of the server itself. Others stand beside it, or belong to whom it calls.
_FLAG = late(
    r"--?(?P<name>(?:(?:http|https|web|server|secure|rest|api|serve)-)?(?:port|listen|bind|addr|address|listen-addr|listen-address|bind-addr|bind-address|listen-port)|serve|listen-http)"
)
_ADDRESS_VARIABLE = late(r"(?:.*_)?(?:LISTEN|BIND)(?:_?ADDR(?:ESS)?)?")
_PORT_VARIABLE = late(r"(?:HTTP_|LISTEN_|APP_|WEB_)?PORT")
# Of one framework or server each, which alone reads it (Quarkus, Grafana).
_OWN_PORTS = frozenset({"QUARKUS_HTTP_PORT", "GF_SERVER_HTTP_PORT"})
# Kafka's and its companions': all that they listen on, each as NAME://host:port.
_LISTENERS = late(r"(?!.*ADVERTI)(?:.*_)?LISTENERS")
_BESIDE = late(
    r"METRIC|HEALTH|ADMIN|MANAGE|DEBUG|PPROF|PROM|GRPC|RPC|GOSSIP|PEER|CLUSTER|ADVERTI|PROBE|JMX|RAFT|INTER|CONSOLE",
    re.IGNORECASE,
)
# A host here is an address of the container's own, never somebody's name.
_WHERE = late(r"(?:\w+://)?(?P<host>|0\.0\.0\.0|\*|\[::\]|::|127\.0\.0\.1|localhost|\[::1\]):(?P<port>\d{2,5})/?")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


class Told(Struct, frozen=True):
    """`said` is the setting as it is written, at `path` of `at`. `own` where it is an address or an argument, which nothing but the server reads; `whole` where it says all that there is to say."""

    port: int
    loopback: bool
    own: bool
    at: Ref
    path: str
    said: str
    whole: bool = False


def told_elsewhere(index: Index, template: Template, container: Container, asked: int) -> Told | None:
    """The only setting of where the server listens, where that is not the declared port that is asked: on another that the container does not even declare, or for its own pod alone."""
    declared = {item.container_port: item.name for item in container.ports}
    if asked not in declared or (len(declared) > 1 and _BESIDE.search(declared[asked])):
        return None
    told = list(_told(index, template, container))
    ports = {item.port for item in told}
    if asked in ports:
        here = [item for item in told if item.port == asked]
        return here[0] if all(item.loopback and item.own for item in here) and not template.spec.host_network else None
    whole = [item for item in told if item.whole]
    if (not whole and (len(ports) != 1 or ports & set(declared))) or mentioned(index, template, asked):
        return None
    return (whole or told)[0] if told else None


def _told(index: Index, template: Template, container: Container) -> Iterator[Told]:
    path = f"{template.path}.containers[{container.name}]"
    # Those of a script too.
    words = " ".join((*container.command, *container.args)).split()
    for word, after in pairwise((*words, "")):
        name, equals, value = word.partition("=")
        flag = _FLAG.fullmatch(name.replace("_", "-").replace(".", "-"))
        if flag and not _BESIDE.search(name):
            said = f"{name}={value}" if equals else f"{name} {after}"
            yield from _where(value if equals else after, said, template.item.ref, f"{path}.args", own=True)
    for name, (value, at, place) in environment_of(index, template.ref.namespace, template.item.ref, container).items():
        upper = name.upper()
        if _BESIDE.search(upper):
            continue
        if _ADDRESS_VARIABLE.fullmatch(upper) and ":" in value:
            yield from _where(value, f"{name}={value}", at, place, own=True)
        elif _LISTENERS.fullmatch(upper):
            for one in value.split(","):
                yield from _where(one.strip(), f"{name}={value}", at, place, own=True, whole=True)
        elif _PORT_VARIABLE.fullmatch(upper) or upper in _OWN_PORTS:
            yield from _where(value, f"{name}={value}", at, place, own=upper in _OWN_PORTS)


def _where(value: str, said: str, at: Ref, path: str, *, own: bool, whole: bool = False) -> Iterator[Told]:
    match = _WHERE.fullmatch(value)
    if match:
        yield Told(int(match["port"]), match["host"] in _LOOPBACK, own, at, path, said, whole)
    elif re.fullmatch(r"\d{2,5}", value):
        yield Told(int(value), False, own, at, path, said)
