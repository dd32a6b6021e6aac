"""Addresses in text: URLs, host:port pairs, bare hosts beside their variable's name, commands that wait for something."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from seakeep.model.pattern import late

_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9_-]{0,62}[a-zA-Z0-9])?"
HOST = rf"{_LABEL}(?:\.{_LABEL}){{0,10}}\.?"
_URL = late(
    rf"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.:-]{{1,30}})://(?:[^/@\s\"']{{1,200}}@)?(?P<hosts>{_LABEL}(?:\.{_LABEL}){{0,10}}\.?(?::\d{{1,5}})?(?:,{HOST}(?![\w.-]*://)(?::\d{{1,5}})?){{0,20}})(?P<after>[\w$%{{-])?"
)
_PAIR = late(rf"(?:(?<![\w./@:-])|(?<=[\s,='\"]\d@)|(?<=^\d@))(?P<host>{HOST}):(?P<port>\d{{2,5}})(?![\w.:])")
_BARE = late(HOST)
# Forms of waiting: nc -z host port, telnet host port, until nslookup host, redis-cli -h host, pg_isready -h host -p port, bash's /dev/tcp/host/port.
_FLAGS = r"(?:-\S+\s+(?:\d+\s+)?){0,6}"
_NETCAT = late(rf"\b(?:nc|ncat|netcat|telnet)\s+{_FLAGS}(?P<host>{HOST})[\s:]+(?P<port>\d{{2,5}})\b")
_LOOKUP = late(
    rf"\b(?:nslookup|getent\s+(?:a?hosts)|dig|host|ping)\s+(?:\+\S+\s+)?{_FLAGS}(?P<host>{HOST})(?=[\s;\"']|$)"
)
_DASH_H = late(
    rf"(?:^|\s)(?:-h|--host)[ =]?(?P<host>{HOST})(?:\s+(?:-[pP]|--port)[ =]?(?P<port>\d{{2,5}}))?(?=[\s;\"']|$)"
)
_DEV_TCP = late(rf"/dev/tcp/(?P<host>{HOST})/(?P<port>\d{{2,5}})")
_WAIT_PAIR = late(
    rf"(?i:wait|until|connect|address|addr|host|server|broker|bootstrap|url|endpoint|upstream|target|peers?|join)[\w.-]*[ =]+(?:\S+,)?(?P<host>{HOST}):(?P<port>\d{{2,5}})(?![\w.:])"
)
# As DNS has a Service in SRV records, `_grpc._tcp.store.thanos.svc.cluster.local`: only clients look those up.
_SRV = late(
    rf"(?<![\w.-])_[\w-]+\._(?:tcp|udp)\.(?P<host>{_LABEL}(?:\.{_LABEL}){{1,3}}\.svc(?:\.cluster\.local)?)(?![\w.:/-])"
)
_ADDRESS_WORDS = late(
    r"(?:^|[_.\-/])(?:hosts?|hostname|addr|addrs|address|addresses|ur[li]s?|servers?|endpoints?|brokers?|bootstrap|service|svc|connect|connection|dsn|nodes?|peers?|seeds?|backend|upstream|quorum|master|proxy|targets?|datasource|jdbc|discovery|registry|zk|zookeepers?)(?:$|[_.\-0-9])",
    re.IGNORECASE,
)
# A bare word is a host only beside a name that asks for one.
_HOST_WORDS = late(
    r"(?:^|[_.\-]|[a-z0-9](?=[A-Z]))(?:hosts?|hostname|addrs?|address|addresses|ur[li]s?|servers?|endpoints?|brokers?|bootstrap_servers|seeds?|upstream|nodes|service|svc)$",
    re.IGNORECASE,
)
# Names whose values look like addresses and are none: images, versions, what a process calls itself or listens on.
_NO_ADDRESS = late(
    r"image|version|tag$|^tag|digest|(?:^|[_.-])(?:node|pod|cluster|app|service|user|db|database|instance|host)_?name$|namespace|otel_service|dd_service|advertise|listen|bind|allowed|cors|trusted|no_proxy|issuer|server_name|servername|nodename|domain",
    re.IGNORECASE,
)
_PORT_SUFFIX = late(r"(?:_|\.|-)?port$", re.IGNORECASE)
_HOST_SUFFIX = late(
    r"(?:_|\.|-)?(?:host|hostname|addr|address|server|service|name|service_host|url|endpoint)$", re.IGNORECASE
)
# Each with what no such command is without.
_WAITS = ((" ", _NETCAT), ("/dev/tcp/", _DEV_TCP), ("-h", _DASH_H), (" ", _LOOKUP))
_EXPANSION = late(r"\$\((\w+)\)")
_SHELL = late(r"\$(?:\{(?P<braced>\w+)(?::?-(?P<default>[^}]*))?\}|(?P<plain>[A-Za-z_]\w*))")
_DEFAULT_PORT = {
    "http": 80,
    "https": 443,
    "redis": 6379,
    "rediss": 6379,
    "postgresql": 5432,
    "postgres": 5432,
    "mysql": 3306,
    "mariadb": 3306,
    "mongodb": 27017,
    "amqp": 5672,
}
_NO_HOST_SCHEMES = {
    "file",
    "s3",
    "s3a",
    "gs",
    "abfs",
    "abfss",
    "wasb",
    "oci",
    "spiffe",
    "unix",
    "local",
    "secret",
    "arn",
    "mongodb+srv",
    "vault",
    "docker",
    "image",
    "git+ssh",
    "classpath",
    "jceks",
    "dns",
}
_LOCAL = {"localhost", "0.0.0.0", "127.0.0.1", "::1", "host.docker.internal", "ip6-localhost"}  # noqa: S104 - recognised, not bound
_LONGEST = 8000


class Form(IntEnum):
    """How surely a text is an address, from least to most."""

    BARE = 0  # a word beside HOST or the like, or what is only scraped
    PAIR = 1  # host:port, or host and port side by side
    URL = 2
    WAIT = 3  # the argument of a program that connects or looks up


class Named(NamedTuple):
    """`port` is 0 where none is named; `implied` tells that it is the scheme's."""

    host: str
    port: int
    form: Form
    implied: bool = False


