"""Raw Kubernetes objects into frozen values, once, at the border.

Strict first, because it is fast; an object that does not fit is cleaned (nulls dropped, unreadable fields removed) and tried again, so that one odd field does not lose the object.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from seakeep.model.objects import STRUCTS, KubeObject, Secret, Unstructured
from seakeep.model.pattern import late

# Group of a kind that a `List` or a table showed without its apiVersion.
_BY_KIND: dict[str, type[KubeObject]] = {kind: struct for (_, kind), struct in reversed(STRUCTS.items())}
# Groups of custom resources have a dot in them; any other that is not known is Kubernetes' own, misspelt. `extensions` had kinds of other forms.
_CUSTOM = late(r"extensions|[a-z0-9-]+(?:\.[a-z0-9-]+)+")
# `Object missing …` and `Expected …` errors end with the path: "… - at `$.spec.containers[0].ports`".
_PATH = late(r"at `\$(?P<path>[^`]*)`")
_STEP = late(r"\.(?P<key>[^.\[]+)|\[(?P<index>\d+|\.\.\.)\]")
_MAX_REPAIRS = 64
_ONE_AT_A_TIME = threading.Lock()


class DecodeError(ValueError):
    """An object that cannot be read at all; `reason` says why, without its content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@cache
def decoder(form: Any) -> msgspec.json.Decoder[Any]:
    """A JSON decoder of a struct or another type, lenient about numbers in quotes.

    msgspec (0.22) works out how to read a struct when it first meets it; another thread that meets the struct meanwhile takes the half of it for the whole, and crashes the process.
    So every form that several threads read is worked out here first, one at a time.
    """
    with _ONE_AT_A_TIME:
        return msgspec.json.Decoder(form, strict=False)


def struct_for(api_version: str, kind: str) -> type[KubeObject]:
    """The struct of an apiVersion and kind; Unstructured for custom resources and other groups' namesakes. Anything called a Secret is read as one: its values never."""
    if kind == "Secret":
        return Secret
    group = api_version.rpartition("/")[0]
    known = STRUCTS.get((group, kind))
    return known or (Unstructured if _CUSTOM.fullmatch(group) else _BY_KIND.get(kind, Unstructured))


def of_its_group(item: KubeObject, api_version: str = "") -> KubeObject:
    """Other groups' namesakes (Knative's Service, Longhorn's Node) get kinds of their own: `Service.serving.knative.dev`. `api_version` is that of the list, whose items may leave it out."""
    if type(item) is not Unstructured or item.kind not in _BY_KIND:
        return item
    return msgspec.structs.replace(item, kind=f"{item.kind}.{(item.api_version or api_version).rpartition('/')[0]}")


def from_mapping(raw: Mapping[str, Any]) -> KubeObject:
    """One object from parsed JSON or YAML. Raises DecodeError where there is no kind or name, or where it is no object at all."""
    kind, metadata = raw.get("kind"), raw.get("metadata")
    if not isinstance(kind, str) or not kind:
        raise DecodeError("no kind")
    if not isinstance(metadata, Mapping) or not (metadata.get("name") or metadata.get("generateName")):
        raise DecodeError(f"{kind[:60]} without a name")
    api_version = raw.get("apiVersion")
    struct = struct_for(api_version if isinstance(api_version, str) else "", kind)
    if struct is Secret:
        raw = _keys_only(raw)
    return of_its_group(_convert(dict(raw), struct))


def _keys_only(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Annotations go too: the last applied configuration of a Secret holds its values."""
    names = {str(name) for part in ("data", "stringData") if isinstance(raw.get(part), Mapping) for name in raw[part]}
    known = raw.get("keys")
    names |= {str(name) for name in known} if isinstance(known, list | tuple) else set()
    metadata = {key: value for key, value in raw["metadata"].items() if key != "annotations"}
    kept = {key: value for key, value in raw.items() if key not in {"data", "stringData"}}
    return {**kept, "metadata": metadata, "keys": sorted(names)}


def _convert(raw: dict[str, Any], struct: type[KubeObject]) -> KubeObject:
    decoder(struct)  # what `convert` then finds worked out
    try:
        return msgspec.convert(raw, struct, strict=False)
    except (msgspec.ValidationError, ValueError, OverflowError):
        pass
    cleaned = _without_nulls(raw)
    for _ in range(_MAX_REPAIRS):
        try:
            return msgspec.convert(cleaned, struct, strict=False)
        except (msgspec.ValidationError, ValueError, OverflowError) as error:
            match = _PATH.search(str(error))
            if match is None or not _remove(cleaned, match["path"]):
                break
    raise DecodeError(f"{raw.get('kind')} does not have the form of its kind")


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value if item is not None]
    return value


def _remove(root: Any, path: str) -> bool:
    """Drop what an error's path points at. `[...]` stands for any entry of a map or list: the whole collection goes."""
    steps: list[str | int] = []
    for match in _STEP.finditer(path):
        if match["index"] == "...":
            break
        steps.append(match["key"] if match["key"] is not None else int(match["index"]))
    if not steps or steps in (["metadata"], ["kind"]):
        return False
    holder = root
    for step in steps[:-1]:
        try:
            holder = holder[step]
        except (KeyError, IndexError, TypeError):
            return False
    try:
        del holder[steps[-1]]
    except (KeyError, IndexError, TypeError):
        return False
    return True
