"""What programs run inside pods and nodes printed: nc, curl, wget, nslookup, dig, ping, systemctl."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from seakeep.model.refs import Ref
from seakeep.model.snapshot import Check

_DNS_FAILURES = (
    "can't resolve",
    "could not resolve",
    "name or service not known",
    "bad address",
    "nxdomain",
    "server can't find",
    "no servers could be reached",
    "temporary failure in name resolution",
    "getaddrinfo",
    "can't find",
    "connection timed out; no servers",
    "unknown host",
    "no such host",
    "forward host lookup failed",
    "resolving timed out",
)
_REFUSED = ("connection refused",)
_TIMEOUTS = ("timed out", "timeout", "operation now in progress")
_UNREACHABLE = ("no route to host", "network is unreachable", "host is unreachable")
_RESETS = ("connection reset", "empty reply", "recv failure")
_TLS = ("ssl", "tls", "certificate")
# curl since 7.84 no longer says why; who is told so within a second was refused.
_AT_ONCE = re.compile(r"after \d{1,3} ms: (?:couldn't|could not) connect to server")
_OPEN = ("succeeded", " open", "connected to", "connection to", "ok")


def outcome_of(text: str) -> str:
    """The first thing that went wrong, in the order in which a connection is made."""
    lower = text.lower()
    quick = _AT_ONCE.search(lower)
    for words, outcome in (
        (_DNS_FAILURES, "dns-failure"),
        ((*_REFUSED, quick[0]) if quick else _REFUSED, "refused"),
        (_UNREACHABLE, "unreachable"),
        (_RESETS, "reset"),
        (_TIMEOUTS, "timeout"),
    ):
        if any(word in lower for word in words):
            return outcome
    return ""


_NOT_AFTER = re.compile(r"(?:notAfter=|Not After ?: ?)(?P<date>[A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}) GMT")


def certificate_dates(
    kinds: tuple[str, ...], names: tuple[tuple[str, str], ...], namespace: str, line: str, output: str
) -> Check | None:
    """`get secret x … | openssl x509 -enddate`: until when a Secret's certificate is valid."""
    match = _NOT_AFTER.search(output) if "openssl" in line and kinds == ("Secret",) and len(names) == 1 else None
    if match is None:
        return None
    until = datetime.strptime(match["date"], "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    secret = Ref("Secret", namespace or "default", names[0][1])
    return Check("certificate", secret, names[0][1], 0, "unknown", match[0], until)


_NO_WRITE = re.compile(r"No space left on device|Read-only file system|Disk quota exceeded")


def check_of(origin: Ref, words: tuple[str, ...], output: str) -> Check | None:
    """None where the program is none that is understood."""
    words = _unwrapped(words)
    if not words:
        return None
    program = words[0].rpartition("/")[2]
    detail = " ".join(output.split())[:400]
    match program:
        case "nc" | "ncat" | "netcat" | "telnet":
            return _tcp(origin, words, output, detail)
        case "curl" | "wget":
            return _http(origin, words, output, detail)
        case "nslookup" | "dig" | "host" | "getent":
            return _dns(origin, words, output, detail)
        case "ping":
            return _ping(origin, words, output, detail)
        case "systemctl" | "service" | "rc-service":
            return _unit(origin, words, output, detail)
        case "crictl" | "ctr" | "nerdctl":
            return _runtime(origin, output, detail)
        case "df":
            return Check("exec", origin, "df", 0, "ok", detail)
        case "tc":
            return Check("exec", origin, "tc", 0, "failed" if " netem " in f" {detail} " else "ok", detail)
    if _NO_WRITE.search(output):
        return Check("exec", origin, program, 0, "failed", detail)
    return None


def _unwrapped(words: tuple[str, ...]) -> tuple[str, ...]:
    """Without sh -c, chroot, timeout and the like."""
    while words:
        head = words[0].rpartition("/")[2]
        if head == "chroot" and len(words) > 2:
            words = words[2:]
        elif head in {"sh", "bash", "ash"} and len(words) > 2 and words[1] in {"-c", "-lc"}:
            inner = tuple(words[2].split())
            words = inner
        elif head == "timeout" and len(words) > 2:
            words = words[2:]
        elif head == "nsenter":
            words = words[words.index("--") + 1 :] if "--" in words else words[-3:]
        elif head in {"sudo", "env", "time"}:
            words = words[1:]
        else:
            return words
    return words


def _plain(words: tuple[str, ...], valued: str) -> list[str]:
    """Arguments that are no options, the values of options left out."""
    found: list[str] = []
    skip = False
    for word in words[1:]:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = bool(re.fullmatch(rf"-\w*[{valued}]", word))
        elif word in {"2>&1", "||", "&&", "|", ";"}:
            break
        else:
            found.append(word)
    return found


def _tcp(origin: Ref, words: tuple[str, ...], output: str, detail: str) -> Check | None:
    plain = _plain(words, "wipsGqXx")
    if len(plain) == 1 and ":" in plain[0]:
        plain = plain[0].rsplit(":", 1)
    if len(plain) < 2 or not plain[1].isdigit():
        return None
    lower = output.lower()
    outcome = outcome_of(output)
    if not outcome:
        outcome = (
            "ok"
            if any(word in lower for word in _OPEN)
            else "failed"
            if re.search(r"exit code [1-9]|failed", lower)
            else "unknown"
        )
    return Check("tcp", origin, plain[0], int(plain[1]), outcome, detail)


def _http(origin: Ref, words: tuple[str, ...], output: str, detail: str) -> Check | None:
    url = next((word for word in words[1:] if re.match(r"https?://", word)), None) or next(
        iter(_plain(words, "HXdoAemTOUwxu")), None
    )
    match = re.match(
        r"(?:(?P<scheme>[a-z+]+)://)?(?:[^@/]*@)?(?P<host>\[[^\]]+\]|[^:/?#]+)(?::(?P<port>\d{1,5}))?", url or ""
    )
    if not url or not match:
        return None
    port = int(match["port"]) if match["port"] else 443 if match["scheme"] == "https" else 80
    status = re.search(
        r"(?:HTTP/[\d.]+|http_code[\"':= ]+|HTTP request sent, awaiting response\.\.\.|returned error:|status:?) ?(\d{3})",
        output,
    ) or re.fullmatch(r"\s*(\d{3})\s*", output)
    latency = re.search(r"(?:time_total|total)[\"':= ]+([\d.]{1,12})", output)
    # Who answers with a document was reached, whatever the document tells.
    outcome = "" if output.lstrip()[:1] in {"{", "[", "<"} else outcome_of(output)
    if status and status[1] != "000":
        outcome = "http-error" if status[1][0] == "5" else "ok"
    elif not outcome:
        lower = output.lower()
        failed = re.search(r"curl: \((\d+)\)|exit code [1-9]", lower)
        outcome = (
            ("tls-error" if any(word in lower for word in _TLS) else "failed")
            if failed
            else "ok"
            if output.strip()
            else "unknown"
        )
    return Check(
        "http",
        origin,
        match["host"].strip("[]"),
        port,
        outcome,
        detail,
        latency=float(latency[1]) if latency and latency[1].count(".") < 2 else None,
    )


def _dns(origin: Ref, words: tuple[str, ...], output: str, detail: str) -> Check | None:
    plain = [
        word
        for word in _plain(words, "tp")
        if not word.startswith(("@", "+")) and word not in {"hosts", "ahosts", "A", "AAAA", "SRV"}
    ]
    if not plain:
        return None
    outcome = outcome_of(output)
    if outcome == "timeout":
        outcome = "dns-failure"
    if not outcome:
        answered = re.search(
            r"Address(?: \d+)?:\s*\S+|\bIN\s+A\s|has address|^\d{1,3}(?:\.\d{1,3}){3}", output, re.MULTILINE
        )
        empty = "ANSWER: 0" in output or "** server can't find" in output
        outcome = "dns-failure" if empty or not output.strip() else "ok" if answered else "unknown"
    return Check("dns", origin, plain[0], 53, outcome, detail)


def _ping(origin: Ref, words: tuple[str, ...], output: str, detail: str) -> Check | None:
    plain = _plain(words, "ciWwsI")
    if not plain:
        return None
    loss = re.search(r"([\d.]{1,8})% packet loss", output)
    average = re.search(r"(?:min/avg/max\S*) = [\d.]{1,12}/([\d.]{1,12})/", output)
    outcome = outcome_of(output)
    if loss and loss[1].count(".") < 2:
        percent = float(loss[1])
        outcome = "ok" if percent == 0 else "unreachable" if percent >= 100 else "failed"
    latency = float(average[1]) / 1000 if average and average[1].count(".") < 2 else None
    return Check("ping", origin, plain[-1], 0, outcome or "unknown", detail, latency=latency)


def _unit(origin: Ref, words: tuple[str, ...], output: str, detail: str) -> Check | None:
    plain = [word for word in words[1:] if not word.startswith("-")]
    if len(plain) < 2:
        return None
    unit = plain[1] if plain[0] in {"status", "is-active", "show"} else plain[0]
    active = re.search(r"Active:\s*(\w+)(?: \((\w[\w-]*)\))?", output)
    word = active[1] if active else output.strip().split("\n")[0].strip().lower()
    if word == "active":
        outcome = "ok" if not active or active[2] != "exited" else "inactive"
    elif word in {"inactive", "failed", "dead", "activating", "deactivating"}:
        outcome = "failed" if word == "failed" else "inactive"
    elif "could not be found" in output.lower():
        outcome = "inactive"
    else:
        outcome = "unknown"
    return Check("unit", origin, unit.removesuffix(".service"), 0, outcome, detail)


def _runtime(origin: Ref, output: str, detail: str) -> Check:
    """A client of the container runtime: its socket answers, or the unit behind it is not there."""
    told = re.search(r"/(?P<unit>containerd|crio|cri-dockerd|docker)(?:/\w+)?\.sock", output)
    failed = re.search(r"dial unix|[Cc]annot connect to|validate service connection|context deadline exceeded", output)
    return Check("unit", origin, told["unit"] if told else "containerd", 0, "failed" if failed else "ok", detail)
