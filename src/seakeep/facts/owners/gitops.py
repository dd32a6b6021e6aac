"""What Argo CD says of objects that are not there: an Application that declares them and has not been synced."""

from __future__ import annotations

from typing import Any

from seakeep.facts.index import Index
from seakeep.model.cause import Evidence
from seakeep.model.objects import KubeObject, Unstructured
from seakeep.model.refs import Ref

_GROUP = "argoproj.io/"


def unsynced(index: Index, ref: Ref) -> tuple[KubeObject, Evidence] | None:
    """The Application whose sync would create the object, with its own word for it."""
    for item in index.snapshot.of_kind("Application"):
        if not item.api_version.startswith(_GROUP) or not isinstance(item, Unstructured):
            continue
        status = item.status if isinstance(item.status, dict) else {}
        for position, part in enumerate(_dicts(status.get("resources"))):
            named = Ref(str(part.get("kind", "")), str(part.get("namespace", "")), str(part.get("name", "")))
            if named == ref and part.get("status") == "OutOfSync":
                health = part.get("health")
                state = health.get("status", "") if isinstance(health, dict) else ""
                return item, Evidence(
                    item.ref, f"status.resources[{position}]", f"{ref.name} OutOfSync {state}".strip()
                )
    return None


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list | tuple) else []
