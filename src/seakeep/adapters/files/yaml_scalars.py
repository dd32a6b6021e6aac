"""What plain scalars stand for: without YAML 1.1's dates, sexagesimals and yes/no/on/off, which Kubernetes reads as strings."""

from __future__ import annotations

import re
from typing import Any

from seakeep.adapters.files.plain_yaml import Doubt

_FORMS = (
    ("merge", r"^(?:<<)$", "<"),
    ("null", r"^(?:~|null|Null|NULL|)$", "~nN"),
    ("value", r"^(?:=)$", "="),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*|0x[0-9a-fA-F]+|0o?[0-7]+)$", "-+0123456789"),
    (
        "float",
        r"^[-+]?(?:[0-9][0-9]*\.[0-9]*(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)$",
        "-+.0123456789",
    ),
)
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FRACTION = re.compile(r"-?[0-9]+\.[0-9]+")


def _by_first_letter() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    table: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for tag, source, letters in _FORMS:
        form = re.compile(source)
        # An empty scalar has no first letter, and is null.
        for letter in (*letters, *([""] if tag == "null" else [])):
            table.setdefault(letter, []).append((f"tag:yaml.org,2002:{tag}", form))
    return table


# As PyYAML keeps them: tag and form by first letter.
RESOLVERS = _by_first_letter()


def plain(text: str) -> Any:
    """A plain scalar's value, by the same resolvers that the full parser uses. Raises Doubt."""
    for tag, form in RESOLVERS.get(text[0], ()):
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
