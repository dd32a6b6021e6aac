"""Manifests before and after a plan: what `seakeep plan --write` leaves for review, with the overlay applied by kustomize."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from seakeep.adapters.plan_file import read_plan
from seakeep.model.refs import Ref
from seakeep.testing.testbed import build
from tests.engines.linters.programs import Name, Object

_PLAN = ("--max-risk", "high", "--target", "100", "--quiet", "--no-exit-code")


class Mended(Struct, frozen=True):
    """`open` is what the plan leaves to a person or leaves out: which rule or cause, on which object."""

    before: Sequence[Object]
    after: Mapping[Name, Object]
    open: frozenset[tuple[str, Name]]


def mend(source: Path, out: Path) -> Mended:
    command = [str(Path(sys.executable).with_name("seakeep")), "plan", str(source), "--write", str(out), *_PLAN]
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    plan = read_plan(out / "plan.yaml")
    left = [each for item in plan.asked for each in item.settles]
    left += [(item.rule, item.target) for item in plan.left_out]
    after = {name_of(item): item for item in _built(out / "overlay")}
    return Mended(_built(out / "base"), after, frozenset((rule, _name(ref)) for rule, ref in left))


def _built(folder: Path) -> list[Object]:
    text = subprocess.run([build.kubectl(), "kustomize", folder], check=True, capture_output=True, text=True).stdout
    return [item for item in yaml.safe_load_all(text) if item]


def name_of(item: Object) -> Name:
    return item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]


def _name(ref: Ref) -> Name:
    return ref.kind.partition(".")[0], ref.namespace, ref.name


def spec_of(item: Object) -> dict[str, Any]:
    """Of its pods; of what has none, nothing."""
    spec = item.get("spec") or {}
    spec = (spec.get("jobTemplate") or {}).get("spec") or spec
    found: dict[str, Any] = (spec.get("template") or {}).get("spec") or (spec if item["kind"] == "Pod" else {})
    return found


def containers_of(item: Object) -> list[dict[str, Any]]:
    spec = spec_of(item)
    return [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]


def labels_of(item: Object) -> dict[str, str]:
    spec = item["spec"]
    template = ((spec.get("jobTemplate") or {}).get("spec") or spec).get("template") or {}
    found: dict[str, str] = (template.get("metadata") or {}).get("labels") or {}
    return found
