"""Values of Helm releases for a plan's changes: a comment for each key says which change it stands for, and the end what has none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import indent

from seakeep.facts.owners.chart_values import Value, Values
from seakeep.render.safe import file_names, line
from seakeep.render.yamls import dump

_WIDTH = 200


def values_files(found: Iterable[Values]) -> dict[str, str]:
    """Path → text: `values/NAMESPACE-RELEASE.yaml`."""
    every = list(found)
    names = file_names("-".join(item.release) for item in every)
    return {f"values/{name}.yaml": values_yaml(item) for name, item in zip(names, every, strict=True)}


def values_yaml(found: Values) -> str:
    space, name = found.release
    rows = [f"# For the values of Helm release {line(name)} in namespace {line(space)}: hints, to be checked against `helm show values` of its chart's version."]  # fmt: skip
    rows += [f"# Keys of chart {line(label)} are those of {source}." for label, source in found.charts]
    rows += list(_tree([(item.path, item) for item in found.values]))
    if found.unknown:
        rows += ["# No key is known for:"]
        rows += [f"#   {line(str(target))}: {line(text)}" for target, text in found.unknown]
    return "\n".join(rows) + "\n"


def _tree(items: list[tuple[tuple[str, ...], Value]], depth: int = 0) -> Iterator[str]:
    """Items are in order of their paths: those under one key come one after the other."""
    pad = "  " * depth
    for key in dict.fromkeys(path[0] for path, _ in items):
        below = [(path[1:], item) for path, item in items if path[0] == key]
        leaves = [item for path, item in below if not path]
        for item in leaves:
            why = f" ({line(item.why, _WIDTH)})" if item.why else ""
            yield f"{pad}# {line(str(item.change))} {line(item.field)}{why}"
        if leaves:
            if any(item.replaces for item in leaves):
                yield f"{pad}# A list: Helm puts it in the place of the one that is there, so add what that holds."
            yield indent(dump({key: leaves[-1].value}), pad).rstrip("\n")
        else:
            yield f"{pad}{key}:"
            yield from _tree(below, depth + 1)
