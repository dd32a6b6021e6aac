"""What is wrong with a plan file, in the words of whoever edited it: the line, the change, the field, and what may stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec
import yaml

_PATH = re.compile(r" - at `(?:key in )?\$([^`]*)`$")
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[(\d+)\]")
_FIELD = re.compile(r"(?:unknown|required) field `([^`]*)`")
_KINDS = {
    "object": "fields",
    "array": "a list",
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "nothing",
}
_EXPECTED = re.compile(r"Expected `([^`]*)`(?:, got `([^`]*)`)?")
Steps = tuple[str | int, ...]


def fault(error: msgspec.ValidationError, raw: Any, text: str, document: Any) -> tuple[int, str]:
    """The line, from 1, and what is wrong there. `document` is the type that `raw` was to be."""
    message = str(error)
    found = _PATH.search(message)
    steps: Steps = tuple(int(number) if number else name for name, number in _STEP.findall(found[1] if found else ""))
    said = _PATH.sub("", message)
    field = _FIELD.search(said)
    told = _told(said, field[1] if field else "", steps, raw, document)
    inner = (*steps, field[1]) if field and "unknown" in said else steps
    return _line(yaml.compose(text, Loader=yaml.CSafeLoader), inner), f"{_where(steps, raw)}{told}"


def _told(said: str, field: str, steps: Steps, raw: Any, document: Any) -> str:
    kind = _kind(document, steps)
    if field and "unknown" in said:
        known = sorted(_fields(kind))
        close = get_close_matches(field, known, 1)
        return f"there is no field {field} here: {f'is {close[0]} meant?' if close else ', '.join(known)}"
    if field:
        return f"{field} is missing"
    name = next((step for step in reversed(steps) if isinstance(step, str)), "it")
    allowed = [choice for part in (kind, *get_args(kind)) if get_origin(part) is Literal for choice in get_args(part)]
    if allowed:
        return f"{name} is {_at(raw, steps)!r}; it may be {', '.join(map(str, allowed))}"
    types = _EXPECTED.search(said)
    if types:
        wanted = " or ".join(_KINDS.get(part, part) for part in types[1].split(" | "))
        return f"{name} must be {wanted}{f', and is {_KINDS.get(types[2], types[2])}' if types[2] else ''}"
    return f"{name}: {said[:1].lower()}{said[1:]}"


def _where(steps: Steps, raw: Any) -> str:
    """The change by its id, or the place in the file."""
    for end in range(len(steps), 0, -1):
        item = _at(raw, steps[:end])
        if end > 1 and steps[end - 2] == "changes" and isinstance(item, Mapping) and isinstance(item.get("id"), str):
            return f"change {item['id']}: "
    outer = steps[:-1] if steps and isinstance(steps[-1], str) else steps
    return f"{''.join(_shown(outer)).removeprefix('.')}: " if outer else ""


def _shown(steps: Steps) -> Iterator[str]:
    for step in steps:
        yield f"[{step}]" if isinstance(step, int) else f".{step}"


def _at(raw: Any, steps: Steps) -> Any:
    for step in steps:
        if isinstance(step, str) and isinstance(raw, Mapping):
            raw = raw.get(step)
        elif isinstance(step, int) and isinstance(raw, Sequence) and step < len(raw):
            raw = raw[step]
        else:
            return None
    return raw


def _kind(kind: Any, steps: Steps) -> Any:
    """The type of what stands there; None where a mapping may hold anything."""
    for step in steps:
        plain = _plain(kind)
        kind = _fields(plain).get(step) if isinstance(step, str) else next(iter(get_args(plain)), None)
    return _plain(kind)


def _plain(kind: Any) -> Any:
    """Without `| None`."""
    if get_origin(kind) in {UnionType, Union}:
        return next(part for part in get_args(kind) if part is not type(None))
    return kind


def _fields(kind: Any) -> dict[str, Any]:
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return {}
    return {item.encode_name: item.type for item in msgspec.structs.fields(kind)}


def _line(node: yaml.Node | None, steps: Steps) -> int:
    line = 1
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == step), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line
