"""Manifests that differ in nothing but their values, as the objects of a chart or a generator do: two are read with care, and those that follow are put together as JSON of the same form, which is decoded at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.decode import DecodeError, decoder, from_mapping, struct_for
from seakeep.adapters.files.misfits import judged_by_text
from seakeep.adapters.files.plain_yaml import Lines, built
from seakeep.model.objects import KubeObject, Secret, Unstructured

_MARK = re.compile(r'"\\u0000([0-9]+)"')


class _Mark(str):
    """Stands for the value of a line."""

    __slots__ = ()

    def copy(self) -> _Mark:
        return self


class _Form(NamedTuple):
    """`parts` of JSON with the texts of some lines (`chosen`) between them. `same` are the lines whose values no other may have, `checks` those whose text tells whether they fit."""

    parts: list[str]
    chosen: Callable[[tuple[str, ...]], tuple[str, ...]]
    same: tuple[tuple[int, Any], ...]
    checks: tuple[tuple[int, Callable[[Any], bool]], ...]
    decode: Callable[[str], KubeObject]

    def read(self, lines: Lines) -> KubeObject | None:
        """None where it has to be read with care."""
        values = lines.values
        for number, value in self.same:
            if values[number] != value:
                return None
        for number, fits in self.checks:
            if not fits(values[number]):
                return None
        parts = self.parts.copy()
        parts[1::2] = self.chosen(lines.texts)
        try:
            return self.decode("".join(parts))
        except (msgspec.DecodeError, ValueError):
            return None


class Alike:
    """Kept while one file is read. Plans are told apart by identity, for which they are held."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        self._seen: dict[int, object] = {}
        self._forms: dict[int, _Form | None] = {}

    def add(self, lines: Lines) -> bool:
        """False where the document is not of a form that was read before: then nothing is added."""
        key = id(lines.plan)
        if key not in self._forms:
            # What has no like needs no form.
            if key in self._seen:
                self._forms[key] = _form_of(lines)
            self._seen[key] = lines.plan
            return False
        form = self._forms[key]
        item = form.read(lines) if form is not None else None
        if item is None or not item.name or item.metadata.uid or item.metadata.creation_timestamp:
            return False
        self._assembly.add_fitting(item)
        return True


def _form_of(lines: Lines) -> _Form | None:
    """None where documents of this form are always read with care: lists, what holds secrets, and what does not fit or is changed by being read."""
    raw = built(lines.plan, lines.values)
    if not isinstance(raw, dict):
        return None
    version, kind = raw.get("apiVersion"), raw.get("kind")
    struct = struct_for(version, kind) if isinstance(version, str) and isinstance(kind, str) else Unstructured
    if struct is Secret or struct is Unstructured:
        return None
    marks = built(lines.plan, [_Mark(f"\0{number}") for number in range(len(lines.values))])
    judged = judged_by_text(raw, marks)
    if judged is None:
        return None
    parts = _MARK.split(json.dumps(marks))
    form = _Form(
        parts,
        itemgetter(*map(int, parts[1::2])),
        tuple((int(marks[key][1:]), raw[key]) for key in ("apiVersion", "kind")),
        tuple((int(mark[1:]), fits) for mark, fits in judged),
        decoder(struct).decode,
    )
    try:
        return form if form.read(lines) == from_mapping(raw) else None
    except DecodeError:
        return None
