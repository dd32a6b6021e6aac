"""What the rules propose is accepted by a real API server (`dryRun=All`), unless it refused the object before; applied a second time it changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from seakeep.testing.testbed import ControlPlane
from seakeep.testing.testbed.api import ApiError
from tests.catalog.golden_objects import Object, pairs


def _written(plane: ControlPlane, item: Object, *, dry: bool = True) -> tuple[str, Object]:
    """Why it was refused, and what the server made of it."""
    api, metadata = plane.api, item["metadata"]
    path = api.path(item.get("apiVersion", "v1"), item["kind"], metadata.get("namespace", ""), metadata["name"])
    query = f"?fieldManager=seakeep&force=true&fieldValidation=Strict{'&dryRun=All' if dry else ''}"
    try:
        found: dict[str, Any] = api.request(
            "PATCH", path + query, {"apiVersion": "v1", **item}, "application/apply-patch+yaml"
        )
    except ApiError as error:
        return error.server_message, {}
    return "", found


@pytest.mark.engine("kubernetes")
def test_the_server_accepts_what_it_accepted_before(control_plane: ControlPlane) -> None:
    found = list(pairs())
    spaces = sorted({pair.after["metadata"].get("namespace", "default") for pair in found} - {"default", "kube-system"})
    control_plane.api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in spaces)
    refused, accepted = [], set()
    for pair in found:
        before = "" if pair.before is None else _written(control_plane, pair.before)[0]
        after, _ = _written(control_plane, pair.after)
        if not after:
            accepted.add(pair.rule)
        elif not before:
            refused.append(f"{pair.rule}: {pair.after['kind']} {pair.after['metadata']['name']}: {after}")
    assert refused == []
    rules = {pair.rule for pair in found}
    assert len(accepted) >= 0.8 * len(rules), sorted(rules - accepted)


@pytest.mark.engine("kubernetes")
def test_applied_twice_the_second_changes_nothing(control_plane: ControlPlane) -> None:
    changed = []
    for pair in pairs():
        if pair.after["kind"] in {"Pod", "Node", "Job"}:
            continue  # what the control plane goes on writing to
        refused, first = _written(control_plane, pair.after, dry=False)
        if refused:
            continue
        _, second = _written(control_plane, pair.after, dry=False)
        if first["metadata"].get("generation") != second["metadata"].get("generation") or _content(first) != _content(second):  # fmt: skip
            changed.append(f"{pair.rule}: {pair.after['kind']} {pair.after['metadata']['name']}")
    assert changed == []


def _content(item: Object) -> Object:
    kept = {key: value for key, value in item["metadata"].items() if key not in {"resourceVersion", "managedFields"}}
    notes = {key: value for key, value in kept.get("annotations", {}).items() if "revision" not in key}
    return {
        **{key: value for key, value in item.items() if key != "status"},
        "metadata": {**kept, "annotations": notes},
    }
