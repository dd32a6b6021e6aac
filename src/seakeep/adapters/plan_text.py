"""The YAML and JSON of a plan file: without aliases, which may be a bomb, with each field once, and with escapes for what a terminal would obey."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

import msgspec
import yaml

from seakeep.adapters.own_files import OwnFault

# C1 controls and bidirectional overrides, which YAML and JSON may hold as they are.
_OBEYED = re.compile(r"[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Loader(yaml.CSafeLoader):
    """Of a field that stands twice, YAML itself would silently take the latter."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[object] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise OwnFault(problem=f"{key.value} stands twice", problem_mark=key.start_mark)
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
        return super().construct_mapping(node, deep=deep)


class Dumper(yaml.SafeDumper):
    """Without anchors: the file is read by people."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


def as_yaml(value: Mapping[str, Any]) -> str:
    """In the order given."""
    text: str = yaml.dump(value, Dumper=Dumper, sort_keys=False, width=120, allow_unicode=True)
    # The emitter takes the bidirectional overrides for plain text: only then is everything escaped.
    return yaml.dump(value, Dumper=Dumper, sort_keys=False, width=120) if _OBEYED.search(text) else text


def as_json(value: Mapping[str, Any]) -> bytes:
    # No end tag for a browser that is handed the JSON inside a page.
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode().replace("</", "<\\/")
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode() + b"\n"


def loaded(text: str) -> Any:
    """Raises yaml.YAMLError."""
    try:
        if "*" in text:
            _refuse_aliases(text)
        return yaml.load(text, Loader=Loader)  # noqa: S506 - a safe loader
    except OwnFault:
        raise
    except yaml.YAMLError:
        yaml.compose(text, Loader=yaml.SafeLoader)  # slow, and says better what is wrong
        raise


def _refuse_aliases(text: str) -> None:
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            mark = cast("yaml.Mark", event.start_mark)  # the C parser's own, which is alike
            raise OwnFault(problem="a plan holds no aliases", problem_mark=mark)
