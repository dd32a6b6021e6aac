"""Sources of manifests that are not manifests yet: Helm templates, and kustomizations with their patches."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any

# Only what a chart has: Prometheus, Alertmanager and Argo write {{ … }} into rendered manifests as well.
_HELM = re.compile(
    rb"\{\{-?\s*(?:\.(?:Values|Release|Chart|Capabilities|Files|Template)\b|(?:include|template|tpl|toYaml|required|default)\s|(?:if|with|range|not|and|or|eq)\s[^}]*\.(?:Values|Release|Chart|Capabilities)\b)"
)
_KUSTOMIZATION = {"kustomization.yaml", "kustomization.yml", "kustomization"}
_MOST, _LARGEST = 1000, 1_000_000
HELM_ADVICE = "a Helm template: render it first (helm template NAME CHART | seakeep check -)"
KUSTOMIZE_ADVICE = (
    "patches and generators are not applied: render it first (kubectl kustomize FOLDER | seakeep check -)"
)


def is_helm_template(data: bytes) -> bool:
    return b"{{" in data and _HELM.search(data) is not None


def advice(path: str, data: bytes) -> str:
    """What to do with a file that is no manifest yet, "" for all others."""
    if is_kustomization(path):
        return KUSTOMIZE_ADVICE
    return HELM_ADVICE if path.lower().endswith((".yaml", ".yml")) and is_helm_template(data) else ""


def is_kustomization(path: str) -> bool:
    return PurePosixPath(path).name.lower() in _KUSTOMIZATION


def laid_over(root: Path) -> frozenset[str]:
    """The patches below a folder, by path from there."""
    files = [file for file in sorted(root.rglob("[kK]ustomization*")) if file.is_file() and not file.is_symlink()]
    return frozenset(
        patch
        for file in files[:_MOST]
        if is_kustomization(file.name) and file.stat().st_size < _LARGEST
        for patch in patches(str(file.relative_to(root)), file.read_bytes())
    )


def patches(path: str, data: bytes) -> frozenset[str]:
    """The files that a kustomization lays over others: parts of objects, that are none by themselves. Empty where it cannot be read."""
    import yaml

    try:
        document = yaml.safe_load(data)
    except (yaml.YAMLError, RecursionError, ValueError):
        return frozenset()
    if not isinstance(document, dict):
        return frozenset()
    named: list[Any] = []
    for key in ("patches", "patchesStrategicMerge", "patchesJson6902"):
        entries = document.get(key)
        for entry in entries if isinstance(entries, list) else ():
            named.append(entry.get("path") if isinstance(entry, dict) else entry)
    folder = PurePosixPath(path).parent
    return frozenset(_joined(folder, name) for name in named if isinstance(name, str) and "\n" not in name)


def _joined(folder: PurePosixPath, name: str) -> str:
    """Without `..`, which PurePosixPath keeps."""
    parts: list[str] = []
    for part in (folder / name).parts:
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
