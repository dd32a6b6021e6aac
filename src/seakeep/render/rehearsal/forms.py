"""Output forms of rehearsals and of survival. Each renderer is imported when it is asked for."""

from __future__ import annotations

from seakeep.model.rehearsal import Rehearsal
from seakeep.model.survival import Survival
from seakeep.render.formats import data


def render_rehearsal(value: Rehearsal, form: str, *, width: int = 100, verbose: bool = False) -> str:
    """Raises FormError for a form that it does not have."""
    match form:
        case "text":
            from seakeep.render.rehearsal.text import rehearsal_text

            return rehearsal_text(value, width=width, verbose=verbose)
        case "md":
            from seakeep.render.rehearsal.markdown import rehearsal_markdown

            return rehearsal_markdown(value)
        case "html":
            from seakeep.render.html.rehearsal import rehearsal_html

            return rehearsal_html(value)
        case "junit":
            from seakeep.render.rehearsal.junit import rehearsal_junit

            return rehearsal_junit(value)
    from seakeep.render.rehearsal.wire import rehearsal

    return data(rehearsal(value), form)


def render_survival(value: Survival, form: str, *, width: int = 100, verbose: bool = False) -> str:
    """Raises FormError for a form that it does not have."""
    match form:
        case "text":
            from seakeep.render.rehearsal.survival_text import survival_text

            return survival_text(value, width=width, verbose=verbose)
        case "html":
            from seakeep.render.html.rehearsal import survival_html

            return survival_html(value)
    from seakeep.render.rehearsal.survival_wire import survival

    return data(survival(value), form)