def expanded(text: str, values: Mapping[str, str], *, in_shell: bool = False) -> str:
    """`$(NAME)` as the kubelet expands it, and with `in_shell` `$NAME` and `${NAME:-default}`."""
    if "$" not in text:
        return text
    text = _EXPANSION.sub(lambda match: values.get(match[1], match[0]), text)
    if not in_shell:
        return text
    return _SHELL.sub(lambda match: values.get(match["braced"] or match["plain"]) or match["default"] or match[0], text)


def in_value(name: str, value: str, values: Mapping[str, str]) -> Iterator[Named]:
    """Of an environment variable or setting; `values` are its neighbours, of which one may hold the port."""
    text = value.strip()
    if not text or len(text) > _LONGEST:
        return
    holds_none, asks_for_one, is_host = _of_name(name)
    if holds_none:
        return
    # Neither a URL nor a pair is without one.
    found = (
        list(in_text(text, bare_ports=asks_for_one or (text.count(":") == 1 and " " not in text)))
        if ":" in text
        else ()
    )
    if found:
        yield from found
    elif is_host:
        for piece in re.split(r"[,;\s]+", text):
            if _BARE.fullmatch(piece) and may_be_host(piece) and not piece.isdigit():
                port = _port_beside(name, values)
                sure = port or piece.rstrip(".").endswith((".svc", ".svc.cluster.local"))
                yield Named(piece.rstrip("."), port, Form.PAIR if sure else Form.BARE)


@lru_cache(maxsize=4096)
def _of_name(name: str) -> tuple[bool, bool, bool]:
    """Whether a value of this name is no address, whether it is one, and whether it is a host."""
    asks = _HOST_WORDS.search(name) and not _PORT_SUFFIX.search(name)
    return bool(_NO_ADDRESS.search(name)), bool(_ADDRESS_WORDS.search(name)), bool(asks)


