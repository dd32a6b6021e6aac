"""What the shell script of a container's command demands, and how it ends."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seakeep.model.objects import Container
from seakeep.model.pattern import late

_NAME = r"[A-Za-z_]\w{0,100}"
# `-z "$X"`, `"${X}" = ""`, `-n "$X" ] || …`, `${X:?why}`: the ways in which sh and bash ask whether a variable has a value.
_TESTS = (
    late(rf"(?:\[\[?|\btest)\s+-z\s+[\"']?\$\{{?(?P<name>{_NAME})(?::?-)?\}}?[\"']?"),
    late(rf"(?:\[\[?|\btest)\s+-n\s+[\"']?\$\{{?(?P<name>{_NAME})(?::?-)?\}}?[\"']?\s*(?:\]\]?)?\s*\|\|"),
    late(rf"(?:\[\[?|\btest)\s+[\"']?x?\$\{{?(?P<name>{_NAME})\}}?[\"']?\s+==?\s+[\"']?x?[\"']?\s*(?:\]|;|&&|$)"),
    (_INSISTS := late(rf"\$\{{(?P<name>{_NAME}):?\?")),
)
# The last statement of all ends the shell; behind `||` or `&&` it would be a condition's.
_LAST_EXIT = late(r"(?:^|[;\n])\s*exit\s+(?P<code>\d{1,3})\s*;?\s*$")
_SHELLS = late(r"(?:^|/)(?:sh|bash|ash|dash|ksh|zsh)$")


def script_of(container: Container) -> str:
    """The text that a shell runs as the container's command, "" where none does."""
    words = (*container.command, *container.args)
    shell = any(_SHELLS.search(word) for word in words[:4])
    return "\n".join(word for word in words if not word.startswith("-") and not _SHELLS.search(word)) if shell else ""


def demanded(container: Container) -> tuple[str, ...]:
    """Environment variables whose value the script asks for, and that neither the container's specification nor the script itself sets. Sorted."""
    script = script_of(container)
    if not script or container.env_from:
        return ()
    given = {variable.name for variable in container.env}
    return tuple(sorted({name for name in _tested(script) if name not in given and not _assigned(script, name)}))


def insists(container: Container) -> bool:
    """By `${X:?why}`, on a variable that is not set: bash ends with 127 then, as for a command that is not there, and dash with 2."""
    lacking = demanded(container)
    return any(match["name"] in lacking for match in _INSISTS.finditer(script_of(container)))


def _tested(script: str) -> Iterator[str]:
    for form in _TESTS:
        for match in form.finditer(script):
            yield match["name"]


def _assigned(script: str, name: str) -> bool:
    return bool(re.search(rf"(?:^|[\s;&|(]){name}=|\b(?:read|for|getopts)\b[^;\n]*\b{name}\b|\$\{{{name}:?=", script))


def last_exit(container: Container) -> int | None:
    """The code with which the script ends in any case; None where its end depends on what it runs."""
    found = _LAST_EXIT.search(script_of(container))
    return int(found["code"]) if found else None
