"""YAML as kubectl writes and people edit it. Aliases and depth are counted on events, before anything is built from them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.errors import SourceError
from seakeep.adapters.files import jsons
from seakeep.adapters.files.limits import LIMITS, Limits
from seakeep.model.snapshot import Unread


class _Loader(yaml.CSafeLoader):
    """Without YAML 1.1's dates, sexagesimals and yes/no/on/off: Kubernetes reads those as strings."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, form)
        for tag, form in resolvers
        if tag
        not in {
            "tag:yaml.org,2002:timestamp",
            "tag:yaml.org,2002:bool",
            "tag:yaml.org,2002:int",
            "tag:yaml.org,2002:float",
        }
    ]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _resolver(tag: str, form: str, first: str) -> None:
    import re

    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(form), list(first))


_resolver("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF")
_resolver("int", r"^[-+]?(?:0|[1-9][0-9]*|0x[0-9a-fA-F]+|0o?[0-7]+)$", "-+0123456789")
_resolver(
    "float",
    r"^[-+]?(?:[0-9][0-9]*\.[0-9]*(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)$",
    "-+.0123456789",
)


def documents(data: bytes, limits: Limits = LIMITS) -> Iterator[Any]:
    """The documents of a stream. Raises SourceError for what is no YAML, and for bombs."""
    if len(data) > limits.yaml_file:
        raise SourceError("the YAML file is too large", "Dump it as JSON: that is read many times faster.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError("not UTF-8 text") from error
    try:
        if "*" in text or text.count("[") + text.count("{") > limits.yaml_depth:
            _refuse_bombs(text, limits)
        yield from yaml.load_all(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise SourceError(f"not valid YAML{where}", "Check the indentation, or dump it again.") from error


def _refuse_bombs(text: str, limits: Limits) -> None:
    aliases = depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.DocumentStartEvent):
            aliases = 0
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if aliases > limits.yaml_aliases:
            raise SourceError("the YAML file has too many aliases", "Expand them first; kubectl never writes any.")
        if depth > limits.yaml_depth:
            raise SourceError("the YAML file is nested too deeply")


def load(data: bytes, assembly: Assembly) -> bool:
    """Add the Kubernetes objects of a stream; documents that are none are noted. False where none was found."""
    found = False
    expansion = 0
    for document in documents(data):
        if document is None:
            continue
        expansion += _size(document, 50_000_000 - expansion)
        if expansion >= 50_000_000:
            raise SourceError("the YAML file's aliases expand too far", "Expand them first; kubectl never writes any.")
        if jsons.load_value(document, assembly):
            found = True
        elif isinstance(document, dict) and (document.get("kind") or document.get("apiVersion")):
            assembly.unread.append(Unread(str(document.get("kind") or "object")[:60], "", "not a Kubernetes object"))
    return found


def _size(value: Any, budget: int) -> int:
    """How many nodes the value has when every alias is written out, counted up to the budget."""
    count, stack = 0, [value]
    while stack and count < budget:
        item = stack.pop()
        count += 1
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
    return count
