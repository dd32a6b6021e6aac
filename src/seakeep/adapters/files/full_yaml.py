"""The full parser, for documents that are not of the plain shape. Aliases and depth are counted on events, before anything is built from them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from seakeep.adapters.errors import SourceError
from seakeep.adapters.files.limits import Limits
from seakeep.adapters.files.yaml_scalars import RESOLVERS

# Of Jinja, mustache, sed scripts; Helm's own are told before.
_HOLE = re.compile(r"\{\{[^{}]*\}\}")


class Loader(yaml.CSafeLoader):
    """Plain scalars as Kubernetes reads them."""


Loader.yaml_implicit_resolvers = RESOLVERS


def fully(text: str, line: int, limits: Limits) -> Iterator[Any]:
    """By the full parser; `line` is that of the text's start in its file."""
    try:
        refuse_bombs(text, limits)
        yield from yaml.load_all(text, Loader=Loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {line + mark.line + 1})" if mark else ""
        if mark and _HOLE.search(_line(text, mark.line)):
            raise SourceError(f"a template: {{{{ … }}}} is not filled in{where}", "Render it first.") from error
        raise SourceError(f"not valid YAML{where}", "Check the indentation, or dump it again.") from error


def _line(text: str, number: int) -> str:
    """The parser may stumble on the line after."""
    return "\n".join(text.split("\n")[max(number - 1, 0) : number + 1])


def refuse_bombs(text: str, limits: Limits) -> None:
    """On events, before anything is built: how many aliases there are, how much they stand for, how deep it goes."""
    if "*" not in text and text.count("[") + text.count("{") <= limits.yaml_depth:
        return
    aliases = expansion = 0
    anchors: dict[str, int] = {}
    # Of each open collection: its anchor, and its nodes with every alias written out.
    open_: list[tuple[str | None, int]] = []
    for event in yaml.parse(text, Loader=Loader):
        size = 0
        if isinstance(event, yaml.DocumentStartEvent):
            aliases, anchors = 0, {}
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
            if any(anchor == event.anchor for anchor, _ in open_):
                raise SourceError("the YAML file has an alias inside what it stands for", "kubectl never writes any.")
            size = anchors.get(event.anchor or "", 1)
            expansion += size
        elif isinstance(event, yaml.ScalarEvent):
            size = 1
            if event.anchor:
                anchors[event.anchor] = size
        elif isinstance(event, yaml.CollectionStartEvent):
            open_.append((event.anchor, 1))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, size = open_.pop()
            if anchor:
                anchors[anchor] = size
        if size and open_:
            open_[-1] = (open_[-1][0], open_[-1][1] + size)
        if aliases > limits.yaml_aliases or expansion > limits.yaml_expansion:
            raise SourceError("the YAML file has too many aliases", "Expand them first; kubectl never writes any.")
        if len(open_) > limits.yaml_depth:
            raise SourceError("the YAML file is nested too deeply", "Kubernetes objects never are; dump it again.")
