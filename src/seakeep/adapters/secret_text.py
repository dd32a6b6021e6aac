"""What looks like a secret in names and free text, and what looks like one but is needed: hosts, ports, paths and names of Secrets stay."""

from __future__ import annotations

import re
import string
from functools import lru_cache

from seakeep.model.pattern import late

MASK = "<redacted>"
_WORDS = (
    r"passw(?:or)?d|passphrase|passcode|secret|token|credential|api[_.-]?key|access[_.-]?key|private[_.-]?key|"
    r"(?:account|app|auth|client|encryption|fernet|license|master|server|shared|signing|ssh|storage)[_.-]?key|client-key-data|cookie|(?:key|store)_?pass"
)
# Names of variables and keys whose whole value goes.
_SECRET_NAME = late(
    rf"{_WORDS}|passw|signing|salt\b|(?:^|[_.-])(?:pass|pwd|pw|key|pat|dsn|auth|creds?|jwt)(?:$|[_.-])|(?<!by)(?<!com)pass$|(?-i:[a-z]Pwd$)",
    re.IGNORECASE,
)
# In custom resources and annotations `key` and `secret` mostly name a Secret's key or a Secret.
_STRONG_NAME = late(
    r"passw|passphrase|(?:api|access|private|encryption|account)[_-]?key$|token$|(?:^|[_.-])(?:pass|pwd)$",
    re.IGNORECASE,
)
# Names that only speak of a secret: where it lies, how long it lives.
_REFERENCE = late(
    r"(?:^|[_.-]|(?<=[a-z]))(?:file|path|dir|name|namespace|ref|host|hostname|server|servers|port|ur[il]|endpoint|address|enabled|required|ttl|expir\w*|seconds|secs|minutes|hours|days|lifetime|duration|interval|timeout|"
    r"type|algorithm|length|provider|class|issuer|audience|scopes?|realm|mode|method|converter|serializer|deserializer|mount|location|prefix|rotation|policy)$|"
    r"(?:^|[_.-])initial[_-]cluster[_-]token$|(?:^|[_.-]|(?<=[a-z]))client[_.-]?id$",  # etcd: tells clusters apart, and opens nothing
    re.IGNORECASE,
)
_PLACE = late(
    r"/(?:etc|var|run|mnt|opt|home|usr|tmp|srv|root|secrets?|vault|config|conf|certs?|tls|app|data|keys?|ssl)(?:/[\w.@+-]{1,60})+/?"
)
_ADDRESS = late(r"(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{1,63}:\d{2,5}|\d{1,3}(?:\.\d{1,3}){3}(?::\d{2,5})?")
_URL = late(r"[a-z][a-z0-9+.-]{1,30}://[^\s]+", re.IGNORECASE)
_HARMLESS = late(
    r"(?:true|false|null|none|nil|yes|no|on|off|enabled|disabled|[01]|undefined|\*+|~|<[a-z -]+>|[$%]\(?\{?[\w.:-]*\}?\)?|)",
    re.IGNORECASE,
)
# Messages of Kubernetes itself: `failed to fetch token: serviceaccounts "x" not found`.
_PROSE = late(
    r"serviceaccounts?|secrets?|configmaps?|pods?|not|no|failed|failure|error|invalid|unable|could|couldn|cannot|the|an?|is|was|has|must|unauthorized|forbidden|expired|missing|context|rpc|object|Get|Post|unexpected|unknown|expected|got|received|wrong|bad|empty|timeout|timed",
)
# What the system says of a file, whatever the file is called: `open /data/.access_key: Permission denied`.
_ERRNO = late(
    r"(?:permission denied|operation not permitted|read-only file system|no such (?:file or directory|device)|(?:is|not) a directory|file exists|"
    r"file name too long|no space left on device|disk quota exceeded|input/output error|(?:device or resource|text file) busy|"
    r"too many (?:open files|levels of symbolic links)|stale (?:nfs )?file handle|(?:unexpected )?EOF)(?![\w-])",
    re.IGNORECASE,
)

