"""Output forms by name. Each renderer is imported when it is asked for."""

from __future__ import annotations

from seakeep.model.cause import Diagnosis
from seakeep.model.report import Report, SnapshotSummary
from seakeep.render.report import wire
from seakeep.render.report.types import Wire
from seakeep.render.safe import OBEYED, json_text

FORMS = ("text", "json", "yaml", "md", "html", "sarif", "junit")


class FormError(ValueError):
    """The form is unknown, or does not exist for this value; the message names those that do."""


def render_report(report: Report, form: str, *, width: int = 100, color: bool = False, verbose: bool = False) -> str:
    """A whole report. Raises FormError for an unknown form."""
    match form:
        case "text":
            from seakeep.render.report.text import report_text

            return report_text(report, width=width, color=color, verbose=verbose)
        case "md":
            from seakeep.render.report.markdown import report_markdown

            return report_markdown(report)
        case "html":
            from seakeep.render.html import report_html

            return report_html(report)
        case "sarif":
            from seakeep.render.report.sarif import report_sarif

            return json_text(report_sarif(report))
        case "junit":
            from seakeep.render.report.junit import report_junit

            return report_junit(report)
    return data(wire.report(report), form)


def render_diagnosis(
    diagnosis: Diagnosis,
    summary: SnapshotSummary,
    form: str,
    *,
    width: int = 100,
    color: bool = False,
    verbose: bool = False,
) -> str:
    """The causes alone; text, json, yaml and md."""
    match form:
        case "text":
            from seakeep.render.report.text import diagnosis_text

            return diagnosis_text(diagnosis, summary, width=width, color=color, verbose=verbose)
        case "md":
            from seakeep.render.report.markdown import diagnosis_markdown

            return diagnosis_markdown(diagnosis)
    return data(wire.diagnosis(diagnosis, summary), form)


def render_services(report: Report, form: str, *, width: int = 100, color: bool = False) -> str:
    """The services alone; text, json and yaml."""
    if form == "text":
        from seakeep.render.report.text import services_text

        return services_text(report, width=width, color=color)
    return data(wire.services(report), form)


def data(value: Wire, form: str) -> str:
    """As JSON or YAML. Raises FormError for other forms."""
    if form == "json":
        return json_text(value)
    if form == "yaml":
        import yaml
        from msgspec import to_builtins

        text = yaml.safe_dump(to_builtins(value), sort_keys=False, allow_unicode=True, width=120)
        # The emitter takes the bidirectional overrides for plain text: only then is everything escaped.
        return yaml.safe_dump(to_builtins(value), sort_keys=False, width=120) if OBEYED.search(text) else text
    raise FormError(f"no {form} form of this; choose one of {', '.join(FORMS)}")
