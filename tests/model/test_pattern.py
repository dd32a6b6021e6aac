from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

from seakeep.model.pattern import late

_LATE = type(late(""))


def test_it_answers_like_the_compiled_expression() -> None:
    form, compiled = late(r"(?P<key>\w+)=(?P<value>\d+)", re.IGNORECASE), re.compile(r"(?P<key>\w+)=(?P<value>\d+)", 2)
    text = "a=1, B=22"
    assert [match.groupdict() for match in form.finditer(text)] == [
        match.groupdict() for match in compiled.finditer(text)
    ]
    assert form.sub("x", text) == compiled.sub("x", text)
    assert form.fullmatch(text) is None
    assert (form.pattern, form.flags, form.groups) == (compiled.pattern, compiled.flags, compiled.groups)


def test_a_mistake_shows_at_the_first_use() -> None:
    form = late("(")
    with pytest.raises(re.error):
        form.search("x")


def _all_of(value: object) -> list[re.Pattern[str]]:
    if isinstance(value, _LATE):
        return [value]
    return [found for part in value for found in _all_of(part)] if isinstance(value, tuple | list) else []


@pytest.mark.parametrize("package", ["seakeep.facts", "seakeep.adapters"])
def test_all_of_them_are_expressions(package: str) -> None:
    found = 0
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
        for value in vars(importlib.import_module(module.name)).values():
            for form in _all_of(value):
                assert re.compile(form.pattern, form.flags), module.name
                found += 1
    assert found > 20
