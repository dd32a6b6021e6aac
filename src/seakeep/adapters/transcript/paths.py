"""Single fields: what `-o jsonpath`, `-o custom-columns` and `| jq` print, put back where it came from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

Raw = dict[str, Any]
Step = str | int
_STEP = re.compile(
    r"""\.?(?:(?P<key>(?:[\w/-]|\\.)+)|\[\s*(?P<index>\d+|\*|)\s*\]|\[["'](?P<quoted>[^"'\]]+)["']\]|\[\?\(\s*@\.(?P<of>\w+)\s*==\s*["'](?P<is>[^"']+)["']\s*\)\])"""
)
_RANGE = re.compile(r"\{range \.items\[\*?\]\}(?P<body>.*)\{end\}", re.DOTALL)
_INNER = re.compile(r"\{range (?P<list>\.(?!items\b)[\w.]+)\[\*?\]\}(?P<body>.*?)\{end\}", re.DOTALL)
_PART = re.compile(r"\{(?P<path>[^{}]*)\}|(?P<text>[^{}]+)")
_SIMPLE = re.compile(r"\{?\s*\$?(?P<path>\.[^{}|,]*?)\s*\}?(?:\{\"\\n\"\}|\\n)?")
_NUMBERS = {
    *("replicas", "readyReplicas", "availableReplicas", "updatedReplicas", "unavailableReplicas", "restartCount"),
    *("exitCode", "containerPort", "hostPort", "port", "nodePort", "minReplicas", "maxReplicas", "generation"),
    *("observedGeneration", "initialDelaySeconds", "periodSeconds", "timeoutSeconds", "failureThreshold"),
    *("disruptionsAllowed", "currentHealthy", "desiredHealthy", "targetPort", "failed", "succeeded", "active"),
}
_FLAGS = {"ready", "started", "suspend", "unschedulable", "hostNetwork", "runAsNonRoot", "privileged"}
_EMPTY = {"", "<none>", "null", "<nil>"}


def steps(path: str) -> tuple[Step, ...] | None:
    """`.spec.containers[0].ports` → ("spec", "containers", 0, "ports"); `[*]` is -1, a filter `[?(@.type=="Ready")]` a text `?type=Ready`. None where it is more than a path."""
    found: list[Step] = []
    position = 0
    path = path.strip()
    while position < len(path):
        match = _STEP.match(path, position)
        if not match or match.end() == position:
            return None
        if match["of"]:
            found.append(f"?{match['of']}={match['is']}")
        elif match["index"] is not None:
            found.append(-1 if match["index"] in {"*", ""} else int(match["index"]))
        else:
            found.append(re.sub(r"\\(.)", r"\1", match["key"] or match["quoted"]))
        position = match.end()
    return tuple(found) or None


def expression(output: str, line: str) -> str:
    """The path that a command asks for: of `-o jsonpath=…`, or of a `| jq …` behind `-o json`; "" where there is none."""
    form, _, value = output.partition("=")
    if form in {"jsonpath", "jsonpath-as-json", "go-template"}:
        return value.strip("'\"") if form != "go-template" else ""
    match = re.search(r"\|\s*jq\s+(?:-\w+\s+)*'?(?P<path>\.[^'|]*?)'?\s*$", line)
    return match["path"].strip() if match else ""


def fields(asked: str, text: str, name: str) -> Iterator[Raw]:
    """Objects (without their kind) with the fields that were asked for. `name` is that of the one object that the command names, if it does."""
    rows = _RANGE.search(asked)
    if rows:
        yield from _rows(rows["body"], text)
        return
    inner = _INNER.search(asked) if name else None
    if inner:
        yield from _items(inner["list"], inner["body"], text, name)
        return
    simple = _SIMPLE.fullmatch(asked.strip())
    way = steps(simple["path"]) if simple else None
    if way is None:
        if name and asked.count("{") > 1:
            yield from (
                {**found, "metadata": {**found.get("metadata", {}), "name": name}} for found in _several(asked, text)
            )
        return
    if way[:2] == ("items", -1) and not name:
        if way[2:] == ("metadata", "name"):
            yield from ({"metadata": {"name": word.strip('"')}} for word in text.split())
        return
    if name and way[0] != "items":
        found = {"metadata": {"name": name}}
        for position, value in enumerate(_values(text)):
            _put(found, way, value, position)
        if len(found) > 1 or len(found["metadata"]) > 1:
            yield found


def columns(spec: str, text: str) -> Iterator[Raw]:
    """Rows of `-o custom-columns=NAME:.metadata.name,…`."""
    ways = {head: way for head, _, path in (part.partition(":") for part in spec.split(",")) if (way := steps(path))}
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or lines[0].split() != [head for head in ways if head in lines[0].split()]:
        return
    heads = lines[0].split()
    for line in lines[1:]:
        cells = line.split() if len(line.split()) == len(heads) else re.split(r"\s{2,}", line.strip())
        if len(cells) == len(heads):
            found = _filled([(ways[head], cell) for head, cell in zip(heads, cells, strict=True)])
            if isinstance(found.get("metadata"), dict) and found["metadata"].get("name"):
                yield found


def _items(path: str, body: str, text: str, name: str) -> Iterator[Raw]:
    """The items of one list of the object that was asked for by name."""
    way = steps(path)
    items = [found for cells in _cells(body, text) if (found := _filled(cells))]
    if way and items:
        whole: Raw = {"metadata": {"name": name}}
        here = whole
        for step in way[:-1]:
            here = here.setdefault(step, {}) if isinstance(step, str) else {}
        here[str(way[-1])] = [{"name": f"#{number}", **item} for number, item in enumerate(items)]
        yield whole


def _several(asked: str, text: str) -> Iterator[Raw]:
    """Several fields of one object, with text between them: `{.spec.replicas}{" "}{.status.readyReplicas}`."""
    yield from (_filled(cells) for cells in _cells(asked, text, whole=True))


def _rows(body: str, text: str) -> Iterator[Raw]:
    for cells in _cells(body, text):
        found = _filled(cells)
        if isinstance(found.get("metadata"), dict) and found["metadata"].get("name"):
            yield found


def _cells(body: str, text: str, *, whole: bool = False) -> Iterator[list[tuple[tuple[Step, ...], str]]]:
    ways: list[tuple[Step, ...]] = []
    form = ""
    for part in _PART.finditer(body):
        if part["text"] is not None:
            form += re.escape(part["text"])
        elif part["path"].startswith(('"', "'")):
            form += re.escape(part["path"].strip("\"'").encode().decode("unicode_escape"))
        elif way := steps(part["path"]):
            ways.append(way)
            form += "(.*?)"
        else:
            return
    form = form.removesuffix(re.escape("\n"))
    for line in ([text.strip("\n")] if whole else text.splitlines()) if ways else ():
        if match := re.fullmatch(form, line, re.DOTALL):
            yield list(zip(ways, match.groups(), strict=True))


def _filled(cells: list[tuple[tuple[Step, ...], str]]) -> Raw:
    found: Raw = {}
    for way, cell in cells:
        values = cell.split(",") if -1 in way and not cell.startswith(("{", "[")) else [cell]
        for position, value in enumerate(values):
            for item in _values(value):
                _put(found, way, item, position)
    return found


def _values(text: str) -> list[Any]:
    """What was printed: JSON values one after the other, or a bare word."""
    text = text.strip().strip("%").strip()
    if text[:1] not in {"{", "[", '"'}:
        return [] if text in _EMPTY else [text]
    decoder, position, found = json.JSONDecoder(), 0, list[Any]()
    while position < len(text):
        try:
            value, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            break
        found.append(value)
        while position < len(text) and text[position] in " \t\r\n,":
            position += 1
    return found


def _put(into: Raw, way: tuple[Step, ...], value: Any, position: int) -> None:
    """List items that are known by their place only are called `#0`, `#1`, as in tables."""
    here: Any = into
    for step, following in zip(way, (*way[1:], None), strict=True):
        if following is None:
            if isinstance(step, str) and not step.startswith("?") and isinstance(here, dict):
                here[step] = _typed(step, value)
            elif isinstance(step, int) and isinstance(here, list):
                _item(here, step, position).update(value if isinstance(value, dict) else {})
            return
        if isinstance(step, str) and step.startswith("?"):
            key, _, text = step[1:].partition("=")
            here.append({key: text})
            here = here[-1]
        elif isinstance(step, int):
            here = _item(here, step, position)
        else:
            empty: Any = [] if isinstance(following, int) or following.startswith("?") else {}
            here = here.setdefault(step, empty)
        if not isinstance(here, dict | list):
            return


def _item(here: list[Any], step: int, position: int) -> Raw:
    number = min(position if step < 0 else step, 100)
    while len(here) <= number:
        here.append({"name": f"#{len(here)}"})
    found: Raw = here[number]
    return found


def _typed(key: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if key in _NUMBERS and value.lstrip("-").isdigit():
        return int(value)
    return value == "true" if key in _FLAGS and value in {"true", "false"} else value