# Cheap first look: text without any of these holds nothing that the patterns below would find.
_SUSPECT = late(
    rf"{_WORDS}|://|PRIVATE KEY|(?:\b|_)p(?:ass|wd)\b|requirepass|masterauth|identified\s|passin|@(?:tcp6?|unix)\(|jdbc:oracle|bearer|basic |authorization|auth\\?\"|AKIA|ASIA|AIza|gh[pousr]_|github_pat|glpat|glsa_|hv[bs]\.|dapi|npm_|dckr_pat|H4sI|UEsD|xox[abprs]-|eyJ|hooks\.slack|webhook|\$\d|\$apr1|\$argon|sig(?:nature)?=",
    re.IGNORECASE,
)
_HINTS = (
    "pass", "secret", "token", "credential", "key", "cookie", "pwd", "bearer", "basic ", "auth", "akia", "asia", "gh", "github_pat",
    "glpat", "glsa_", "xox", "eyj", "hooks.slack", "webhook", "$", "sig", "jdbc:oracle", "identified", "@tcp", "@unix(", "aiza",
    "hvs.", "hvb.", "dapi", "npm_", "dckr_pat", "h4si", "uesd",
)  # fmt: skip
# The most common suspect: an address with neither user nor query. Nothing but its scheme makes it one.
_PLAIN_URL = late(r"[a-z][a-z0-9+.-]{1,30}://[\w.-]{1,253}(?::\d{1,5})?(?:/[\w./-]*)?", re.IGNORECASE | re.ASCII)
_PEM = late(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)",
    re.DOTALL,
)
_PEM_END = late(r"-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_BASE64 = late(r"(?:^|\s)([A-Za-z0-9+/=]{1,80})\s?$")
_KEY_LINE = 40  # PEM has 64 letters a line (RFC 7468), and some writers 48 or 76
_KEY_LETTERS = f"{string.ascii_letters}{string.digits}+/=\\"
_USERINFO = late(
    r"(?P<keep>[a-zA-Z][a-zA-Z0-9+.-]{1,30}://)(?:[^/\s\"'<>]{1,256}|[^/\s@:\"'<>]{0,128}:(?!\d{1,5}[/?])[^\s\"'@<>]{1,256})@"
)
_DATABASE = late(r"(?:postgres(?:ql)?|mysql|mariadb)(?:\+\w+)?://")
_USER = late(r"[a-z_][a-z0-9_]{0,31}")
_ORACLE = late(r"(?P<keep>jdbc:oracle:(?:thin|oci):)[^\s@\"']{1,256}@")
# Of Go's MySQL driver: `root:x@tcp(db:3306)/airflow`.
_BARE_USERINFO = late(r"(?P<keep>\b[\w.-]{1,64}:)[^\s\"'<>]{1,256}?@(?=(?:tcp6?|unix)\()")
_VALUE = (
    r"(?P<value>\"(?:[^\"\\\n]|\\.){1,4000}\"?|'[^'\n]{1,4000}'?|\\{1,3}[\"'](?:(?!\\{1,3}[\"'])[^\n]){1,4000}|"
    r"[|>][-+]?[ \t]*(?:\n[ \t]+[^\n]{0,4000}){1,200}|[^\s\"'\\,;&)}\]<][^\s\"'\\,;&<]{0,4000}|<(?!redacted)[^\s>]{1,256}>)"
)
_ASSIGNED = late(
    rf"(?P<keep>(?P<name>(?:{_WORDS}|(?<=[_.-])(?:pass|pwd)(?![a-z])|(?<![a-z0-9])(?:pass|pwd(?!=[/~]))(?=\s?=|\\{{0,3}}[\"']\s?:\s?\\{{0,3}}[\"']))[\w.-]{{0,40}})\\{{0,3}}[\"']?\s{{0,3}}(?:=>|:=|=|:|%3d|\\u003d)[ \t]{{0,8}}){_VALUE}",
    re.IGNORECASE,
)
_LINE = late(
    rf"^(?P<keep>[ \t-]{{0,80}}(?:export[ \t]+)?(?P<name>[\w.\[\]-]{{0,120}}(?:{_WORDS}|[_.-]pass|[_.-]pwd)[\w.-]{{0,60}})[ \t]{{0,40}}[=:][ \t]{{0,40}})(?P<value>[^\s|>{{\[\"'][^\n]{{0,4000}})$",
    re.IGNORECASE | re.MULTILINE,
)
# `{"name": "DB_PASSWORD", "value": "x"}`, `- name: DB_PASSWORD\n  value: x`, `<property name="password" value="x"/>`, `<name>…password</name><value>x</value>`.
_PAIR = late(
    rf"(?P<keep>\b(?:name|key)\\{{0,3}}[\"']?\s{{0,3}}[:=]\s{{0,3}}\\{{0,3}}[\"']?(?P<name>[\w.-]{{0,80}}(?:{_WORDS}|[_.-]pass|[_.-]pwd)[\w.-]{{0,40}})\\{{0,3}}[\"']?\s{{0,3}},?\s{{0,40}}\\{{0,3}}[\"']?value\\{{0,3}}[\"']?\s{{0,3}}[:=]\s{{0,3}}){_VALUE}",
    re.IGNORECASE,
)
_XML = late(
    rf"(?P<keep><name>(?P<name>[^<]{{0,120}}(?:{_WORDS})[^<]{{0,60}})</name>\s{{0,80}}<value>|<(?P<tag>[\w.-]{{0,40}}(?:{_WORDS})[\w.-]{{0,40}})>)(?P<value>[^<]{{1,4000}})",
    re.IGNORECASE,
)
_OPTION = late(
    rf"(?P<keep>(?<!\S)--?(?P<name>[\w-]{{0,40}}(?:{_WORDS}|-pass|-pwd)[\w-]{{0,40}})[ \t]+)(?!-)(?P<value>[^\s\"'|;&]{{1,4000}}|\"[^\"\n]*\"|'[^'\n]*')",
    re.IGNORECASE,
)
_HEADER = late(
    r"(?P<keep>\bauthorization\\{0,3}[\"']?\s?[:=]\s?\\{0,3}[\"']?(?:(?:basic|bearer|digest|negotiate|token|apikey)\s+)?)(?P<value>[^\s\"'\\]{4,4000})"
    r"|(?P<word>\b(?:bearer|basic)\s+|\"auth\\?\"\s?:\s?\\?\")(?=(?-i:[a-z]*[0-9A-Z+/=_.-]))[A-Za-z0-9+/=._~-]{8,4000}",
    re.IGNORECASE,
)
# `requirepass x` of Redis, `IDENTIFIED BY 'x'` and `PASSWORD 'x'` of SQL, `login a password x` of a netrc file.
_SAID = late(
    rf"(?P<keep>\b(?:requirepass|masterauth|identified[ \t]{{1,3}}by|login[ \t]{{1,3}}[^\s]{{1,120}}\s{{1,8}}password|passw(?:or)?d(?=[ \t]{{1,3}}[\"']))[ \t]{{1,3}}){_VALUE}",
    re.IGNORECASE,
)
_COOKIE = late(r"(?P<keep>\b(?:set-)?cookie:\s?)[^\n]{1,4000}", re.IGNORECASE)
_SIGNED = late(r"(?P<keep>[?&](?:sig|[\w-]*signature)=)[^\s&\"']{1,4000}", re.IGNORECASE)
_WELL_KNOWN = late(
    r"\b(?:(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}|glpat-[\w-]{16,64}|xox[abprs]-[A-Za-z0-9-]{10,255}"
    r"|eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,4000}(?:\.[A-Za-z0-9_-]{5,4000})?)|(?<=hooks\.slack\.com/services/)[\w/]{10,120}|(?<=discord\.com/api/webhooks/)[\w/-]{10,160}|(?<=\.office\.com/webhookb2/)[\w@/-]{10,300}"
    r"|\b(?:AIza[\w-]{35}|hv[bs]\.[\w-]{20,300}|glsa_\w{20,100}|dapi[0-9a-f]{32}|npm_[A-Za-z0-9]{30,100}|dckr_pat_[\w-]{20,100})"
    # Packed (gzip, zip) and written in base64: whole objects, and releases of Helm, with all that they hold.
    r"|\b(?:H4sI|UEsD)[A-Za-z0-9+/]{60,}={0,2}"
    r"|\$(?:2[abxy]|1|5|6|apr1|argon2\w{1,2})\$[^\s\"':]{8,256}"
)  # fmt: skip
# Passwords that well-known programs take as arguments.
_PROGRAMS = (
    late(
        r"(?P<keep>\b(?:mysql\w*|mariadb\w*|sshpass|mongo(?:sh|dump)?)\b[^|;&\n]{0,300}?\s-p\s?)(?!\d+\b)[^\s\"'-][^\s\"']{0,400}"
    ),
    late(r"(?P<keep>\bcurl\b[^|;&\n]{0,400}?\s(?:-[a-zA-Z]{0,6}[uU]|--(?:proxy-)?user)[\s=]?[\"']?)[^\s\"']{1,200}"),
    late(r"(?P<keep>\blogin\b[^|;&\n]{0,300}?\s-p\s)(?!\d+\b)[^\s\"'-][^\s\"']{0,400}"),
    late(r"(?P<keep>\bldap(?:search|modify|add|delete|passwd|whoami)\b[^|;&\n]{0,300}?\s-w\s)[^\s\"'-][^\s\"']{0,400}"),
    late(r"(?P<keep>\bsqlplus\b[^|;&\n]{0,100}?\s[\w.-]{1,64}/)[^\s\"'@]{1,256}"),
    late(r"(?P<keep>\bopenssl\b[^|;&\n]{0,400}?\s-pass(?:in|out)?\s[\"']?pass:)[^\s\"']{1,400}"),
    late(r"(?P<keep>\bredis-cli\b[^|;&\n]{0,300}?\s(?:-a|--pass)\s)[^\s\"']{1,400}"),
)
_PROGRAM_NAMES = ("mysql", "mariadb", "sshpass", "mongo", "curl", "redis-cli", "login", "ldap", "sqlplus", "openssl")


def text(value: str) -> str:
    """Free text with what looks like a secret masked."""
    return _short(value) if len(value) < 1000 else _text(value)


@lru_cache(maxsize=8192)
def _short(value: str) -> str:
    return _text(value)


def _text(value: str) -> str:
    is_address = _PLAIN_URL.fullmatch(value) is not None
    if not (_has_hint(value[value.index("://") + 3 :]) if is_address else _has_hint(value) or "://" in value):
        return value
    if not _SUSPECT.search(value):
        return value
    value = _without_tail(_PEM.sub(MASK, value))
    value = _USERINFO.sub(_without_user, value)
    for pattern in (_ORACLE, _BARE_USERINFO):
        value = pattern.sub(rf"\g<keep>{MASK}@", value)
    for pattern in (_PAIR, _XML, _ASSIGNED, _OPTION, _SAID):
        value = pattern.sub(_masked, value)
    value = _HEADER.sub(lambda match: f"{match['keep'] or match['word']}{MASK}", value)
    for pattern in (_COOKIE, _SIGNED):
        value = pattern.sub(rf"\g<keep>{MASK}", value)
    return _WELL_KNOWN.sub(MASK, value)


def _without_user(match: re.Match[str]) -> str:
    """Of a database's address the name alone opens nothing; elsewhere a token may stand there alone."""
    keep, user = match["keep"], match[0][len(match["keep"]) : -1]
    return match[0] if _DATABASE.fullmatch(keep) and _USER.fullmatch(user) else f"{keep}{MASK}@"


def _without_tail(value: str) -> str:
    """A log whose beginning is cut off may begin within a key: what stands before an end that has no beginning."""
    if not _PEM_END.search(value):
        return value
    kept: list[str] = []
    for line in value.split("\n"):
        ends = list(_PEM_END.finditer(line))
        if ends:
            # In JSON a key is one line, with `\\n` in it.
            before = line[: ends[0].start()]
            left = before.rstrip(_KEY_LETTERS)
            shortest = 1  # the last line of a key may be short, and the first where it is cut
            while left == before and kept and _last_word(kept[-1]) >= (1 if len(kept) == 1 else shortest):
                kept.pop()
                shortest = _KEY_LINE
            line = f"{left}{MASK}{line[ends[-1].end() :]}"  # noqa: PLW2901 - the same line
        kept.append(line)
    return "\n".join(kept)


def _last_word(line: str) -> int:
    """How long the line's last word is, if a key may hold it."""
    found = _BASE64.search(line)
    return len(found[1]) if found else 0


def _has_hint(value: str) -> bool:
    """What `_SUSPECT` looks for, but for a scheme, holds one of these; looking for words is many times faster than for a pattern."""
    folded = value.casefold()
    for hint in _HINTS:  # noqa: SIM110 - a generator takes twice as long, and this is asked of every text
        if hint in folded:
            return True
    return False


def _masked(match: re.Match[str]) -> str:
    """The value gone, its quotes kept, so that JSON stays JSON; references and placeholders stay."""
    found, name = match["value"], match.groupdict().get("name") or match.groupdict().get("tag") or ""
    opening = re.match(r"\\{0,3}[\"']?", found)
    lead = opening[0] if opening else ""
    tail = lead if lead and found.endswith(lead) and len(found) > len(lead) else ""
    inner = found[len(lead) : len(found) - len(tail)]
    if MASK in inner or _HARMLESS.fullmatch(inner.rstrip(")]}.,;")) or is_reference(name):
        return match[0]
    if _PLACE.fullmatch(inner) or (not lead and _ERRNO.match(match.string, match.start("value"))):
        return match[0]
    if not lead and _PROSE.fullmatch(inner) and match.string[match.end() : match.end() + 1] == " ":
        return match[0]
    return f"{match['keep']}{lead}{MASK}{tail}"


def is_reference(name: str) -> bool:
    """`DB_PASSWORD_FILE`, `secretName`, `tokenTtl`: no secret themselves."""
    return bool(_REFERENCE.search(name))


def value_of(name: str, value: str) -> str:
    """The value of a variable or key: masked whole where the name says so, unless it is a place, an address or a switch."""
    return _short_value(name, value) if len(value) < 1000 else _value_of(name, value)


@lru_cache(maxsize=8192)
def _short_value(name: str, value: str) -> str:
    return _value_of(name, value)


def _value_of(name: str, value: str) -> str:
    if not value or not _SECRET_NAME.search(name) or is_reference(name) or _HARMLESS.fullmatch(value):
        return text(value)
    if _PLACE.fullmatch(value) or _ADDRESS.fullmatch(value):
        return value
    return text(value) if _URL.fullmatch(value) else MASK


def file_of(name: str, value: str) -> str:
    """A file's content, such as a ConfigMap holds: in properties and the like a value ends with its line, blanks included."""
    if "\n" in value and _SUSPECT.search(value):
        value = _LINE.sub(_line, value)
    return value_of(name, value)


def _line(match: re.Match[str]) -> str:
    return match["keep"] + value_of(match["name"], match["value"])


def field_of(name: str, value: str) -> str:
    """The same for fields of custom resources, and annotations."""
    return value_of(name, value) if _STRONG_NAME.search(name) else text(value)


@lru_cache(maxsize=8192)
def arguments(words: tuple[str, ...]) -> tuple[str, ...]:
    """A command's words: `--password=x`, `--password x`, `-c "mysql -px"`."""
    masked: list[str] = []
    hide = False
    for word in words:
        masked.append(MASK if hide and not _HARMLESS.fullmatch(word) else command(word))
        hide = word.startswith("-") and "=" not in word and bool(_SECRET_NAME.search(word)) and not is_reference(word)
    if masked and re.search(r"(?:^|/)(?:mysql|mariadb|curl|redis-cli|sshpass)", masked[0]):
        # A separator that the patterns take for white space, and that no argument holds.
        masked = command("\x1f".join(masked)).split("\x1f")
    return tuple(masked)


def command(value: str) -> str:
    """A line of shell."""
    if any(name in value for name in _PROGRAM_NAMES):
        for pattern in _PROGRAMS:
            value = pattern.sub(rf"\g<keep>{MASK}", value)
    return text(value)
