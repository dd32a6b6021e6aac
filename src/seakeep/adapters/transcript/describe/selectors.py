"""Label selectors as kubectl writes them (apimachinery `labels.Selector`)."""

from __future__ import annotations

import re
from typing import Any

_SET = re.compile(r"(\S+) (in|notin) \((.*)\)")
_KEY = re.compile(r"!?[A-Za-z0-9][\w./-]*")


def selector(value: str) -> dict[str, Any]:
    """`app=web,tier in (a,b),!legacy,owner` → a label selector; `<none>` selects everything."""
    labels: dict[str, str] = {}
    expressions: list[dict[str, Any]] = []
    for entry in (part.strip() for part in re.split(r",(?![^()]*\))", value)):
        if found := _SET.match(entry):
            operator = "In" if found[2] == "in" else "NotIn"
            expressions.append({"key": found[1], "operator": operator, "values": found[3].split(",")})
        elif "!=" in entry:
            key, _, label = entry.partition("!=")
            expressions.append({"key": key, "operator": "NotIn", "values": [label]})
        elif "=" in entry:
            key, _, label = entry.partition("=")
            labels[key] = label.lstrip("=")
        elif _KEY.fullmatch(entry):
            operator = "DoesNotExist" if entry.startswith("!") else "Exists"
            expressions.append({"key": entry.lstrip("!"), "operator": operator})
    return {"matchLabels": labels, "matchExpressions": expressions}
