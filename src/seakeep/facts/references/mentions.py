"""Names of objects that programs are told about in other ways than by reference: in commands, arguments, environment, files and custom resources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.workloads.podstate import containers
from seakeep.facts.workloads.templates import known_templates
from seakeep.model.objects import ConfigMap, PodSpec, Unstructured

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_LONGEST = 8_192  # of one file; what names an object stands near its top


@once
def _in_commands(index: Index) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for template in known_templates(index):
        words = found.setdefault(template.ref.namespace, set())
        for text in _commands(template.spec):
            words.update(_NAME.findall(text.lower()))
    return {space: frozenset(words) for space, words in found.items()}


def _commands(spec: PodSpec) -> Iterator[str]:
    for container in containers(spec):
        yield from container.command
        yield from container.args


def commands_name(index: Index, namespace: str, name: str) -> bool:
    """Whether a command of a workload in the namespace has the name as a word."""
    return name in _in_commands(index).get(namespace, frozenset())


@once
def mentioned(index: Index) -> frozenset[str]:
    """Every word, in any namespace, that could be a name: of environment values, commands, ConfigMaps' files and custom resources."""
    words: set[str] = set().union(*_in_commands(index).values())
    for template in known_templates(index):
        for container in containers(template.spec):
            for variable in container.env:
                words.update(_NAME.findall(variable.value.lower()))
    for item in index.snapshot.all(ConfigMap):
        for text in item.data.values():
            words.update(_NAME.findall(text[:_LONGEST].lower()))
    for group in index.snapshot.objects.values():
        for custom in group.values():
            if isinstance(custom, Unstructured):
                for text in _texts(custom.spec):
                    words.update(_NAME.findall(text.lower()))
    return frozenset(words)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)
