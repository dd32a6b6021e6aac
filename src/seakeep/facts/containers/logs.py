"""What the last lines of a container's log say, by category. Each form is recognised once, here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.workloads.podstate import is_ready, statuses
from seakeep.model.cause import Evidence
from seakeep.model.objects import Pod
from seakeep.model.pattern import late
from seakeep.model.snapshot import Log

# The end of a log tells why a process ended; what came hours earlier seldom does.
_LAST = 300
# What a pod that is ready said before its last lines, it has got over.
_RECENT = 30


class Topic(StrEnum):
    REFUSED = "connection refused"
    TIMEOUT = "connection timed out"
    UNKNOWN_HOST = "unknown host"
    UNREACHABLE = "no route to host"
    RESET = "connection reset"
    PERMISSION = "permission denied"
    NO_SPACE = "no space left"
    EXEC_FORMAT = "exec format error"
    FORBIDDEN = "forbidden"
    CLOCK = "clocks differ"
    CERTIFICATE = "certificate expired"
    AUTHENTICATION = "authentication failed"
    HEAP = "out of memory"
    SETTING = "bad setting"
    NOT_FOUND = "command not found"


_FORMS: tuple[tuple[Topic, re.Pattern[str]], ...] = (
    (Topic.EXEC_FORMAT, late(r"exec format error|cannot execute binary file", re.IGNORECASE)),
    (Topic.NO_SPACE, late(r"no space left on device|ENOSPC|disk quota exceeded|could not extend file|disk is full|low[- ]disk[- ]space condition|(?:not enough|insufficient|out of) (?:free )?disk space|flood[- ]stage (?:disk )?watermark", re.IGNORECASE)),
    (Topic.CLOCK, late(r"not yet valid: current time \S+ is before|certificate is not yet valid|CertificateNotYetValidException|token (?:is )?(?:used before issued|not (?:yet valid|valid yet))|(?:issued|iat\b.{0,20}) in the future|clock skew (?:detected|too great)|clock synchronization error|clock difference .{0,80}too high|high clock drift|RequestTimeTooSkewed|Signature not yet current", re.IGNORECASE)),
    (Topic.CERTIFICATE, late(r"certificate has expired|certificate (?:is )?expired|x509: certificate has expired|CertificateExpiredException|NotAfter:.{0,60}expired|certificate is not valid (?:any ?more|until)|CERTIFICATE_VERIFY_FAILED.{0,40}expired|ssl certificate expired", re.IGNORECASE)),
    (Topic.FORBIDDEN, late(r"is forbidden: User \\?[\"']?system:serviceaccount:|User \\?[\"']system:serviceaccount:[^\"']+\\?[\"'] cannot \w+|403 Forbidden.{0,80}serviceaccount", re.IGNORECASE)),
    (Topic.HEAP, late(r"java\.lang\.OutOfMemoryError|OutOfMemoryError|JavaScript heap out of memory|FATAL ERROR: .{0,60}heap|Cannot allocate memory|std::bad_alloc|MemoryError\b|runtime: out of memory", re.IGNORECASE)),
    (Topic.UNKNOWN_HOST, late(r"UnknownHostException|no such host|Name or service not known|could not translate host name|Temporary failure in name resolution|getaddrinfo (?:ENOTFOUND|EAI_AGAIN)|nodename nor servname|could not resolve host|bad address|server can't find|can't resolve|Unknown host|Failed to resolve|Name does not resolve|NXDOMAIN|UnresolvedAddressException|not known\b.*host", re.IGNORECASE)),
    (Topic.REFUSED, late(r"connection refused|ECONNREFUSED|Connect call failed|actively refused|ConnectionRefusedError", re.IGNORECASE)),
    (Topic.UNREACHABLE, late(r"no route to host|network is unreachable|EHOSTUNREACH|NoRouteToHostException", re.IGNORECASE)),
    (Topic.TIMEOUT, late(r"connect(?:ion)?(?:ion attempt)?.{0,40}tim(?:ed|e) ?out|ETIMEDOUT|ConnectTimeoutException|ConnectTimeout|Timeout connecting|i/o timeout|dial tcp .{0,80}timeout|context deadline exceeded.{0,80}(?:dial|connect)|Timed out (?:waiting|connecting)|TimeoutException.{0,80}connect|SocketTimeoutException: connect|failed to connect .{0,120}timeout", re.IGNORECASE)),
    (Topic.RESET, late(r"connection reset by peer|ECONNRESET|broken pipe", re.IGNORECASE)),
    (Topic.AUTHENTICATION, late(r"password authentication failed|authentication failed|Access denied for user|WRONGPASS|NOAUTH|invalid (?:username or )?password|Login failed for user|SASL authentication|401 Unauthorized|Invalid credentials|AuthenticationException|no pg_hba.conf entry|incorrect (?:username or )?password|unable to authenticate|bad auth\b|not authorized on \w+ to execute|InvalidAccessKeyId|SignatureDoesNotMatch", re.IGNORECASE)),
    (Topic.PERMISSION, late(r"permission denied|EACCES|operation not permitted|AccessDeniedException|read-only file system|EROFS|has (?:group or world access|invalid permissions|wrong ownership)|lack of permissions|locations are not writable", re.IGNORECASE)),
    (Topic.NOT_FOUND, late(r"(?:^|: )(?:[\w./-]+: )?(?:not found|command not found)\s*$|executable file not found|No such file or directory.{0,40}exec|can't open ['\"].+['\"]: No such file", re.IGNORECASE)),
    (Topic.SETTING, late(
        r"(?:environment variable|env var|\benv\b)[^.\n]{0,80}(?:not set|undefined|missing|required|is empty|not defined|must be set|unset)"
        r"|(?:missing|undefined|required|unset) (?:required )?(?:environment|env|config|configuration|setting|property|parameter|option|argument)"
        r"|(?:configuration|config|setting|property|option|flag|argument|parameter)[^.\n]{0,60}(?:is )?(?:invalid|not valid|unknown|unrecognized|unrecognised|missing|not found|required|malformed|not set)"
        r"|(?:invalid|unknown|unrecognized|unrecognised|unsupported|illegal|bad) (?:configuration|config|option|flag|argument|value|setting|property|parameter|directive|command[ -]line)"
        r"|ConfigException|ConfigurationException|InvalidConfigurationException|BindException: Failed to bind properties|Failed to bind properties|Could not resolve placeholder|KeyError: ['\"]|NoneType.{0,40}environ|undefined variable"
        r"|syntax error|SyntaxError|ParseError|YAMLException|yaml: |json: cannot unmarshal|JSONDecodeError|unexpected (?:token|end of|character|key|indent)|failed to parse|error parsing|could not parse|cannot parse|unexpected 'fi'"
        r"|replication[- ]factor.{0,40}(?:larger than available|cannot be reached|is invalid|below 1)"
        r"|vm\.max_map_count \[?\d+\]? is too low|max virtual memory areas|max file descriptors \[\d+\].{0,60}is too low|memory locking requested .{0,80}not locked|somaxconn is set to the lower value of \d+.{0,40}(?:fail|abort|exit)"
        r"|\b(?:must|should|has to) be .{1,60}(?:,|\bbut) (?:it )?(?:is|was)\b(?! not\b)"
        r"|Bad configuration|misconfigur|error loading config|failed to load config|flag provided but not defined|FATAL:  (?:invalid|unrecognized|could not open)|FATAL CONFIG FILE ERROR|(?:database|role|user) \"[^\"]{1,100}\" does not exist|Unknown database '|not a valid (?:value|number|url|port|integer)|is not defined in the environment|must be (?:set|specified|provided|configured)|refus(?:es|ed|ing) to (?:start|run|boot)\b.{0,80}(?:insecure|default|unsafe|weak|without|missing|no |not )",
        re.IGNORECASE)),
)  # fmt: skip


class Hit(Struct, frozen=True):
    """One telling line."""

    topic: Topic
    pod: Pod
    container: str
    previous: bool
    line: str

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.pod.ref, "log", self.line[:300])


def standing_lines(index: Index, pod: Pod) -> Iterator[str]:
    """What a pod has not got over, the newest first: all of its lines, of one that is ready only its present log's last."""
    ready = is_ready(pod)
    lines = [line for _, previous, line in lines_of(index, pod) if not (ready and previous)]
    return reversed(lines[-_RECENT:] if ready else lines)


