"""What linters say of manifests: the checks that fail, each with its object and the linter's own words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

Object = dict[str, Any]
Name = tuple[str, str, str]
# Requests and limits are asked for without a limit on CPU, see docs/explanation/linters.md.
_KUBE_SCORE = ("--output-format", "json", "--kubernetes-version", "v1.32", "--ignore-container-cpu-limit", "--enable-optional-test", "container-seccomp-profile")  # fmt: skip
_CHECKOV = ("--framework", "kubernetes", "--output", "json", "--compact", "--quiet", "--skip-download")


class Failure(Struct, frozen=True):
    """`of` is kind, namespace and name; `text` what the linter says."""

    check: str
    of: Name
    text: str = ""

    @property
    def key(self) -> tuple[str, Name]:
        return self.check, self.of


def by_kube_score(program: Path, objects: Sequence[Object]) -> tuple[Failure, ...]:
    text = yaml.safe_dump_all(objects)
    answer = subprocess.run([program, "score", "-", *_KUBE_SCORE], input=text, capture_output=True, text=True, check=False)  # fmt: skip
    if answer.returncode not in {0, 1}:
        raise AssertionError(answer.stderr)
    return tuple(_of_kube_score(json.loads(answer.stdout) or ()))


def _of_kube_score(answer: Any) -> Iterator[Failure]:
    """Grade 10 is a pass; 7 is nearly one."""
    for item in answer:
        meta = item["object_meta"]
        name = item["type_meta"]["kind"], meta.get("namespace", ""), meta["name"]
        for check in item["checks"]:
            if not check["skipped"] and check["grade"] < 10:
                said = "; ".join(f"{each['path']} {each['summary']}".strip() for each in check["comments"] or ())
                yield Failure(check["check"]["id"], name, said)


def by_checkov(packages: Path, objects: Sequence[Object], folder: Path) -> tuple[Failure, ...]:
    """It reads files, and no standard input."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "all.yaml").write_text(yaml.safe_dump_all(objects), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(packages)}
    command = [sys.executable, "-m", "checkov.main", "--directory", str(folder), *_CHECKOV]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if answer.returncode not in {0, 1}:
        raise AssertionError(answer.stderr)
    found = json.loads(answer.stdout).get("results", {}).get("failed_checks", ())
    return tuple(_of_checkov(item) for item in found)


def _of_checkov(item: Any) -> Failure:
    """A resource is called Kind.namespace.name; what lies in no namespace is called default's."""
    kind, space, name = item["resource"].split(".", 2)
    return Failure(item["check_id"], (kind, space, name), item["check_name"])
