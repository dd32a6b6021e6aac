"""A Certificate of cert-manager, as `kubectl describe` prints a custom resource: fields below fields, lists without marks."""

from __future__ import annotations

import re
from typing import Any

Raw = dict[str, Any]
_FIELD = re.compile(r"\s*(?P<key>[A-Z][A-Za-z ]*):\s*(?P<value>.*)")


def certificate(lines: list[str]) -> Raw:
    """What the lines show of its Secret, its end and its conditions; {} where that is nothing."""
    fields = [(match["key"], match["value"].strip()) for line in lines if (match := _FIELD.match(line))]
    found: Raw = {}
    condition: dict[str, str] = {}
    conditions: list[dict[str, str]] = []
    for key, value in fields:
        match key:
            case "Secret Name":
                found["spec"] = {"secretName": value}
            case "Not After":
                found.setdefault("status", {})["notAfter"] = value
            case "Message" | "Reason" | "Status" if value:
                condition[key.lower()] = value
            case "Type" if {"status", "reason"} & condition.keys():
                conditions.append({**condition, "type": value})
                condition = {}
    if conditions:
        found.setdefault("status", {})["conditions"] = conditions
    return {"apiVersion": "cert-manager.io/v1", **found} if found else {}
