"""The forms of a hand-off by name; each renderer is imported when it is asked for."""

from __future__ import annotations

from seakeep.model.handoff import Handoff


def render_handoff(value: Handoff, form: str) -> str:
    """html, md, json and yaml. Raises FormError for others."""
    match form:
        case "html":
            from seakeep.render.html.handoff import handoff_html

            return handoff_html(value)
        case "md":
            from seakeep.render.handoff.markdown import handoff_markdown

            return handoff_markdown(value)
    from seakeep.render.formats import data
    from seakeep.render.handoff.wire import handoff

    return data(handoff(value), form)
