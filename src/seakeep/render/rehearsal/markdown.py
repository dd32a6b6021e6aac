"""A rehearsal as Markdown, for tickets and pull requests."""

from __future__ import annotations

from seakeep.model.rehearsal import Played, Rehearsal
from seakeep.render.figures import figure
from seakeep.render.order import worst_shortages
from seakeep.render.rehearsal.comparison import comparison_markdown
from seakeep.render.rehearsal.refusals import WORDS, grouped
from seakeep.render.rehearsal.text import (
    UNSETTLED,
    course_text,
    duration,
    pairs_of,
    shortage,
    turned,
)
from seakeep.render.report.markdown import plain_text, table


def rehearsal_markdown(value: Rehearsal) -> str:
    criticality = {level.service: level.criticality for level in value.before.services}
    changed = [
        (
            item.service,
            f"{item.ready}/{item.intended}",
            f"{then.ready}/{then.intended}",
            str(then.needed),
            _mark(then.short),
        )
        for item, then in filter(turned, pairs_of(value))
    ]
    scores = {item.id: item.value for item in value.after.scores}
    blocks = [
        f"# Rehearsal: {plain_text(value.scenario)}",
        f"**{value.verdict}** on {plain_text(value.source)}, after {duration(value.seconds)} on the twin's clock",
        table(
            ("score", "before", "after"),
            [(item.id, figure(item.value), figure(scores.get(item.id))) for item in value.before.scores],
        ),
    ]
    if value.unsettled:
        blocks.append(UNSETTLED)
        blocks.append(table(("object", "changes"), [(str(ref), str(count)) for ref, count in value.unsettled]))
    for step in value.steps:
        blocks += _step(step, criticality)
    if changed:
        blocks += ["## Services", table(("service", "before", "after", "needed", ""), changed)]
    if value.timeline:
        rows = [(item.service, f"{item.intended}", f"{item.needed}", course_text(item)) for item in value.timeline]
        blocks += ["## Ready pods over time", table(("service", "intended", "needed", "ready"), rows)]
    if value.comparison is not None:
        blocks += comparison_markdown(value.comparison)
    return "\n\n".join(blocks) + "\n"


def _step(step: Played, criticality: dict[str, str]) -> list[str]:
    blocks = [f"## {plain_text(step.step)}: {step.verdict}"]
    if step.expectations:
        rows = [("met" if item.met else "NOT MET", item.text, item.found) for item in step.expectations]
        blocks.append(table(("", "expectation", "found"), rows))
    if step.oscillating:
        blocks.append(table(("did not settle", "changes"), [(str(ref), str(count)) for ref, count in step.oscillating]))
    if step.refusals:
        refusals = [
            (
                WORDS[item.kind],
                item.name if len(item.objects) == 1 else item.listed(),
                item.message,
                str(item.by) if item.by else "",
            )
            for item in grouped(step.refusals)
        ]
        blocks.append(table(("", "object", "message", "says"), refusals))
    if step.short:
        short = [
            (criticality.get(item.service, ""), item.service, shortage(item))
            for item in worst_shortages(step.short, criticality)
        ]
        blocks.append(table(("criticality", "service", "below its need"), short))
    return blocks


def _mark(short: tuple[str, ...]) -> str:
    return "below" if short else ""
