"""Failed calls in the words of the programs that made them: which host and port, and what went wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from seakeep.facts.routing.address_text import HOST, may_be_host
from seakeep.model.pattern import late

# In the order in which a connection is made: a line that tells of several names the first.
_OUTCOMES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "dns-failure",
        late(
            r"no such host|server misbehaving|UnknownHost|ENOTFOUND|EAI_AGAIN|name or service not known|not known|could(?: not|n't) resolve|can(?:'t|not) resolve|bad address|name resolution|name does not resolve|nodename nor servname|DNS resolution failed|NXDOMAIN|host not found|could not translate host name|unknown host|getaddrinfo|lookup .{1,120}: i/o timeout|lookup \S{1,120} on \S{1,60}:53: |Resolving timed out|No address associated|unresolved address|UnresolvedAddress|can't find",
            re.IGNORECASE,
        ),
    ),
    (
        "refused",
        late(
            r"connection ?refused|ECONNREFUSED|actively refused|\(111\)|errno 111|error 111|\brefused\b|connection to node .{1,120} could not be established",
            re.IGNORECASE,
        ),
    ),
    (
        "unreachable",
        late(
            r"no route to host|network is unreachable|EHOSTUNREACH|ENETUNREACH|host is unreachable|NoRouteToHost",
            re.IGNORECASE,
        ),
    ),
    (
        "timeout",
        late(
            r"i/o timeout|timed? ?out|ETIMEDOUT|deadline exceeded|DeadlineExceeded|operation now in progress|TimeoutException",
            re.IGNORECASE,
        ),
    ),
    ("reset", late(r"connection reset|ECONNRESET|broken pipe|unexpected EOF|socket hang up", re.IGNORECASE)),
    (
        "unavailable",
        late(
            r"\b503\b|service unavailable|no healthy upstream|failed to connect|could(?: not|n't) connect|unable to connect|cannot connect|can't connect|attempting reconnect|not available|\bunavailable\b",
            re.IGNORECASE,
        ),
    ),
    (
        "waiting",
        late(
            r"\b(?:waiting (?:for|on|until)|is not (?:yet )?(?:up|ready|reachable|available)|not ready yet|still waiting|sleeping|unreachable|retrying)",
            re.IGNORECASE,
        ),
    ),
)
_IP_TAIL = r"(?:/(?:<unresolved>|[\d.]+))?"
_TARGETS: tuple[re.Pattern[str], ...] = (
    late(rf"host=['\"]?(?P<host>{HOST})['\"]?,? ?port=['\"]?(?P<port>\d{{2,5}})"),
    late(rf"\bhost=['\"]?(?P<host>{HOST})(?=['\"`\s,])"),
    late(
        rf"(?:server at|host) \"(?P<host>{HOST})\"(?: \([^)]{{1,60}}\))?,? (?:and accepting TCP/IP connections on )?port (?P<port>\d{{2,5}})"
    ),
    late(rf"[Cc]onnect(?:ion)? to (?P<host>{HOST})(?: \([^)]{{1,60}}\))? port (?P<port>\d{{2,5}})"),
    late(rf"(?:^|[\s\"'(=,\[/@])(?P<host>{HOST}){_IP_TAIL}:(?P<port>\d{{2,5}})(?!\d|\.\d|\w)"),
    late(
        rf"(?:lookup|ENOTFOUND|EAI_AGAIN|UnknownHost(?:Exception)?:?|[Rr]esolve\b(?: host(?:name)?)?:?|bad address|host not found in upstream|translate host name|[Uu]nknown host|(?:MySQL|MariaDB) server on|can't find|resolv(?:ing|e) server|[Ww]aiting (?:for|on)(?: the)?(?: service| host| server)?|[Cc]onnect(?:ing|ion)? to(?: remote host)?(?: server)?|nslookup:?) ?[\"'(`]?(?!can't\b)(?P<host>{HOST})"
    ),
    late(rf"nc: (?P<host>{HOST}) \((?P<address>[\d.]+):(?P<port>\d{{2,5}})\)"),
)
# Words that stand where a host would: `Waiting for the database`, `connection to node -1`.
_NO_HOSTS = {
    "the",
    "condition",
    "node",
    "database",
    "db",
    "server",
    "host",
    "service",
    "a",
    "for",
    "on",
    "to",
    "at",
    "remote",
    "connection",
    "broker",
    "leader",
    "pods",
    "it",
    "dependencies",
    "upstream",
    "be",
    "kube-dns",
    "java",
    "python",
    "error",
    "get",
    "post",
    "http",
    "https",
    "tcp",
    "ready",
    "become",
    "all",
    "any",
    "port",
    "line",
    "exception",
    "caused",
    "file",
}
# `Cannot connect to discovery server …: UnknownHostException: coordinator`, `connect to GCS at address head:6379`: where a host stands too, the word says what kind of server it is.
_OF_A_KIND = late(
    r" (?:servers?|services?|brokers?|clusters?|databases?|hosts?|nodes?|backends?|endpoints?)\b| (?:at|on|via) (?:address |host |url |https?://)?(?=\S{1,200}[:.]\w)"
)
_SUCCESS = late(
    r"\b(?:connected|connection established|succeeded|successfully|is up|is ready|open$|now available|recovered|listening)\b",
    re.IGNORECASE,
)
# Tornado and Python's logging tell where in the program they are, as `module:line`.
_PLACE_IN_CODE = late(r"^\[[A-Z] [^\]\n]{1,120}\] |\bcaller=\S+")
_TAIL = 400
_LONGEST_LINE = 2000


class Failure(NamedTuple):
    """`line` is where it stands, counted from the log's end; `healed` where later lines tell of success with the same host."""

    host: str
    port: int
    outcome: str
    text: str
    line: int
    healed: bool


