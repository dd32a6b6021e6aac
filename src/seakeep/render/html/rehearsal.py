"""Pages of rehearsals and of survival: as the report, self-contained and without script."""

from __future__ import annotations

from typing import Any

from seakeep.model.rehearsal import Rehearsal
from seakeep.model.survival import Survival
from seakeep.render.figures import figure
from seakeep.render.html import levels
from seakeep.render.html.page import style, template
from seakeep.render.order import worst_shortages
from seakeep.render.rehearsal.refusals import WORDS, grouped
from seakeep.render.rehearsal.survival_text import point
from seakeep.render.rehearsal.text import UNSETTLED, course_text, duration, shortage

_ROWS = 500


def rehearsal_html(value: Rehearsal) -> str:
    after = {item.id: item for item in value.after.scores}
    return template("rehearsal.html.j2").render(
        title=f"Rehearsal: {value.scenario}",
        subtitle=f"{value.source} · {duration(value.seconds)} on the twin's clock",
        value=value,
        survival=None,
        unsettled=value.unsettled,
        scores=[(item, after[item.id]) for item in value.before.scores if item.id in after],
        drawing=levels.draw(value.timeline, value.seconds),
        courses=value.timeline,
        shortage=shortage,
        worst_shortages=worst_shortages,
        criticality={level.service: level.criticality for level in value.before.services},
        grouped=grouped,
        words=WORDS,
        **_words(),
    )


def survival_html(value: Survival) -> str:
    return template("rehearsal.html.j2").render(
        title=f"Survival: {value.source}",
        subtitle=f"{sum(item.disruption.times for item in value.outcomes)} disruptions tried on a twin",
        value=None,
        survival=value,
        unsettled=value.unsettled,
        **survival_parts(value),
        **_words(),
    )


def survival_parts(value: Survival) -> dict[str, Any]:
    """The picture of the rolling upgrade."""
    upgrade = next((item for item in value.outcomes if item.disruption.kind == "upgrade"), None)
    courses = upgrade.timeline if upgrade else ()
    return {"drawing": levels.draw(courses, upgrade.seconds) if upgrade else None, "courses": courses, "point": point}


def _words() -> dict[str, Any]:
    return {"course_text": course_text, "figure": figure, "rows": _ROWS, "not_settling": UNSETTLED, "style": style()}
