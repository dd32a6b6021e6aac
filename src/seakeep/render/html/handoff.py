"""The page of a hand-off: as the report, self-contained and without script."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from seakeep.model.handoff import Handoff
from seakeep.model.plan import Asked
from seakeep.model.quantity import format_bytes
from seakeep.render.figures import grade
from seakeep.render.handoff import words
from seakeep.render.html.page import spans_of, style, template
from seakeep.render.plan.diff import fields_diff

_ROWS = 500


def handoff_html(value: Handoff) -> str:
    return template("handoff.html.j2").render(
        value=value,
        cards=[item for item in value.scores if item.name != "naive"],
        naive=next((item for item in value.scores if item.name == "naive"), None),
        turned=[item for item in value.services if words.is_notable(item)],
        steady=[item for item in value.services if not words.is_notable(item)],
        questions=_by_rule(value.asked),
        done=sum(item.met is True for item in value.checklist),
        words=words,
        diff=fields_diff,
        survival=words.survival(value),
        bytes=format_bytes,
        grade=grade,
        spans=spans_of,
        rows=_ROWS,
        style=style(),
    )


def _by_rule(asked: Sequence[Asked]) -> list[tuple[str, list[Asked]]]:
    found: dict[str, list[Asked]] = defaultdict(list)
    for item in asked:
        found[item.rule].append(item)
    return list(found.items())
