"""rehearse …: play something on the twin, and on the real control plane besides."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seakeep.cli import options, questions, repack
from seakeep.cli.light import LightCommand
from seakeep.cli.sharing import sharing

if TYPE_CHECKING:
    from seakeep.model.rehearsal import Rehearsal
    from seakeep.model.scenario import Scenario

app = typer.Typer(
    help="Play a change or a disruption on the twin.\n\nThe twin is a Kubernetes in memory, made from the source: nothing is written to the cluster.",
    epilog="""\b
Exit codes of a rehearsal:
  0   every service keeps what it needs; with expectations: all are met
  3   it does not settle, or the twin and the real control plane differ
  12  a service falls below its need; with expectations: one is not met
  20  refused or blocked""",
    no_args_is_help=True,
    rich_markup_mode=None,
)
questions.register(app)
repack.register(app)


class RehearsalForm(StrEnum):
    TEXT = "text"
    JSON = "json"
    YAML = "yaml"
    MD = "md"
    HTML = "html"
    JUNIT = "junit"


class Engine(StrEnum):
    TWIN = "twin"
    REAL = "real"


@dataclass(frozen=True, slots=True)
class Call(options.Judging):
    """What all of these commands take."""

    output: Annotated[RehearsalForm, typer.Option("--output", "-o", help="Form of the answer.")] = RehearsalForm.TEXT
    engine: Annotated[
        Engine,
        typer.Option(
            "--engine",
            help="real: play it on the testbed's control plane as well, which takes as long as it does, and say where the two differ.",
        ),
    ] = Engine.TWIN


@dataclass(frozen=True, slots=True)
class Bounded(Call):
    bound: Annotated[
        float,
        typer.Option("--for", help="Seconds on the twin's clock that a step may take to settle.", min=1, max=86_400),
    ] = 900.0


SourceOption = Annotated[str | None, typer.Option("--source", "-s", help=options.SOURCE_HELP, metavar="SOURCE")]


@app.command(
    cls=LightCommand,
    epilog=options.examples(
        "seakeep rehearse drain node-1",
        "seakeep rehearse drain node-1 dump.json -o json",
        "seakeep rehearse drain node-1 --no-force",
    ),
)
@sharing
def drain(
    node: Annotated[str, typer.Argument(help="The node to drain.", metavar="NODE")],
    call: Bounded,
    source: options.Source = None,
    force: Annotated[bool, typer.Option(help="As kubectl: evict pods without a controller too.")] = True,
    ignore_daemonsets: Annotated[bool, typer.Option(help="As kubectl: leave DaemonSets' pods.")] = True,
    delete_emptydir_data: Annotated[
        bool, typer.Option(help="As kubectl: evict pods with emptyDir volumes too.")
    ] = True,
) -> None:
    """Drain a node, as kubectl would.

    Evictions respect PodDisruptionBudgets, and all of one drain count together.
    """
    given = {"force": force, "ignoreDaemonSets": ignore_daemonsets, "deleteEmptyDirData": delete_emptydir_data}
    _play(call, source, "drain", (node,), given=given)


@app.command(
    cls=LightCommand,
    epilog=options.examples(
        "seakeep rehearse lose node-1",
        "seakeep rehearse lose zone/eu-1a dump.json",
        "seakeep rehearse lose node-1 -o md",
    ),
)
@sharing
def lose(
    target: Annotated[str, typer.Argument(help="A node, or zone/ZONE for all nodes of a zone.", metavar="TARGET")],
    call: Bounded,
    source: options.Source = None,
) -> None:
    """Lose a node or a zone.

    Its kubelets fall silent and do not come back.
    """
    zone = target.removeprefix("zone/") if target.startswith("zone/") else ""
    _play(call, source, "lose", () if zone else (target,), given={"zones": (zone,)} if zone else {})


@app.command(
    cls=LightCommand,
    epilog=options.examples(
        "seakeep rehearse upgrade",
        "seakeep rehearse upgrade dump.json --node node-1 --node node-2",
    ),
)
@sharing
def upgrade(
    call: Bounded,
    source: options.Source = None,
    node: Annotated[
        list[str] | None, typer.Option("--node", help="Only this node (repeatable).", metavar="NODE")
    ] = None,
    reboot: Annotated[float, typer.Option(help="Seconds that each node is away.", min=0, max=86_400)] = 120.0,
) -> None:
    """Upgrade the nodes one after the other: drain, reboot, uncordon."""
    _play(call, source, "upgrade", tuple(node or ()), given={"reboot": reboot})


@app.command(
    cls=LightCommand,
    epilog=options.examples(
        "seakeep rehearse apply deployment.yaml",
        "seakeep rehearse apply manifests/ --source dump.json",
    ),
)
@sharing
def apply(
    files: Annotated[list[Path], typer.Argument(help="Manifests, or folders of them.", metavar="FILES")],
    call: Bounded,
    source: SourceOption = None,
) -> None:
    """Apply manifests: what admission says, and what the rollout does."""
    from seakeep.adapters.errors import UsageError
    from seakeep.adapters.manifests import read_manifests

    objects = tuple(item for path in files for item in read_manifests(path))
    if not objects:
        raise UsageError(
            f"no manifest is in {' '.join(map(str, files))}", "Name .yaml, .yml or .json files, or folders of them."
        )
    _play(call, source, "apply", (), objects=objects)


@app.command(
    cls=LightCommand,
    epilog=options.examples(
        "seakeep rehearse scale Deployment/shop/web=5",
        "seakeep rehearse scale StatefulSet/kafka/kafka=1 dump.json",
    ),
)
@sharing
def scale(
    target: Annotated[str, typer.Argument(help="Kind/namespace/name=replicas.", metavar="TARGET")],
    call: Bounded,
    source: options.Source = None,
) -> None:
    """Scale a workload."""
    from seakeep.facts.kind_names import kind_of

    named, _, number = target.partition("=")
    if named.count("/") != 2 or not number.isdecimal():
        raise typer.BadParameter(f"{target!r}: write Kind/namespace/name=replicas", param_hint="TARGET")
    kind, _, rest = named.partition("/")
    _play(call, source, "scale", (f"{kind_of(kind)}/{rest}",), given={"replicas": int(number)})


@app.command(
    cls=LightCommand,
    epilog=options.examples(
        "seakeep rehearse quota quota.yaml",
        "seakeep rehearse quota quota.yaml dump.json -v",
    ),
)
@sharing
def quota(
    file: Annotated[Path, typer.Argument(help="A manifest with ResourceQuotas (and LimitRanges).", metavar="FILE")],
    call: Bounded,
    source: options.Source = None,
) -> None:
    """Set a quota, then restart every workload of its namespaces.

    A quota touches no pod that runs; what it forbids shows at the next rollout.
    """
    from seakeep.adapters.errors import UsageError
    from seakeep.adapters.manifests import read_manifests

    objects = read_manifests(file)
    if not any(item["kind"] in {"ResourceQuota", "LimitRange"} for item in objects):
        raise UsageError(f"{file} holds no ResourceQuota", f"For other manifests: seakeep rehearse apply {file}")
    _play(call, source, "apply", (), objects=objects, restart=True)


@app.command(
    cls=LightCommand,
    epilog=options.examples(
        "seakeep rehearse run scenario.yaml",
        "seakeep rehearse run scenario.yaml dump.json -o junit --out result.xml",
    ),
)
@sharing
def run(
    scenario: Annotated[
        Path,
        typer.Argument(help="A scenario (apiVersion seakeep/v1, kind Scenario).", dir_okay=False, metavar="SCENARIO"),
    ],
    call: Call,
    source: options.Source = None,
) -> None:
    """Play a scenario with expectations.

    Where it has expectations, they alone decide: exit 0 when all are met, 12 when one is not.
    """
    from seakeep.adapters.scenario_file import read_scenario

    _rehearse(call, source, read_scenario(scenario))


def _play(
    call: Bounded,
    source: str | None,
    verb: str,
    targets: tuple[str, ...],
    *,
    given: Mapping[str, Any] | None = None,
    objects: tuple[Mapping[str, Any], ...] = (),
    restart: bool = False,
) -> None:
    from seakeep.model.scenario import Scenario, Step

    step = Step(verb, targets, objects, given or {}, call.bound)
    steps = (step, Step("restart", options={"namespacesOf": objects}, bound=call.bound)) if restart else (step,)
    _rehearse(call, source, Scenario("quota " + step.text.partition(" ")[2] if restart else step.text, steps))


def _rehearse(call: Call, source: str | None, scenario: Scenario) -> None:
    from seakeep.app.rehearse import rehearse
    from seakeep.app.scenario_names import check
    from seakeep.cli import output as outputs
    from seakeep.render.rehearsal.forms import render_rehearsal

    form, intent = outputs.default_form(call.output, call.out), call.intent()
    engine = None
    if call.engine is not Engine.TWIN:
        from seakeep.app.real_engine import load

        engine = load(call.engine.value)
        # `kill`, and a pipeline that is cancelled, must not leave a control plane running.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    with outputs.Progress(quiet=call.quiet) as progress:
        found = call.read(source, progress)
        if found.shows_cluster:
            check(found, scenario)
        value = rehearse(found, scenario, intent, options.today(), progress, engine)
    text = render_rehearsal(value, form.value, width=outputs.width(), verbose=call.verbose)
    outputs.emit(text, call.out, quiet=call.quiet)
    outputs.warn_unsettled(value.unsettled)
    outputs.finish(exit_code(value), no_exit_code=call.no_exit_code)


def exit_code(value: Rehearsal) -> int:
    """Where the twin and the real control plane differ, 3: neither can be relied on. Else expectations decide where there are any; else 20 refused or blocked, 12 a service below its need, 3 not settled, before or after."""
    from seakeep.model.rehearsal import Verdict

    if value.comparison is not None and not value.comparison.equal:
        return 3
    if value.expectations:
        return 0 if all(item.met for item in value.expectations) else 12
    return {Verdict.FINE: 3 if value.unsettled else 0, Verdict.DEGRADED: 12, Verdict.UNSETTLED: 3}.get(
        value.verdict, 20
    )
