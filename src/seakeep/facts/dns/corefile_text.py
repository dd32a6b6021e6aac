"""What is wrong in a Corefile, from its text alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct

from seakeep.facts.likeness import is_slip

_DOMAIN = "cluster.local"
# The plugins of CoreDNS' own build (plugin.cfg of 1.12); other builds may have more.
_PLUGINS = frozenset(
    [
        "root",
        "metadata",
        "geoip",
        "cancel",
        "tls",
        "quic",
        "timeouts",
        "multisocket",
        "reload",
        "nsid",
        "bufsize",
        "bind",
        "debug",
        "trace",
        "ready",
        "health",
        "pprof",
        "prometheus",
        "errors",
        "log",
        "dnstap",
        "local",
        "dns64",
        "acl",
        "any",
        "chaos",
        "loadbalance",
        "tsig",
        "cache",
        "rewrite",
        "header",
        "dnssec",
        "autopath",
        "minimal",
        "template",
        "transfer",
        "hosts",
        "route53",
        "azure",
        "clouddns",
        "k8s_external",
        "kubernetes",
        "file",
        "auto",
        "secondary",
        "etcd",
        "loop",
        "forward",
        "grpc",
        "nomad",
        "erratic",
        "whoami",
        "on",
        "sign",
        "view",
        "import",
    ]
)
_COMMENT = re.compile(r"(?:(?<=\s)|^)#.*", re.MULTILINE)
_REFUSAL = re.compile(r"\brcode\s+(NXDOMAIN|SERVFAIL|REFUSED)\b", re.IGNORECASE)


class Harm(StrEnum):
    """Whom it hurts."""

    ALL = "CoreDNS does not start with it"
    INSIDE = "names of Services do not resolve"
    OUTSIDE = "names outside the cluster do not resolve"


class Defect(Struct, frozen=True):
    """`sure` is False where a build of CoreDNS, or a cluster, of another make could be content with it."""

    harm: Harm
    what: str
    line: str
    sure: bool


@dataclass(slots=True)
class _Directive:
    words: list[str]
    body: list[str]


def defects(text: str) -> tuple[Defect, ...]:
    text = _COMMENT.sub("", text)
    blocks = list(_blocks(text))
    if text.count("{") != text.count("}"):
        return (
            Defect(Harm.ALL, "its braces do not match", text.strip().splitlines()[-1] if text.strip() else "", True),
        )
    everything = [item for block in blocks for item in block]
    found = list(_unknown(everything))
    found += _service_names(everything)
    if not any(item.words[0] in {"forward", "grpc", "etcd", "import", "file", "secondary"} for item in everything):
        found.append(Defect(Harm.OUTSIDE, "it has no forward plugin", "", False))
    return tuple(found)


def upstreams(text: str) -> tuple[str, ...]:
    """Where it forwards other names to."""
    text = _COMMENT.sub("", text)
    return tuple(
        word for block in _blocks(text) for item in block if item.words[0] == "forward" for word in item.words[2:]
    )


def _blocks(text: str) -> Iterator[list[_Directive]]:
    """The directives of each server block, with the lines of their own blocks."""
    block: list[_Directive] = []
    depth = 0
    for raw in text.splitlines():
        line = raw.strip()
        if not line:
            continue
        opens, closes = line.count("{"), line.count("}")
        if depth == 1 and line != "}":
            block.append(_Directive(line.rstrip("{ ").split(), []))
        elif depth > 1 and block:
            block[-1].body.append(line)
        depth = max(0, depth + opens - closes)
        if depth == 0 and closes:
            yield [item for item in block if item.words]
            block = []


def _unknown(everything: list[_Directive]) -> Iterator[Defect]:
    for item in everything:
        name = item.words[0]
        if name not in _PLUGINS and re.fullmatch(r"[a-z0-9_]+", name):
            meant = next((known for known in sorted(_PLUGINS) if is_slip(name, known)), "")
            hint = f"; {meant} may be meant" if meant else ""
            yield Defect(Harm.ALL, f"{name} is no plugin of CoreDNS{hint}", " ".join(item.words), bool(meant))


def _service_names(everything: list[_Directive]) -> Iterator[Defect]:
    plugins = [item for item in everything if item.words[0] == "kubernetes"]
    more = any(item.words[0] == "import" for item in everything)
    if not plugins and not any(is_slip(item.words[0], "kubernetes") for item in everything):
        yield Defect(Harm.INSIDE, "it has no kubernetes plugin", "", not more)
    zones = [zone.rstrip(".") for item in plugins for zone in item.words[1:]]
    forward = [zone for zone in zones if not zone.endswith(".arpa")]
    if plugins and forward and not {_DOMAIN, "", "."} & set(forward) and all(item.words[1:] for item in plugins):
        slip = any(is_slip(zone, _DOMAIN) for zone in forward)
        yield Defect(
            Harm.INSIDE,
            f"its kubernetes plugin answers for {', '.join(forward)}, not {_DOMAIN}",
            plugins[0].words[0],
            slip,
        )
    for item in everything:
        if item.words[0] == "template" and (refusal := _REFUSAL.search(" ".join(item.body))) and _covers(item):
            yield Defect(
                Harm.INSIDE, f"a template answers {refusal[1]} for names of Services", " ".join(item.words), True
            )


def _covers(item: _Directive) -> bool:
    """The template is for addresses (not IPv6's alone) and for Services' names."""
    kind, zones = (item.words[2] if len(item.words) > 2 else "ANY"), [zone.rstrip(".") for zone in item.words[3:]]
    matches = [line.partition(" ")[2].replace("\\", "").strip("\"' ") for line in item.body if line.startswith("match")]
    if kind.upper() not in {"ANY", "A"}:
        return False
    for text in matches:
        if ".svc" in text or _DOMAIN in text or text in {".*", "."}:
            return True
    inside = any(zone == _DOMAIN or zone.endswith(f".{_DOMAIN}") for zone in zones)
    return inside and not matches
