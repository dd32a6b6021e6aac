"""A transcript into (command, output) pairs."""

from __future__ import annotations

import re
from typing import Any

import msgspec

# `$ kubectl …`, `# kubectl …`, `user@host:~$ kubectl …`, `PS C:\> kubectl …`, `+ kubectl …`, and bare `kubectl get …` lines.
_PROMPT = re.compile(
    r"^(?:[\w.@:~/\\ \[\]()-]{0,80}?[$#>%❯+]\s+)?(?P<command>(?:sudo\s+|time\s+)?(?:kubectl|oc|k)\s+\S.*)$"
)
_OTHER = re.compile(r"^(?:[\w.@:~/\\\[\]()-]{0,80})?\$ (?P<command>\S.*)$")
_WRAPPER = re.compile(r"^(?:\$\s+)?Command `(?P<command>[^`]+)` failed with return code \d+\s*$", re.MULTILINE)
_STREAMS = re.compile(r"^(?:stdout|stderr):\s*$", re.MULTILINE)


def pairs(text: str) -> list[tuple[str, Any]]:
    """Output is text, or parsed JSON where the source gave it so. What stands before the first command has the command ''."""
    stripped = text.lstrip()
    if stripped[:1] in {"{", "["}:
        try:
            value = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            value = None
        found = _from_json(value)
        if found:
            return found
    return _from_text(text)


def _from_json(value: Any) -> list[tuple[str, Any]]:
    """{command: output}, [{command, output}], or either one level down (`{"commands": …}`)."""
    if isinstance(value, list):
        found = []
        for item in value:
            if isinstance(item, dict):
                command = next(
                    (item[key] for key in ("command", "cmd", "input", "query") if isinstance(item.get(key), str)), None
                )
                output = next((item[key] for key in ("output", "stdout", "result", "response") if key in item), None)
                if command is not None and output is not None:
                    found.append((command, output))
        return found
    if not isinstance(value, dict):
        return []
    direct = [(key, output) for key, output in value.items() if is_command(key)]
    if direct:
        return direct
    for item in value.values():
        found = _from_json(item)
        if found:
            return found
    return []


def is_command(line: str) -> bool:
    return bool(_PROMPT.match(line.strip()))


def _from_text(text: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in text.splitlines():
        match = _PROMPT.match(line) or _OTHER.match(line)
        if match and not _is_output(line, found[-1][0]):
            found.append((match["command"].strip(), []))
        else:
            found[-1][1].append(line)
    return [
        _unwrapped(command, "\n".join(lines))
        for command, lines in found
        if command or any(line.strip() for line in lines)
    ]


def _is_output(line: str, command: str) -> bool:
    """A log may hold lines that look like prompts; only a line that names kubectl ends it."""
    return bool(re.match(r"(?:kubectl|k|oc)\s+logs?\b", command)) and "kubectl" not in line


def _unwrapped(command: str, output: str) -> tuple[str, str]:
    """Recorders that print `Command … failed` and `stdout:` / `stderr:` around the text."""
    match = _WRAPPER.search(output)
    if match:
        command = match["command"]
        output = output.replace(match[0], "", 1)
    return command, _STREAMS.sub("", output).strip("\n")
