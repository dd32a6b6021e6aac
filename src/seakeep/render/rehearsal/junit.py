"""A rehearsal as JUnit XML: one suite per step, one test case per expectation; a step without any is a case of its own."""

from __future__ import annotations

from seakeep.model.rehearsal import Played, Rehearsal, Verdict
from seakeep.render.report.junit import case, document, suite


def rehearsal_junit(value: Rehearsal) -> str:
    expected = bool(value.expectations)
    return document(
        [suite(f"{number}. {item.step}", _cases(item, expected)) for number, item in enumerate(value.steps, 1)]
    )


def _cases(step: Played, expected: bool) -> list[tuple[str, str | None]]:
    """Where a scenario has expectations, they alone decide."""
    if step.expectations:
        return [case(step.step, item.text, None if item.met else "failure", item.found) for item in step.expectations]
    failed = not expected and step.verdict is not Verdict.FINE
    return [case(step.step, "verdict", "failure" if failed else None, step.verdict.value)]