def _port_beside(name: str, values: Mapping[str, str]) -> int:
    stem = _HOST_SUFFIX.sub("", name)
    for candidate in (
        f"{stem}_PORT",
        f"{stem}_port",
        f"{stem}_SERVICE_PORT",
        f"{stem}.port",
        f"{stem}-port",
        f"{stem}PORT",
        f"{name}_PORT",
    ):
        port = values.get(candidate, "")
        if port.isdigit() and len(port) < 6 and 0 < int(port) < 65536:
            return int(port)
    return 0


def in_text(text: str, *, bare_ports: bool) -> Iterator[Named]:
    """URLs, then pairs. With `bare_ports` a one-word host with a port counts as an address too."""
    rest = text
    for match in _URL.finditer(text):
        scheme = match["scheme"].lower().removeprefix("jdbc:")
        rest = rest.replace(match[0], " ", 1)
        if scheme in _NO_HOST_SCHEMES or (match["after"] and not match["hosts"].endswith(".")):
            continue
        plain = scheme.partition("+")[0]
        for piece in match["hosts"].split(","):
            host, _, port = piece.partition(":")
            if may_be_host(host):
                known = _DEFAULT_PORT.get(plain, 0)
                yield Named(host.rstrip("."), int(port) if port else known, Form.URL, not port and known > 0)
    for match in _PAIR.finditer(rest):
        host, port = match["host"].rstrip("."), int(match["port"])
        if may_be_host(host) and 0 < port < 65536 and (bare_ports or "." in host):
            yield Named(host, port, Form.PAIR)


def in_command(text: str) -> Iterator[Named]:
    """What a container's command connects to. A bare `word:digits` counts only behind a word that asks for an address."""
    text = text[:_LONGEST]
    if not text:
        return
    for sign, pattern in _WAITS:
        for match in pattern.finditer(text) if sign in text else ():
            port = match.groupdict().get("port")
            if may_be_host(match["host"]) and not match["host"].isdigit():
                yield Named(match["host"].rstrip("."), int(port) if port else 0, Form.WAIT)
    for match in _SRV.finditer(text) if "._" in text else ():
        yield Named(match["host"], 0, Form.PAIR)
    if ":" not in text:
        return
    for match in _WAIT_PAIR.finditer(text):
        if may_be_host(match["host"]) and int(match["port"]) < 65536:
            yield Named(match["host"].rstrip("."), int(match["port"]), Form.PAIR)
    yield from in_text(text, bare_ports=False)


def in_setting(row: str) -> Iterator[Named]:
    """One line of a configuration file; comments and images are none."""
    stripped = row.strip()
    if not stripped or stripped.startswith(("#", "//", ";", "<!--")) or len(row) > _LONGEST // 2:
        return
    setting, _, value = (
        re.split(r"([=:\s])", stripped.removeprefix("- "), maxsplit=1)[0:3]
        if re.search(r"[=:\s]", stripped.removeprefix("- "))
        else (stripped, "", "")
    )
    if _NO_ADDRESS.search(setting):
        return
    found = list(
        in_text(
            stripped,
            bare_ports=bool(_ADDRESS_WORDS.search(setting)) or "connect" in stripped or stripped.startswith("- "),
        )
    )
    if found and setting == "targets":
        # Prometheus scrapes them: it does not rely on them.
        yield from (named._replace(form=Form.BARE) for named in found)
    elif found:
        yield from found
    elif _HOST_WORDS.search(setting):
        word = value.strip().strip("\"',")
        if _BARE.fullmatch(word) and may_be_host(word) and not word.isdigit():
            yield Named(word.rstrip("."), 0, Form.BARE)


def may_be_host(host: str) -> bool:
    bare = host.rstrip(".").lower()
    if (
        bare in _LOCAL
        or bare.startswith("127.")
        or len(bare) > 253
        or "$" in bare
        or bare in {"true", "false", "none", "null", "auto", "all"}
    ):
        return False
    if bare.replace(".", "").isdigit():
        try:
            ipaddress.ip_address(bare)
        except ValueError:
            return False
        return True
    return any(letter.isalpha() for letter in bare)
