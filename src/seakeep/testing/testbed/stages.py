"""KWOK's configuration from the stages of testbed/stages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_TEMPLATED = ("patch", "apply")


def configuration(folder: Path, options: dict[str, Any]) -> str:
    """One YAML text for kwok's --config: its options and every stage, each template of a pod's with the shared parts before it."""
    parts = (folder / "partials.tpl").read_text()
    documents: list[dict[str, Any]] = [
        {"apiVersion": "config.kwok.x-k8s.io/v1alpha1", "kind": "KwokConfiguration", "options": options}
    ]
    for file in sorted(folder.glob("*.yaml")):
        for stage in yaml.safe_load_all(file.read_text()):
            if not stage:
                continue
            # The shared parts speak of pods, with functions that KWOK knows in the stages of pods only.
            shared = parts if stage["spec"]["resourceRef"]["kind"] == "Pod" else ""
            for step in stage["spec"]["steps"]:
                for kind in _TEMPLATED:
                    if kind in step:
                        step[kind]["template"] = shared + step[kind]["template"]
            documents.append(stage)
    return yaml.safe_dump_all(documents, sort_keys=False, width=1000)
