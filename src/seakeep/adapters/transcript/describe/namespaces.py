"""Namespaces and their quotas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from seakeep.adapters.transcript.describe.sections import Sections, table, text

Raw = dict[str, Any]


def namespace(sections: Sections) -> Raw:
    return {"status": {"phase": text(sections, "Status").partition(" ")[0]}}


def _quota_of(rows: list[dict[str, str]]) -> Raw:
    hard = {row["Resource"]: row.get("Hard", "") for row in rows if row.get("Resource")}
    used = {row["Resource"]: row.get("Used", "") for row in rows if row.get("Resource")}
    return {"spec": {"hard": hard}, "status": {"hard": hard, "used": used}}


def quota(sections: Sections) -> Raw:
    lines = [f"{key}  {section.value}" for key, section in sections.items() if key == "Resource"]
    body = sections.get("Namespace")
    return _quota_of(table(body.lines if body else lines))


def quotas(lines: list[str], namespace: str) -> Iterator[Raw]:
    """The quotas at the end of a namespace's description."""
    name, body = "", list[str]()
    inside = False
    for line in [*lines, "Resource Limits"]:
        if line.startswith("Resource Quotas"):
            inside = True
        elif (inside and (match := re.match(r"\s*Name:\s+(\S+)", line))) or line.startswith(
            ("Resource Limits", "No LimitRange")
        ):
            if name:
                yield {
                    "kind": "ResourceQuota",
                    "metadata": {"name": name, "namespace": namespace},
                    **_quota_of(table(body)),
                }
            name, body = (
                (match[1] if inside and not line.startswith(("Resource Limits", "No LimitRange")) and match else ""),
                [],
            )
        elif name and not line.strip().startswith("Scopes"):
            body.append(line)
