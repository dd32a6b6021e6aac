"""Fills the template. Every value is escaped by Jinja2; control characters and terminal escapes are dropped before."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import escape

from seakeep.model.finding import Finding, Outcome
from seakeep.model.plan import Plan
from seakeep.model.report import PodCell, Report
from seakeep.model.run import Run
from seakeep.render.figures import grade
from seakeep.render.html import graph, timeline
from seakeep.render.order import shown_scores, worst_first
from seakeep.render.plan.diff import fields_diff
from seakeep.render.plan.waves import Span, spans
from seakeep.render.report.conclusion import nothing_found
from seakeep.render.safe import line, plain

_ROWS = 500  # of long tables; the JSON form has everything
_ORDER = ("failed", "waiting", "notready", "ready", "finished")


def report_html(report: Report, plan: Plan | None = None, run: Run | None = None) -> str:
    """One self-contained page: no script, no outside resource. With a plan, what it would change; with a run of it, how that went."""
    services = worst_first(report.platform.services)
    return template("report.html.j2").render(
        report=report,
        scores=shown_scores(report.scores),
        naive=report.scores.naive,
        causes=report.diagnosis.causes,
        nothing_found=nothing_found(report.diagnosis, report.snapshot),
        services=services,
        up=sum(item.state == "up" for item in services),
        drawing=graph.draw(report.platform.services, report.platform.dependencies, report.diagnosis.causes),
        nodes=_nodes(report.pods),
        states=Counter(cell.standing for cell in report.pods),
        timeline=timeline.draw(report.timeline),
        moments=tuple(reversed(report.timeline))[:_ROWS],
        rules=_rules(report.findings),
        rows=_ROWS,
        style=style(),
        plan=plan,
        run=run,
        diff=fields_diff,
        spans=spans_of,
        survival=report.survival,
        **_survival(report),
        grade=grade,
    )


def spans_of(plan: Plan) -> list[Span]:
    return spans(enumerate(plan.waves, start=1))


def _survival(report: Report) -> dict[str, Any]:
    if report.survival is None:
        return {"levels": None, "courses": (), "course_text": None, "point": None}
    from seakeep.render.html.rehearsal import survival_parts
    from seakeep.render.rehearsal.text import course_text

    parts = survival_parts(report.survival)
    return {
        "levels": parts["drawing"],
        "courses": parts["courses"],
        "point": parts["point"],
        "course_text": course_text,
    }


@cache
def style() -> str:
    return (files("seakeep.render.html") / "report.css").read_text(encoding="utf-8")


@cache
def template(name: str) -> Template:
    # A loader by function: package files may live in a zip, and no other template exists.
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(lambda name: (files("seakeep.render.html") / name).read_text(encoding="utf-8")),
        finalize=lambda value: line(value) if isinstance(value, str) and not hasattr(value, "__html__") else value,
    )
    # Leading spaces are what a diff is made of.
    environment.filters["keep"] = lambda text: escape(plain(text))
    environment.policies["compiler.ascii_str"] = False
    return environment.get_template(name)


def _nodes(cells: tuple[PodCell, ...]) -> list[tuple[str, list[PodCell]]]:
    """Nodes with their pods, the unwell first; pods without a node come last."""
    by_node: dict[str, list[PodCell]] = defaultdict(list)
    for cell in cells:
        by_node[cell.node].append(cell)
    ordered = sorted(by_node, key=lambda name: (not name, name))
    return [
        (name, sorted(by_node[name], key=lambda cell: (_ORDER.index(cell.standing), cell.object))) for name in ordered
    ]


def _rules(findings: tuple[Finding, ...]) -> list[tuple[str, Counter[str], list[Finding]]]:
    """Rule, outcome counts, failed findings; the rules that fail most come first."""
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_rule[finding.rule].append(finding)
    rows = [
        (rule, Counter(item.outcome.value for item in items), [item for item in items if item.outcome is Outcome.FAIL])
        for rule, items in by_rule.items()
    ]
    return sorted(rows, key=lambda row: (-len(row[2]), row[0]))
