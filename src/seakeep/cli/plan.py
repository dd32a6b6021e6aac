"""plan: from causes and findings to changes, rehearsed."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seakeep.cli import completing, options
from seakeep.cli.light import LightCommand
from seakeep.cli.saying import say
from seakeep.cli.sharing import sharing

if TYPE_CHECKING:
    from seakeep.model.snapshot import Snapshot

REFUSED = 20


class PlanForm(StrEnum):
    TEXT = "text"
    YAML = "yaml"
    JSON = "json"
    DIFF = "diff"


class MaxRisk(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Call(options.Judging):
    namespace: Annotated[
        list[str] | None,
        typer.Option(
            "--namespace",
            "-n",
            help="Plan only for this namespace (repeatable); of a live cluster only that is read.",
            metavar="NAMESPACE",
        ),
    ] = None


def register(app: typer.Typer) -> None:
    app.command(
        cls=LightCommand,
        epilog=options.examples(
            "seakeep plan",
            "seakeep plan dump.json --target 95 --max-risk medium --out plan.yaml",
            "seakeep plan dump.skz --only 'disruption-*' -n shop",
            "seakeep plan --metrics http://127.0.0.1:9090 --only 'requests-*'",
            "seakeep plan manifests/ --write review/",
        ),
    )(plan)


@sharing
def plan(
    call: Call,
    source: options.Source = None,
    metrics: options.Metrics = None,
    output: Annotated[
        PlanForm, typer.Option("--output", "-o", help="Form of the plan; yaml is the plan file.")
    ] = PlanForm.TEXT,
    target: Annotated[
        float,
        typer.Option(
            "--target", help="Hardening that is enough; repairs are planned as far as they go.", min=0, max=100
        ),
    ] = 95.0,
    max_risk: Annotated[
        MaxRisk,
        typer.Option(
            "--max-risk",
            help="low: nothing restarts or is refused; medium: pods are replaced one by one; high: a service may pause.",
        ),
    ] = MaxRisk.MEDIUM,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            help="Only these causes and rules; * and ? allowed (repeatable).",
            metavar="ID",
            autocompletion=completing.ids,
        ),
    ] = None,
    skip: Annotated[
        list[str] | None,
        typer.Option(
            "--skip", help="Not these causes and rules (repeatable).", metavar="ID", autocompletion=completing.ids
        ),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(
            "--write",
            metavar="FOLDER",
            help="Write plan.yaml, a kustomize overlay, manifests in Argo CD's sync waves, values for Helm releases and a pull request's text there.",
            file_okay=False,
        ),
    ] = None,
) -> None:
    """Plan repairs and hardening in waves, each rehearsed on the twin.

    What is refused there (by admission, for want of room, because a drain would be blocked or a service would be worse) is left out and named with its reason.
    Nothing is written to the cluster. Exits 20 where the plan as a whole is refused.
    """
    from seakeep.adapters.plan_file import as_json, as_yaml
    from seakeep.app.apply import of_manifests
    from seakeep.app.explain import check_patterns
    from seakeep.app.plan import plan as planned
    from seakeep.cli import output as outputs
    from seakeep.cli.declared import made_with
    from seakeep.engine.plan.choose import Options
    from seakeep.facts.index import Index
    from seakeep.facts.owners.chart_values import values_of
    from seakeep.model.change import Risk
    from seakeep.render.plan.diff import plan_diff
    from seakeep.render.plan.gitops import files
    from seakeep.render.plan.text import extent, plan_text
    from seakeep.render.plan.values import values_files

    check_patterns((*(only or ()), *(skip or ())))
    wanted = Options(target, Risk(max_risk.value), tuple(only or ()), tuple(skip or ()), tuple(call.namespace or ()))
    form, intent = outputs.default_form(output, call.out), call.intent()
    with outputs.Progress(quiet=call.quiet) as progress:
        reading = call if source is None else replace(call, namespace=None)
        found = reading.read(source, progress, options.Evidence(metrics=metrics))
        _known(found, call.namespace or ())
        value = planned(found, intent, options.today(), wanted, progress)
    fit = bool(value.changes) and not of_manifests(value)
    made = made_with(call.platform, reading.namespace or () if source is None else (), metrics=bool(metrics))
    if write is not None:
        hints = values_files(values_of(Index(found), value.changes))
        outputs.emit_all({"plan.yaml": as_yaml(value, made), **files(value, _manifests(source)), **hints}, write)
        told(f"wrote {write}: {extent(value)}", write / "plan.yaml" if fit else None, call)
    color = call.out is None and outputs.color_wanted()
    refused = value.rehearsal.verdict == "refused"
    match form:
        case PlanForm.YAML:
            text = as_yaml(value, made)
        case PlanForm.JSON:
            text = as_json(value, made).decode()
        case PlanForm.DIFF:
            text = plan_diff(value, color=color)
        case _:
            text = plan_text(value, width=outputs.width(), color=color, verbose=call.verbose)
    outputs.emit(text, call.out)
    if call.out is not None:
        usable = form in {PlanForm.YAML, PlanForm.JSON}
        told(f"wrote {call.out}: {extent(value)}", call.out if usable and fit else None, call)
    elif form is PlanForm.TEXT and write is None and fit and not (call.quiet or refused):
        say(f"\nTo apply it: the same with --out plan.yaml, then {_apply('plan.yaml', call)}")
    outputs.finish(REFUSED if refused else 0, no_exit_code=call.no_exit_code)


def _known(found: Snapshot, namespaces: Sequence[str]) -> None:
    """A slip in a name would give an empty plan."""
    from seakeep.adapters.errors import UsageError

    seen = {name for kind in found.objects.values() for name, _ in kind} | {
        name for _, name in found.objects.get("Namespace", {})
    }
    for name in sorted({*namespaces} - seen):
        some = ", ".join(sorted(seen - {""})[:20])
        raise UsageError(f"{found.source} shows no namespace {name}", f"It shows {some or 'none'}.")


def told(text: str, plan: Path | None, call: Call) -> None:
    """What was written, and what can be done with it next."""
    if call.quiet:
        return
    say(text)
    if plan is not None:
        say(f"  {_apply(shlex.quote(str(plan)), call)}")


def _apply(plan: str, call: Call) -> str:
    """Where the plan was made."""
    from seakeep.cli.told import again

    where = again({"--context": call.context, "--kubeconfig": str(call.kubeconfig or "")}, None).where
    return f"seakeep apply {plan}{where} --dry-run=server"


def _manifests(source: str | None) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The files planned, where they are manifests on disk: by their path below the folder."""
    from seakeep.adapters.manifests import manifests_by_file

    path = Path(source) if source and source != "-" else None
    return manifests_by_file(path) if path is not None and path.exists() else {}
