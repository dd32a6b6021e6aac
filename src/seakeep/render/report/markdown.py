"""Markdown, for tickets and pull requests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from seakeep.model.cause import Cause, Diagnosis
from seakeep.model.finding import Outcome
from seakeep.model.report import Report
from seakeep.render.figures import figure
from seakeep.render.order import shown_scores
from seakeep.render.safe import line

# Not parentheses and exclamation marks: without brackets they make no link and no image, and the text is read as it stands, too.
_SPECIAL = re.compile(r"([\\`*_{}\[\]#|~]|^\+)")


def report_markdown(report: Report) -> str:
    scores = report.scores
    naive = scores.naive
    rows = [(score.id, figure(score.value), score.formula) for score in shown_scores(scores)]
    rows.append(("naive", figure(naive.percent), f"{naive.running} Running of {naive.total} pods"))
    blocks = [
        f"# Platform report: {plain_text(report.snapshot.source)}",
        table(("score", "value", "formula"), rows),
        "## Services",
        table(
            ("service", "namespace", "state", "ready", "criticality"),
            [
                (item.name, item.namespace, item.state, _ready(item.ready, item.intended), item.criticality)
                for item in report.platform.services
            ],
        ),
        diagnosis_markdown(report.diagnosis),
    ]
    failed = [item for item in report.findings if item.outcome is Outcome.FAIL]
    if failed:
        blocks += [
            "## Hardening findings",
            table(
                ("rule", "object", "severity", "detail"),
                [(item.rule, str(item.object), item.severity.value, item.detail) for item in failed],
            ),
        ]
    if report.snapshot.unread:
        blocks += [
            "## Not read",
            table(
                ("kind", "namespace", "reason"),
                [(item.kind, item.namespace, item.reason) for item in report.snapshot.unread],
            ),
        ]
    return "\n\n".join(blocks).rstrip() + "\n"


def diagnosis_markdown(diagnosis: Diagnosis) -> str:
    blocks = ["## Root causes"]
    blocks += [_cause(cause) for cause in diagnosis.causes] or ["None found."]
    if diagnosis.unexplained:
        blocks += [
            "## Unwell for no known cause",
            table(("object", "symptom"), [(str(item.object), item.text) for item in diagnosis.unexplained]),
        ]
    if diagnosis.insufficient:
        blocks += [
            "## To settle",
            table(("question", "look-up"), [(item.question, item.lookup) for item in diagnosis.insufficient]),
        ]
    return "\n\n".join(blocks) + "\n"


def _cause(cause: Cause) -> str:
    item = cause.candidate
    lines = [
        f"### {cause.rank}. {plain_text(item.id)}: {plain_text(str(item.object))} ({cause.severity}, {item.certainty})",
        "",
        plain_text(item.summary),
        "",
    ]
    lines += [
        f"- evidence: {plain_text(str(piece.object))} {plain_text(piece.path)}: {plain_text(piece.value)}{'' if piece.current else ' (old)'}"
        for piece in item.evidence
    ]
    if item.affects:
        lines.append(f"- affects: {', '.join(plain_text(str(ref)) for ref in item.affects)}")
    lines.append(f"- repair: {plain_text(item.repair.summary)}")
    lines += [
        f"- consequence: {plain_text(child.candidate.id)} of {plain_text(str(child.candidate.object))}: {plain_text(child.candidate.summary)}"
        for child in cause.consequences
    ]
    return "\n".join(lines)


def _ready(ready: int | None, intended: int | None) -> str:
    return "unknown" if ready is None or intended is None else f"{ready}/{intended}"


def plain_text(value: str) -> str:
    """Foreign text on one line, with Markdown's and HTML's characters escaped."""
    return _SPECIAL.sub(r"\\\1", line(value, 600)).replace("<", "&lt;").replace(">", "&gt;")


def code(text: str) -> str:
    """Between more backticks than are in it: nothing in it can end it."""
    text = line(text)
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    gap = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{gap}{text}{gap}{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(plain_text(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines)
