"""JSON Schema of platform.yaml, for editors. `adapters.platform_file` decides; it also knows the lines."""

from __future__ import annotations

from typing import Any

from seakeep.adapters.own_files import API_VERSION
from seakeep.adapters.platform_file import CRITICALITIES, MAX_REPLICAS, SCORES

_TEXT = {"type": "string", "minLength": 1}
_WORKLOAD = r"^[^/]+/[^/]+/[^/]+$"
# Unquoted, YAML reads a date as a date; editors show it as text.
_DAY = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


def platform_schema() -> dict[str, Any]:
    """Draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "platform.yaml",
        "description": "What a platform is meant to run.",
        **_mapping(
            {
                "apiVersion": {"const": API_VERSION},
                "kind": {"const": "Platform"},
                "name": {"type": "string"},
                "services": _list(_service()),
                "targets": _list(_target()),
                "waivers": _list(_waiver()),
            },
            "apiVersion",
        ),
    }


def _service() -> dict[str, Any]:
    replicas = {"type": "integer", "minimum": 0, "maximum": MAX_REPLICAS}
    return _mapping(
        {
            "id": {**_TEXT, "description": "As `seakeep services` names it."},
            "namespace": {"type": "string"},
            "criticality": {"enum": list(CRITICALITIES)},
            "workloads": _list({"type": "string", "pattern": _WORKLOAD, "description": "Kind/namespace/name"}),
            "intended": {
                "type": "object",
                "description": "Kind/namespace/name: the replicas that should be ready.",
                "propertyNames": {"pattern": _WORKLOAD},
                "additionalProperties": replicas,
            },
            "dependsOn": _list({"type": "string"}),
        },
        "id",
    )


def _target() -> dict[str, Any]:
    return _mapping(
        {
            "score": {"enum": list(SCORES)},
            "value": {"type": "number", "minimum": 0, "maximum": 100},
            "day": {**_DAY, "description": "Not judged before this day."},
        },
        "score",
        "value",
    )


def _waiver() -> dict[str, Any]:
    return _mapping(
        {
            "target": {**_TEXT, "description": "A service's id, name or profile."},
            "reason": _TEXT,
            "owner": _TEXT,
            "expires": {**_DAY, "description": "Afterwards it counts again."},
        },
        "target",
        "reason",
        "owner",
        "expires",
    )


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": ["array", "null"], "items": items}


def _mapping(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}