def lines_of(index: Index, pod: Pod) -> Iterator[tuple[str, bool, str]]:
    """(container, previous, line), the newest last; termination messages are the last words of a container."""
    logs: list[Log] = []
    if index.snapshot.logs:
        logs = [*index.logs_of(pod), *index.logs_named(pod.namespace, workload_of(index, pod).name)]
    for log in sorted(logs, key=lambda item: item.previous, reverse=True):
        for line in log.text.splitlines()[-_LAST:]:
            # curl's progress meter shares a line with what comes after it.
            text = line.rpartition("--:--:--")[2].lstrip(" 0123456789k") if "--:--:--" in line else line.strip()
            if text:
                yield log.container, log.previous, text
    for status in statuses(pod):
        for state, previous in ((status.last_state, True), (status.state, False)):
            if state.terminated and state.terminated.message:
                for line in state.terminated.message.splitlines()[-20:]:
                    yield status.name, previous, line.strip()


def hits(index: Index, pod: Pod, *topics: Topic) -> list[Hit]:
    """Lines on any of the topics, the newest first; each line counts for the first topic that it fits."""
    found = []
    for container, previous, line in lines_of(index, pod):
        topic = topic_of(line)
        if topic is not None and (not topics or topic in topics):
            found.append(Hit(topic, pod, container, previous, line))
    return list(reversed(found))


def is_of(container: str, log: str) -> bool:
    """Whether a log may be this container's: one read without naming any may be, and so may any where only places are known (`#0`)."""
    return not log or log == container or container.startswith("#")


def topic_of(line: str) -> Topic | None:
    text = line[:2000]
    return next((topic for topic, form in _FORMS if form.search(text)), None)
