"""A plan file that somebody edited: each slip is named with its line, the change, and what may stand there."""

from __future__ import annotations

from pathlib import Path

import pytest

from seakeep.adapters.errors import UsageError
from seakeep.adapters.plan_file import PlanFileError, as_yaml, parse_plan, read_plan
from tests.apply.plans import large, objects
from tests.twin.builders import snapshot

PLAN = large(snapshot(objects(each=2)), each=2)
TEXT = as_yaml(PLAN)
CHANGE = "change ConfigMap/shop/config-00"


def line_of(start: str, text: str = TEXT) -> int:
    return next(number for number, row in enumerate(text.splitlines(), 1) if row.strip("- ").startswith(start))


def told(text: str) -> str:
    with pytest.raises(PlanFileError) as found:
        parse_plan(text, "plan.yaml")
    assert found.value.hint
    return str(found.value)


@pytest.mark.parametrize(
    ("old", "new", "start", "words"),
    [
        ("\nwaves:", "\nwavs:", "wavs", "there is no field wavs here: is waves meant?"),
        ("\nwaves:", "\nold: 1\nwaves:", "old", "there is no field old here: apiVersion, asked, base, "),
        ("risk: low", "risk: tiny", "risk", f"{CHANGE}: risk is 'tiny'; it may be low, medium, high"),
        ("risk: low", "risk: 3", "risk", f"{CHANGE}: risk is 3; it may be low, medium, high"),
        ("    risk: low\n", "", "id: ConfigMap", f"{CHANGE}: risk is missing"),
        ("    patch:\n", "    pach:\n", "pach", f"{CHANGE}: there is no field pach here: is patch meant?"),
        ("target: 95.0", "target: lots", "target", "target must be a number, and is text"),
        ("seakeep/v1", "seakeep/v2", "apiVersion", "apiVersion is 'seakeep/v2'; it may be seakeep/v1"),
        ("name: config-00", "name: 7", "name: 7", f"{CHANGE}: name must be text, and is a whole number"),
        ("rehearsal:", "\trehearsal:", "\trehearsal", "a tab, where YAML takes only spaces"),
        ("target: 95.0", "target: 95.0\ntarget: 90", "target: 90", "target stands twice"),
        ("target: 95.0", "target: a: b", "target: a", "not valid YAML: mapping values are not allowed here"),
    ],
)
def test_a_slip_is_named_with_its_line(old: str, new: str, start: str, words: str) -> None:
    text = TEXT.replace(old, new, 1)
    assert text != TEXT
    assert told(text).startswith(f"plan.yaml:{line_of(start, text)}: {words}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "plan.yaml is empty"),
        ("# nothing\n", "plan.yaml is empty"),
        ("[]\n", "plan.yaml is no plan: it has no kind"),
        ("kind: Deployment\n", "plan.yaml is no plan: its kind is Deployment"),
        (TEXT + "---\n" + TEXT, f"plan.yaml:{len(TEXT.splitlines()) + 1}: a second document begins here"),
        ("kind: Plan\na: &a [1]\nb: *a\n", "plan.yaml:3: a plan holds no aliases"),
        ("kind: Plan\nwhen: 2026-99-99\n", "plan.yaml:1: not valid YAML"),
        ("[" * 5000, "plan.yaml:1: not valid YAML"),
    ],
)
def test_what_is_no_plan_at_all(text: str, words: str) -> None:
    assert told(text).startswith(words)


def test_what_an_editor_may_do_to_a_plan_changes_nothing() -> None:
    moved = TEXT.replace("target: 95.0\n", "") + "target: 95.0 # enough\n"
    for text in (TEXT.replace("\n", "\r\n"), "\ufeff" + TEXT, moved, TEXT.replace("waves:", "# mine\nwaves:")):
        assert parse_plan(text) == PLAN


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_bytes(b"\xff\xfe\x00")
    for name, words in (("none.yaml", "does not exist"), ("plan.yaml", "is no text"), ("", "Is a directory")):
        with pytest.raises(UsageError, match=words):
            read_plan(tmp_path / name)
