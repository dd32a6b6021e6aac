"""Pages of rehearsals and of survival: self-contained, without script, and usable in Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest

from seakeep.app.check import check
from seakeep.app.rehearse import rehearse
from seakeep.app.survive import survive
from seakeep.model.platform import Intent
from seakeep.model.rehearsal import Course
from seakeep.model.scenario import Scenario, Step
from seakeep.render.formats import render_report
from seakeep.render.html.levels import draw
from seakeep.render.rehearsal.forms import render_rehearsal, render_survival
from tests.render.browsing import assert_accessible_and_whole
from tests.twin.builders import START
from tests.twin.platforms import pdb, platform


def pages() -> dict[str, str]:
    snapshot = platform(pdb("worker", minAvailable=1))
    played = rehearse(
        snapshot,
        Scenario("<script>alert(1)</script>", (Step("drain", ("a",)), Step("lose", ("b",)))),
        Intent(),
        START.date(),
    )
    return {
        "rehearsal": render_rehearsal(played, "html"),
        "survival": render_survival(survive(snapshot, Intent(), START.date(), jobs=1), "html"),
        "report": render_report(check(snapshot, Intent(), START.date(), survival=True), "html"),
    }


@pytest.mark.parametrize("name", ["rehearsal", "survival", "report"])
def test_no_script_and_nothing_from_outside(name: str) -> None:
    text = pages()[name]
    assert "<script" not in text
    assert "src=" not in text
    assert 'class="level"' in text
    assert "default-src 'none'" in text


def test_the_line_follows_the_pods() -> None:
    course = Course("shop/web", "web", 2, 1, ((0.0, 2), (0.0, 0), (50.0, 2)), ((0.0, 50.0),))
    drawing = draw((course,), 100.0)
    assert drawing is not None
    row = drawing.rows[0]
    assert row.figures == "2 → 0 → 2"
    assert row.shades[0].width == pytest.approx((drawing.right - drawing.left) / 2, abs=0.2)
    top, bottom, middle = row.top, row.bottom, (drawing.right + drawing.left) / 2
    assert row.path == f"M{float(drawing.left)} {top}H{float(drawing.left)}V{bottom}H{middle}V{top}H{drawing.right}"
    assert draw((), 10.0) is None


@pytest.mark.engine("chromium")
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", ["rehearsal", "survival"])
def test_accessible_and_whole(browser, name: str, width: int, tmp_path: Path) -> None:  # noqa: ANN001
    assert_accessible_and_whole(browser, pages()[name], tmp_path, width)
