"""Pages in Chromium, held against axe."""

from __future__ import annotations

from pathlib import Path


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
