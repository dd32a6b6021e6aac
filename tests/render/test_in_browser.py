"""The report as a reader meets it: in Chromium, at three widths, light and dark, with axe."""

from __future__ import annotations

from pathlib import Path

import pytest

from seakeep.render.formats import render_report
from tests.render.browsing import assert_accessible_and_whole
from tests.render.sample import report

pytestmark = pytest.mark.engine("chromium")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 800, 1280])
def test_accessible_and_whole(browser, width: int, scheme: str, tmp_path: Path) -> None:  # noqa: ANN001
    assert_accessible_and_whole(browser, render_report(report("kafka-broker"), "html"), tmp_path, width, scheme)


def test_hostile_text_does_not_run(browser, tmp_path: Path) -> None:  # noqa: ANN001
    file = tmp_path / "report.html"
    file.write_text(render_report(report(), "html"), encoding="utf-8")
    page = browser.new_page()
    dialogs: list[str] = []
    requests: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(file.as_uri())
    assert dialogs == []
    assert requests == [file.as_uri()]
    assert page.evaluate("document.scripts.length") == 0
    assert page.evaluate("document.images.length") == 0
    page.close()
