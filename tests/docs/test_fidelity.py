"""The page on fidelity says what the suites found, and no more."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.conformance import fidelity
from tests.conformance.__main__ import SIZES

DOCS = Path(__file__).parents[2] / "docs"
RESULTS = sorted((DOCS / "reference" / "fidelity").glob("*.json"))


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "path", [str(DOCS), *sys.path])
    import fidelity_page

    return fidelity_page


def test_known_differences_are_told_in_full() -> None:
    for name, entry in fidelity.known().items():
        assert set(entry) == {"id", "area", "what", "why", "seen_in"}, name
        assert all(str(entry[key]).strip() for key in ("area", "what", "why")), name
        assert entry["what"].endswith("."), name
        assert entry["why"].endswith("."), name
        assert isinstance(entry["seen_in"], list), name


@pytest.mark.parametrize("result", RESULTS, ids=lambda path: path.stem)
def test_results_are_of_runs_that_passed(result: Path) -> None:
    found = json.loads(result.read_text(encoding="utf-8"))
    assert found["suite"] == result.stem
    assert found["cases"] > 0
    assert "" not in found["differences"]
    for name in found["differences"]:
        assert result.stem in fidelity.known()[name]["seen_in"], name


def test_parts_of_a_suite_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAKEEP_FIDELITY", str(tmp_path))
    monkeypatch.setattr(fidelity, "_run", {})
    fidelity.record("parts", cases=2, compared={"pods": 5}, differences={"": 0}, what="one")
    fidelity.record("parts", cases=3, compared={"pods": 4, "nodes": 1}, differences={"ties": 2})
    found = json.loads((tmp_path / "parts.json").read_text(encoding="utf-8"))
    assert (found["cases"], found["compared"], found["differences"]) == (5, {"pods": 9, "nodes": 1}, {"ties": 2})
    assert found["what"] == "one"


def test_only_named_differences_and_only_where_something_was_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEAKEEP_FIDELITY", raising=False)
    with pytest.raises(ValueError, match="no-such-difference"):
        fidelity.record("a", cases=1, compared={"pods": 1}, differences={"no-such-difference": 1})
    with pytest.raises(ValueError, match="nothing was compared"):
        fidelity.record("a", cases=1, compared={"pods": 0}, differences={})


def test_agreement_is_never_rounded_up(page: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = {"suite": "a", "what": "w", "kubernetes": "v1", "date": "2026-01-01", "cases": 1, "seconds": 1}
    monkeypatch.setattr(page, "RESULTS", tmp_path)
    for apart, told in ((0, "100 %"), (1, "99.99 %"), (100_000, "0.00 %")):
        numbers = {"compared": {"pods": 100_000}, "differences": {"": apart} if apart else {}}
        (tmp_path / "a.json").write_text(json.dumps({**result, **numbers}), encoding="utf-8")
        text = page.page()
        assert f"| {told} |" in text
        assert ("**unknown**" in text) == bool(apart)


def test_make_conformance_plays_every_suite_and_sets_what_it_reads() -> None:
    """A suite that is not on the list, or a variable that no suite reads, would be found out an hour later."""
    folder = Path(fidelity.__file__).parent
    assert sorted(SIZES) == sorted(path.stem.removeprefix("test_") for path in folder.glob("test_*.py"))
    for name, sizes in SIZES.items():
        text = (folder / f"test_{name}.py").read_text(encoding="utf-8")
        assert [variable for variable in sizes if variable not in text] == []
