"""Hand-offs in every form: complete, as the contract promises, harmless whatever the names say, and usable in Chromium."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from markdown_it import MarkdownIt

from seakeep.render.formats import FormError
from seakeep.render.handoff import types as handoff_types
from seakeep.render.handoff.forms import render_handoff
from tests.render.browsing import assert_accessible_and_whole
from tests.render.handoff_sample import sample

UNSEEN = ("\x1b", "\x07", "\u202e")


def test_the_page_has_no_script_and_nothing_from_outside() -> None:
    text = render_handoff(sample(), "html")
    assert "<script" not in text
    assert "<img" not in text
    assert "default-src 'none'" in text
    assert not any(sign in text for sign in UNSEEN)


def test_every_part_is_on_the_page_and_in_markdown() -> None:
    value = sample("kafka")
    page, markdown = render_handoff(value, "html"), render_handoff(value, "md")
    for text in (page, markdown):
        for item in (*value.checklist, *value.following):
            assert item.text.split("(")[0].strip() in text.replace("\\", ""), item.text
        for word in ("76.6", "2026-03-20", "running 99", "health 95", "1Gi"):
            assert word in text.replace("\\", ""), word


def test_json_is_as_promised_and_whole() -> None:
    value = sample()
    text = render_handoff(value, "json")
    again = msgspec.json.decode(text, type=handoff_types.Handoff)
    assert json.loads(msgspec.json.encode(again)) == json.loads(text)
    assert len(again.checklist) == len(value.checklist)
    assert len(again.runs[0].changes) == 2
    assert "</script" not in text
    with pytest.raises(FormError):
        render_handoff(value, "sarif")


def test_markdown_keeps_hostile_text_inside_its_place() -> None:
    """As a reader of the page sees it: no raw HTML, and a fence in a diff ends nothing."""
    text = render_handoff(sample(), "md")
    assert not any(sign in text for sign in UNSEEN)
    tokens = MarkdownIt("commonmark").parse(text)
    found = [token for token in tokens if token.type == "html_block"]
    inline = [child for token in tokens for child in token.children or () if child.type in {"html_inline", "image", "link_open"}]  # fmt: skip
    assert found == []
    assert inline == []
    assert any("+" in token.content for token in tokens if token.type == "code_block"), "the diff is code"


@pytest.mark.engine("chromium")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 800, 1280])
def test_accessible_and_whole(browser, width: int, scheme: str, tmp_path: Path) -> None:  # noqa: ANN001
    assert_accessible_and_whole(browser, render_handoff(sample("kafka-broker"), "html"), tmp_path, width, scheme)
