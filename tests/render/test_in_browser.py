"""The report as a reader meets it: in Chromium, at three widths, light and dark, with axe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seakeep.render.formats import render_report
from seakeep.testing.engines import chromium, missing
from tests.render.sample import report

pytestmark = pytest.mark.engine("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    path = chromium()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("chromium", "playwright is not installed")
    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield instance
        instance.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 800, 1280])
def test_accessible_and_whole(browser, width: int, scheme: str, tmp_path: Path) -> None:  # noqa: ANN001
    assert_accessible_and_whole(browser, render_report(report("kafka-broker"), "html"), tmp_path, width, scheme)


def assert_accessible_and_whole(browser, text: str, folder: Path, width: int, scheme: str = "light") -> None:  # noqa: ANN001
    """With everything unfolded, axe finds nothing and the page does not scroll sideways."""
    from axe_playwright_python.sync_playwright import Axe

    file = folder / "page.html"
    file.write_text(text, encoding="utf-8")
    # axe needs to be injected, which the page's own policy rightly forbids.
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page.goto(file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(item => item.open = true)")
    outcome = Axe().run(page)
    assert outcome.response["violations"] == [], outcome.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    page.close()


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
