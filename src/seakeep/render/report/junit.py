"""JUnit XML, for CI systems: one test case per hardening finding, cause and target."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.sax.saxutils import quoteattr

from seakeep.model.finding import Outcome
from seakeep.model.report import Report
from seakeep.render.safe import line, sentences

# Characters that XML 1.0 does not allow, lone surrogates among them.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def report_junit(report: Report) -> str:
    hardening = [
        case(
            item.rule,
            str(item.object),
            {Outcome.FAIL: "failure", Outcome.SKIPPED: "skipped", Outcome.ERROR: "error"}.get(item.outcome),
            item.detail,
        )
        for item in report.findings
    ]
    causes = [
        case(
            cause.candidate.id,
            str(cause.candidate.object),
            "failure",
            sentences(cause.candidate.summary, cause.candidate.repair.summary),
        )
        for cause in report.diagnosis.causes
    ]
    targets = [
        case(
            "target",
            target.score,
            {True: None, False: "failure", None: "skipped"}[target.met],
            f"wanted {target.wanted:g}, is {target.value}",
        )
        for target in report.targets
    ]
    suites = [suite("causes", causes), suite("hardening", hardening), suite("targets", targets)]
    return document(suites)


def document(suites: Iterable[str]) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="seakeep">\n'
        + "\n".join(suites)
        + "\n</testsuites>\n"
    )


def suite(name: str, cases: Iterable[tuple[str, str | None]]) -> str:
    listed = list(cases)
    counts = {kind: sum(outcome == kind for _, outcome in listed) for kind in ("failure", "error", "skipped")}
    body = "\n".join(text for text, _ in listed)
    return (
        f'  <testsuite name={_attribute(name)} tests="{len(listed)}" failures="{counts["failure"]}" errors="{counts["error"]}" '
        f'skipped="{counts["skipped"]}">\n{body}\n  </testsuite>'
    )


def case(group: str, name: str, outcome: str | None, detail: str) -> tuple[str, str | None]:
    head = f"    <testcase classname={_attribute(group)} name={_attribute(name)}"
    if outcome is None:
        return f"{head}/>", None
    return f"{head}><{outcome} message={_attribute(detail)}/></testcase>", outcome


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("", line(text, 1000)))
