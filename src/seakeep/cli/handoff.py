"""report --since: the hand-off."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from seakeep.adapters.errors import UsageError
from seakeep.cli import options
from seakeep.cli import output as outputs
from seakeep.cli.declared import of_run
from seakeep.cli.options import ReportForm, today
from seakeep.cli.told import again, told_of
from seakeep.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Wanted:
    since: str | None
    before: Path | None
    journal: str | None
    commit: str
    drains: bool


def write(
    wanted: Wanted,
    observe: Callable[[], Snapshot],
    platform: Path | None,
    output: ReportForm,
    out: Path | None,
    progress: Callable[[str], None],
    *,
    quiet: bool,
) -> None:
    """Raises UsageError for what belongs to a hand-off where none is asked for."""
    if wanted.since is None:
        raise UsageError(
            "--before, --journal, --commit and --no-drains belong to a hand-off",
            "Name where it begins: --since RUN or --since 2026-03-01.",
        )
    form = outputs.default_form(ReportForm.TEXT, out) if output is ReportForm.HTML else output
    form = ReportForm.HTML if form is ReportForm.TEXT and output is ReportForm.HTML else form
    if form not in {ReportForm.HTML, ReportForm.MD, ReportForm.JSON, ReportForm.YAML}:
        raise UsageError(f"a hand-off has no {form} form", "Choose one of html, md, json, yaml.")
    from seakeep.adapters.git import commit_of
    from seakeep.adapters.journal import open_journal
    from seakeep.adapters.open import open_source
    from seakeep.app.apply import cluster_of
    from seakeep.app.handoff import Asked, handoff, of_cluster, runs_since
    from seakeep.render.handoff.forms import render_handoff

    commit = commit_of("HEAD") if wanted.commit == "HEAD" else wanted.commit
    with closing(open_journal(wanted.journal)) as journal:
        begun = runs_since(journal, wanted.since)
        told = {run.id: told_of(journal, run.id) for run in begun}
    named = options.intent_of(platform) if platform is not None else None
    before = open_source(str(wanted.before), progress=progress) if wanted.before else None
    after = observe()
    runs = of_cluster(begun, wanted.since, cluster_of(after))
    if not runs and before is None:
        raise UsageError(
            f"no run of this cluster has begun since {wanted.since}, and no snapshot of before is named",
            "Name another day, or --before FILE.skz; `seakeep history` lists the runs.",
        )
    # Scores before and after are of the same platform: that of the last run, where none is named.
    intent = named or options.intent_of(of_run(None, told[runs[-1].id]).path if runs else None, quiet=quiet)
    commits = {run.id: commit for run in runs} if commit else {}
    next_ = {name: again(kept.get("options", {}), wanted.journal) for name, kept in told.items()}
    asked = Asked(wanted.since, runs, commits, again=next_)
    value = handoff(asked, before, after, intent, today(), progress, drains=wanted.drains)
    outputs.emit(render_handoff(value, form.value), out, quiet=quiet)