def outcome_in(line: str) -> str:
    return next((outcome for outcome, pattern in _OUTCOMES if pattern.search(line)), "")


def failures(log: str) -> Iterator[Failure]:
    """Each host and port once, by its last failure in the log's tail."""
    rows = log.splitlines()[-_TAIL:]
    seen: set[tuple[str, int]] = set()
    successes: list[str] = []
    for distance, row in enumerate(line[:_LONGEST_LINE] for line in reversed(rows)):
        outcome = outcome_in(row)
        if not outcome:
            if _SUCCESS.search(row):
                successes.append(row)
            continue
        for host, port in _targets(_PLACE_IN_CODE.sub("", row)):
            if (host, port) not in seen:
                seen.add((host, port))
                yield Failure(host, port, outcome, row.strip()[:300], distance, _healed(host, port, successes))


def _healed(host: str, port: int, successes: list[str]) -> bool:
    return any(host in row or (port and str(port) in row) for row in successes)


def _targets(row: str) -> Iterator[tuple[str, int]]:
    """Of one line; the DNS server of a failed look-up and the program's own address are none."""
    found: dict[str, int] = {}
    kinds: set[str] = set()
    for pattern in _TARGETS:
        for match in pattern.finditer(row):
            host = match["host"].rstrip(".").lower()
            port = match.groupdict().get("port")
            if row[match.end("host") :].startswith(("=", "://")):
                continue  # a key, as in `failed to connect to `host=db user=me``, or the scheme of a URL, as in `connect to redis://cache:6379`
            plain_word = not port and row[match.start("host") - 1] not in "\"'`("
            if plain_word and (host in _NO_HOSTS or match["host"].isupper()):
                continue  # `Failed to connect to GCS`: what it is, in capitals
            if not may_be_host(host) or _is_code(host):
                continue
            number = int(port) if port and int(port) < 65536 else 0
            if number == 53 or (row[max(0, match.start("host") - 3) : match.start("host")] == "on " and number == 53):
                continue
            if _is_local_end(row, match.start("host")):
                continue
            found[host] = found.get(host, 0) or number
            if plain_word and _OF_A_KIND.match(row, match.end("host")):
                kinds.add(host)
    named = any(host not in kinds or port for host, port in found.items())
    yield from ((host, port) for host, port in found.items() if port or not named or host not in kinds)


def _is_code(host: str) -> bool:
    """`Main.java:42`, `app.py:17`, `pid:2976` and times are no addresses."""
    return bool(re.match(r"\d{4}-\d\d-\d\dt?|(?:p?pid|tid|[ug]id|line|exit)$", host)) or (
        host.rpartition(".")[2]
        in {"java", "py", "go", "js", "ts", "scala", "kt", "c", "cc", "cpp", "rs", "rb", "cs", "php", "exception"}
        or host.isdigit()
    )


def _is_local_end(row: str, start: int) -> bool:
    """In Go's `read tcp 10.1.0.4:41234->10.96.0.1:443` the first address is one's own."""
    return bool(re.match(r"[\w.-]+:\d{1,5}->", row[start:]))
