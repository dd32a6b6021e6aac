"""The port that a command probe asks its own container on, by the options of the clients that such probes run."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seakeep.model.pattern import late

# Client → its option for the port: PostgreSQL's, Redis' and Valkey's with a small letter, MySQL's with a large one, MongoDB's by its long name, gRPC's as a part of the address.
_SMALL, _LARGE, _LONG = r"(?:-p|--port[= ])", r"(?:-P|--port[= ])", r"--port[= ]"
_ADDRESS = r"--?addr[= ][\"']?(?:localhost|127\.[\d.]+|\[::1?\]|0\.0\.0\.0)?:"
_CLIENTS = {
    **dict.fromkeys(("pg_isready", "psql", "redis-cli", "valkey-cli"), _SMALL),
    **dict.fromkeys(("mysqladmin", "mysql", "mariadb-admin", "mariadb"), _LARGE),
    **dict.fromkeys(("mongo", "mongosh"), _LONG),
    "grpc_health_probe": _ADDRESS,
}
_CLIENT = late(rf"(?:^|[\s/;&|(])(?P<client>{'|'.join(_CLIENTS)})(?=\s|$)(?P<options>(?:\s+[^\s;&|()]+)*)")
_OPTIONS = {option: late(rf"\s{option}\s*[\"']?(?P<port>\d{{2,5}})(?![\w.])") for option in _CLIENTS.values()}
_ANY = rf"(?:-[pP]|--port[= ]|{_ADDRESS})"
_ANY_ALONE = late(r"-[pP]|--port")
_HOST = late(r"\s(?:-h|--host[= ])\s*[\"']?(?P<host>[^\s\"']+)")
# Where a client without a host asks, and what means the same. A path is of a socket, whose name holds the port.
_HERE = late(r"localhost|127\.[\d.]+|\[?::1\]?|0\.0\.0\.0|/\S+")


def exec_port(command: Sequence[str]) -> int | None:
    """None where it names none, several, or somebody else's."""
    found = {int(match["port"]) for match in map(_asked, _CLIENT.finditer(" ".join(command))) if match}
    return found.pop() if len(found) == 1 else None


def on_port(command: Sequence[str], port: int) -> list[str]:
    """The command with its port changed, whether it is a word of its own or stands in a script."""
    old, before = exec_port(command), ["", *command]
    behind = rf"((?:^|\s){_ANY}\s*[\"']?){old}(?![\w.])"
    return [
        str(port) if word == str(old) and _ANY_ALONE.fullmatch(last) else re.sub(behind, rf"\g<1>{port}", word)
        for last, word in zip(before, command, strict=False)
    ]


def _asked(match: re.Match[str]) -> re.Match[str] | None:
    host = _HOST.search(match["options"])
    if host and not _HERE.fullmatch(host["host"]):
        return None
    return _OPTIONS[_CLIENTS[match["client"]]].search(match["options"])
