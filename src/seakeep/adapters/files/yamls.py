"""YAML as kubectl writes and people edit it. Aliases and depth are counted on events, before anything is built from them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.errors import SourceError
from seakeep.adapters.files import jsons
from seakeep.adapters.files.limits import LIMITS, Limits
from seakeep.adapters.files.plain_yaml import Doubt, LineReader
from seakeep.model.snapshot import Unread

# A document may begin with a comment, but not with content on this line: that is left to the full parser.
_SEPARATOR = re.compile(r"^---(?: +#.*| *)(?:\n|\Z)", re.MULTILINE)
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FRACTION = re.compile(r"-?[0-9]+\.[0-9]+")


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
        raise SourceError("not UTF-8 text", "Write it as UTF-8, or dump it again.") from error
    pieces = _SEPARATOR.split(text)
    lines = f"\n{text}"
    if "\n%" in lines or "\n..." in lines or lines.count("\n---") != len(pieces) - 1:
        # Directives, document ends, and separators with content: they tie documents together.
        pieces = [text]
    reader, line = LineReader(_plain), 0
    for piece in pieces:
        try:
            yield reader.document(piece)
        except Doubt:
            yield from _fully(piece, line, limits)
        line += piece.count("\n") + 1


def _plain(text: str) -> Any:
    """A plain scalar's value, by the same resolvers that the full parser uses."""
    for tag, form in _Loader.yaml_implicit_resolvers.get(text[0], ()):
        if form.match(text):
            match tag.rpartition(":")[2]:
                case "null":
                    return None
                case "bool":
                    return text.lower() == "true"
                case "int" if _DECIMAL.fullmatch(text):
                    return int(text)
                case "float" if _FRACTION.fullmatch(text):
                    return float(text)
            raise Doubt
    return text


def _fully(text: str, line: int, limits: Limits) -> Iterator[Any]:
    """By the full parser; `line` is that of the text's start in its file."""
    try:
        if "*" in text or text.count("[") + text.count("{") > limits.yaml_depth:
            _refuse_bombs(text, limits)
        yield from yaml.load_all(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {line + mark.line + 1})" if mark else ""
        raise SourceError(f"not valid YAML{where}", "Check the indentation, or dump it again.") from error


def _refuse_bombs(text: str, limits: Limits) -> None:
    """On events, before anything is built: how many aliases there are, how much they stand for, how deep it goes."""
    aliases = expansion = 0
    anchors: dict[str, int] = {}
    # Of each open collection: its anchor, and its nodes with every alias written out.
    open_: list[tuple[str | None, int]] = []
    for event in yaml.parse(text, Loader=_Loader):
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


def load(data: bytes, assembly: Assembly) -> bool:
    """Add the Kubernetes objects of a stream; documents that are none are noted. False where none was found."""
    found = False
    for document in documents(data):
        if document is None:
            continue
        if jsons.load_value(document, assembly):
            found = True
        elif isinstance(document, dict) and (document.get("kind") or document.get("apiVersion")):
            assembly.unread.append(Unread(str(document.get("kind") or "object")[:60], "", "not a Kubernetes object"))
    return found
