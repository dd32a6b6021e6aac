"""What a rehearsal was refused: those with the same message stand together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Refusal
from seakeep.render.rehearsal.lines import ROWS, more, wrapped

WORDS = {
    "refused": "refused",
    "blocked": "blocked",
    "unschedulable": "found no node",
    "not-created": "could not be created",
    "failed": "failed for good",
}


@dataclass(frozen=True, slots=True)
class Alike:
    """Objects that one message was said of, and the object that says it, where there is one."""

    kind: str
    message: str
    by: Ref | None
    objects: tuple[Ref, ...]

    @property
    def name(self) -> str:
        """Of the only one; empty where it is no single object: no node in a zone."""
        return str(self.objects[0]) if self.objects[0].name else ""

    def listed(self, most: int | None = None) -> str:
        """`3 Pods: shop/a, shop/b and 1 more`."""
        shown = self.objects[:most]
        left = f" and {len(self.objects) - len(shown)} more" if len(shown) < len(self.objects) else ""
        if len({ref.kind for ref in self.objects}) > 1:
            return f"{len(self.objects)} objects: {', '.join(map(str, shown))}{left}"
        names = ", ".join(str(ref).partition(" ")[2] for ref in shown)
        return f"{len(self.objects)} {self.objects[0].kind}s: {names}{left}"


def grouped(items: Sequence[Refusal]) -> list[Alike]:
    """By kind, then as they came."""
    groups: dict[tuple[str, str, Ref | None], list[Ref]] = {}
    for item in sorted(items, key=lambda item: list(WORDS).index(item.kind)):
        groups.setdefault((item.kind, item.message, item.by), []).append(item.object)
    return [Alike(kind, message, by, tuple(objects)) for (kind, message, by), objects in groups.items()]


def refusals_text(items: Sequence[Refusal], *, width: int, verbose: bool) -> Iterator[str]:
    groups = grouped(items)
    for kind, word in WORDS.items():
        alike = [group for group in groups if group.kind == kind]
        if alike:
            yield f"  {word.capitalize()} ({sum(len(group.objects) for group in alike)}):"
        for group in alike if verbose else alike[:ROWS]:
            yield from _group(group, width=width, verbose=verbose)
        yield from more(sum(len(group.objects) for group in alike[ROWS:]), verbose=verbose, indent=4)


def _group(group: Alike, *, width: int, verbose: bool) -> Iterator[str]:
    if len(group.objects) == 1:
        yield from wrapped(4, f"{group.name}: {group.message}" if group.name else group.message, 400, width)
    else:
        yield from wrapped(4, group.message, 400, width)
        yield from wrapped(6, group.listed(None if verbose else ROWS), 0, width)
    if group.by is not None:
        yield from wrapped(6, f"says {group.by}", 200, width)
