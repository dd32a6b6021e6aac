"""`kubectl describe configmap`: keys over dashes, their text at the line's start."""

from __future__ import annotations

import re

_KEY = re.compile(r"^(?P<key>[\w.-]{1,253}):$")


def data(lines: list[str]) -> dict[str, str]:
    """Key → text. A value may hold lines that look like keys; only one over `----` is."""
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    inside = False
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line == "Data" and following.startswith("===="):
            inside, current = True, None
        elif line == "BinaryData" and following.startswith("===="):
            break
        elif inside and (match := _KEY.match(line)) and following == "----":
            current = found.setdefault(match["key"], [])
        elif inside and line.startswith("Events:") and set(line.partition(":")[2].strip()) <= set("<none>"):
            current = None
        elif current is not None and not (line == "----" and not current):
            current.append(line)
    return {
        key: f"{value}\n" if value else "" for key, text in found.items() for value in ["\n".join(text).rstrip("\n")]
    }
