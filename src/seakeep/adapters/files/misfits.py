"""Fields of a manifest that its kind does not have, or that hold another type than the API takes: what strict decoding refuses, as `kubectl apply` asks for.

The fields and types are those of `data/fields.json`, which `tests/conformance/write_fields.py` writes from Kubernetes' own OpenAPI. Kinds that are not in it, custom resources for one, are not judged.
"""

from __future__ import annotations

import binascii
import json
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from seakeep.facts.likeness import edit_distance, is_slip, squeezed
from seakeep.model.quantity import QuantityError, nano
from seakeep.model.snapshot import Misfit

_NAMES = {"s": "text", "i": "a whole number", "n": "a number", "b": "true or false", "q": "a quantity", "x": "a number or text", "y": "base64"}  # fmt: skip
_MOST = 20
UNKNOWN, MISSING, NO_WORD = "no such field", "missing, and required", " is known: it is one of "
# What a tool fills in before the manifest is applied: `{{ .Values.port }}`, `${PORT}`, `$(PORT)`, `__PORT__`, `<port>`.
_BLANK = re.compile(r"\{\{|\$[{(]|__\w+__|<[\w .-]+>|%\w+%")


@cache
def _table() -> tuple[Mapping[str, int], list[dict[str, str]], list[list[str]]]:
    found = json.loads(pkgutil.get_data("seakeep", "data/fields.json") or b"")
    return found["kinds"], found["types"], [words.split() for words in found["words"]]


def misfits(raw: Mapping[str, Any]) -> tuple[Misfit, ...]:
    """In the order of the manifest; no more than a person would read."""
    place = _table()[0].get(f"{raw.get('apiVersion')} {raw.get('kind')}")
    if place is None or _plainly(str(place))(raw):
        return ()
    found = (item for _, item in zip(range(_MOST), _of(raw, str(place), "", ()), strict=False))
    return tuple(found)


@cache
def _plainly(form: str) -> Callable[[Any], bool]:
    """Whether a value is, without a second look, of the form, as nearly all are. What is not may fit all the same."""
    head = form[0]
    if form == "a":
        return lambda _: True
    if form.isdigit():
        fields = {name: _plainly(part) for name, part in _table()[1][int(form)].items() if name != "!"}
        needed = frozenset(_table()[1][int(form)].get("!", "").split(",")) - {""}

        def is_object(value: Any) -> bool:
            if type(value) is not dict or not needed <= value.keys():
                return False
            for key, item in value.items():
                fits = fields.get(key)
                if fits is None or not fits(item):
                    return False
            return True

        return is_object
    inner = _plainly(form[1:] if head in "[{" else "a")
    if head == "[":
        return lambda value: type(value) is list and all(map(inner, value))
    if head == "{":
        return lambda value: type(value) is dict and all(map(inner, value.values()))
    if head == "e":
        words = frozenset(_table()[2][int(form[1:])])
        return lambda value: type(value) is str and value in words
    kind = {"s": str, "i": int, "b": bool}.get(head)
    if kind is not None:
        return lambda value: type(value) is kind
    return lambda value: value is not None and _fits(value, head)


def _of(value: Any, form: str, path: str, above: tuple[int, ...]) -> Iterator[Misfit]:
    """`above` are the types of the objects that hold it, the nearest last."""
    if value is None or form == "a":
        return
    head = form[0]
    if form.isdigit():
        if isinstance(value, Mapping):
            yield from _object(value, int(form), path, above)
        else:
            yield Misfit(path, f"{_named(value)} where a map of fields belongs")
    elif head == "{":
        if isinstance(value, Mapping):
            for key, item in value.items():
                yield from _of(item, form[1:], f"{path}.{key}", above)
        else:
            yield Misfit(path, f"{_named(value)} where a map belongs")
    elif head == "[":
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from _of(item, form[1:], f"{path}[{_label(item, number)}]", above)
        else:
            yield Misfit(path, f"{_named(value)} where a list belongs")
    elif isinstance(value, str) and _BLANK.search(value):
        return
    elif head == "e":
        words = _table()[2][int(form[1:])]
        if value and value not in words:
            meant = next(
                (word for word in words if squeezed(word) == squeezed(str(value)) or is_slip(word, str(value))), ""
            )
            # Such words are none to hide.
            yield Misfit(path, f"no {str(value)[:40]}{NO_WORD}{', '.join(words)}", meant)
    elif not _fits(value, head):
        what = (
            f"what is no {_NAMES[head].removeprefix('a ')}"
            if head in "qy" and isinstance(value, str)
            else _named(value)
        )
        yield Misfit(path, f"{what} where {_NAMES[head]} belongs")


def _label(item: Any, number: int) -> str:
    name = item.get("name") if isinstance(item, Mapping) else None
    return name if isinstance(name, str) and name else str(number)


def _object(value: Mapping[str, Any], place: int, path: str, above: tuple[int, ...]) -> Iterator[Misfit]:
    fields = _table()[1][place]
    for key, item in value.items():
        where = f"{path}.{key}" if path else str(key)
        form = fields.get(key) if isinstance(key, str) else None
        if form is not None:
            yield from _of(item, form, where, (*above, place))
        # What a patch says of how it is merged is taken out before it is sent.
        elif not str(key).startswith("$"):
            yield Misfit(where, UNKNOWN, _meant(str(key), place, path, above))
    for key in fields.get("!", "").split(","):
        if key and value.get(key) is None:
            yield Misfit(f"{path}.{key}" if path else key, MISSING)


def _meant(key: str, place: int, path: str, above: tuple[int, ...]) -> str:
    """Where a field of that name belongs: here under a name that differs by a slip, one level up, or one level down."""
    types = _table()[1]
    fields = {name: form for name, form in types[place].items() if name != "!"}
    slips = [
        (edit_distance(key, name), name) for name in fields if squeezed(key) == squeezed(name) or is_slip(key, name)
    ]
    same = min(slips)[1] if slips else ""
    if same:
        return f"{path}.{same}" if path else same
    for levels, holder in enumerate(reversed(above), start=1):
        if key in types[holder] and levels <= 2:
            return f"{'.'.join(path.split('.')[:-levels])}.{key}".lstrip(".")
    for name, form in fields.items():
        inner = form.lstrip("[")
        if inner.isdigit() and key in types[int(inner)] and name not in {"metadata", "initContainers", "ephemeralContainers"}:  # fmt: skip
            return f"{path}.{name}{'[]' if form[0] == '[' else ''}.{key}".lstrip(".")
    return ""


def _fits(value: Any, form: str) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match form:
        case "s":
            # YAML's dates are text to Kubernetes.
            return not number and not isinstance(value, bool | Mapping | list)
        case "i":
            return number and float(value).is_integer()
        case "n":
            return number
        case "b":
            return isinstance(value, bool)
        case "y":
            return isinstance(value, str) and _is_base64(value)
        case "q":
            return (number or isinstance(value, str)) and _is_quantity(value)
        case _:
            return number or isinstance(value, str)


def _is_base64(value: str) -> bool:
    try:
        binascii.a2b_base64("".join(value.split()), strict_mode=True)
    except ValueError:
        return False
    return True


def _is_quantity(value: str | float) -> bool:
    try:
        nano(value)
    except QuantityError:
        return False
    return True


def _named(value: Any) -> str:
    """Its type alone: values may be secret."""
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case Mapping():
            return "a map"
        case list():
            return "a list"
        case _:
            return "text"
