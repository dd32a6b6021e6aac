"""Objects from manifests that are to be applied, as mappings in API form."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from seakeep.adapters.decode import DecodeError, from_mapping
from seakeep.adapters.errors import SourceError, UsageError
from seakeep.adapters.files.limits import LIMITS
from seakeep.adapters.own_files import text_of, yaml_fault


def read_manifests(path: Path) -> tuple[Mapping[str, Any], ...]:
    """Of a file, or of all .yaml, .yml and .json files of a folder, in order of their names. Raises UsageError, which names the file and line."""
    if path.is_dir():
        files = sorted(item for item in path.rglob("*") if item.suffix in {".yaml", ".yml", ".json"})
        return tuple(item for each in files for item in read_manifests(each))
    text = text_of(path)
    try:
        documents = _documents(text)
    except SourceError as error:
        raise UsageError(f"{path}: {error}", error.hint) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        line, fault = yaml_fault(error)
        raise UsageError(f"{path}:{line}: {fault}") from error
    return tuple(
        item for number, document in enumerate(documents, start=1) for item in _objects(document, path, number)
    )


def _documents(text: str) -> list[object]:
    """JSON may be indented by tabs, which YAML knows nothing of."""
    if text.lstrip().startswith("{"):
        try:
            return [json.loads(text)]
        except ValueError:
            pass  # YAML's braces, or several documents
    from seakeep.adapters.files.full_yaml import refuse_bombs  # imported where it is needed

    refuse_bombs(text, LIMITS)
    return list(yaml.safe_load_all(text))


def manifests_by_file(path: Path) -> Mapping[str, tuple[Mapping[str, Any], ...]]:
    """The objects of each file by its path below the folder, or by the file's own name; nothing for what holds no manifests (an archive, a dump with statuses)."""
    suffixes = {".yaml", ".yml", ".json"}
    top = path.resolve()
    # Not what a link brings in from elsewhere: it is to be written out again.
    inside = (item for item in path.rglob("*") if item.suffix in suffixes and item.resolve().is_relative_to(top))
    files = sorted(inside) if path.is_dir() else [path]
    found: dict[str, tuple[Mapping[str, Any], ...]] = {}
    for each in files:
        if each.suffix not in suffixes:
            continue
        try:
            objects = read_manifests(each)
        except UsageError:
            continue
        if objects and not any(_tells(item.get("status")) for item in objects):
            found[str(each.relative_to(path)) if path.is_dir() else each.name] = objects
    return found


def _tells(status: object) -> bool:
    """`kubectl create --dry-run` and generators write an empty one."""
    if isinstance(status, Mapping | list):
        return any(map(_tells, status.values() if isinstance(status, Mapping) else status))
    return status not in {None, ""}


def _objects(document: object, path: Path, number: int) -> Iterator[Mapping[str, Any]]:
    if document is None:
        return
    if isinstance(document, Mapping) and str(document.get("kind", "")).endswith("List") and "items" in document:
        for item in document["items"] or ():
            yield from _objects(item, path, number)
        return
    if not isinstance(document, Mapping):
        raise UsageError(f"{path}: document {number} is no Kubernetes object")
    try:
        from_mapping(document)
    except DecodeError as error:
        raise UsageError(f"{path}: document {number}: {error.reason}") from error
    yield document
