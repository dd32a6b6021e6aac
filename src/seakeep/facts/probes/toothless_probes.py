"""Commands of probes that end well whatever the server answers."""

from __future__ import annotations

import re
import shlex

from seakeep.model.objects import Probe

_SHELLS = frozenset({"sh", "bash", "ash", "dash"})
_NOTHING = frozenset({"true", ":", "echo", "printf", "sleep"})
# The last step decides: what stands after it hides how it ended.
_HIDDEN = re.compile(r"(?:\|\||;|\n)[^\S\n]*(?P<last>true|:|exit\s+0|echo\b[^|&;]*)\s*$")
_STEPS = re.compile(r"&&|\|\||;|\n")


def cannot_fail(probe: Probe) -> str:
    """Why it says nothing, "" where it can fail."""
    command = list(probe.exec.command) if probe.exec else []
    if not command:
        return ""
    program = command[0].rpartition("/")[2]
    if program in _SHELLS:
        script = next(
            (command[place + 1] for place, word in enumerate(command[:-1]) if re.fullmatch(r"-\w*c", word)), ""
        )
        return _script(script.strip())
    return _simple(command)


def _script(text: str) -> str:
    """A trap or `set -e` may end it elsewhere, and loops and captures are read by people only."""
    if hidden := _HIDDEN.search(text):
        before = text[: hidden.start()]
        # `exit 1` before it, or a condition, has its own say.
        return "" if re.search(r"\bexit\s+[1-9$]|\bset -\w*e|\bif\b|\btrap\b", before) else f"ends with {hidden['last'].strip()}, which hides how it went"  # fmt: skip
    last = _STEPS.split(text)[-1].strip()
    if not last or any(sign in last for sign in ("|", "$(", "`", ")", "fi", "done")):
        return ""
    try:
        return _simple(shlex.split(last))
    except ValueError:
        return ""


def _simple(words: list[str]) -> str:
    words = words[1:] if words[:1] == ["exec"] else words
    program = words[0].rpartition("/")[2] if words else ""
    if program in _NOTHING or words == ["exit", "0"]:
        return f"runs {program}, which always ends well"
    if (
        program == "curl"
        and not any(_fails(word) for word in words[1:])
        and any("://" in word or ":" in word for word in words[1:])
    ):
        return "runs curl without --fail, which takes an error for an answer"
    return ""


def _fails(word: str) -> bool:
    return word.startswith("--fail") or bool(re.fullmatch(r"-[a-zA-Z#0-9]*f[a-zA-Z#0-9]*", word))
