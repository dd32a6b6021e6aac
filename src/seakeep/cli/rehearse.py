"""rehearse …: play something on the twin."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seakeep.cli import options

if TYPE_CHECKING:
    from seakeep.model.rehearsal import Rehearsal
    from seakeep.model.scenario import Scenario

app = typer.Typer(
    help="Play a change or a disruption on the twin, Seakeep's own Kubernetes in memory.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Form(StrEnum):
    TEXT = "text"
    JSON = "json"


class RehearsalForm(StrEnum):
    TEXT = "text"
    JSON = "json"
    YAML = "yaml"
    MD = "md"
    HTML = "html"
    JUNIT = "junit"


@app.command(
    epilog="Examples: seakeep rehearse schedule | seakeep rehearse schedule dump.json -o json | seakeep rehearse schedule --stream -o json"
)
def schedule(
    source: options.Source = None,
    output: Annotated[Form, typer.Option("--output", "-o", help="Form of the answer.")] = Form.TEXT,
    stream: Annotated[
        bool, typer.Option("--stream", help="Read a v1 List as JSON per line from stdin; write an answer per line.")
    ] = False,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    namespace: options.Namespaces = None,
    quiet: options.Quiet = False,
) -> None:
    """Judge each pending pod alone, as kube-scheduler would.

    Which nodes could take it, why the others could not, and each plugin's weighted score.
    """
    import sys

    import msgspec

    from seakeep.adapters.open import open_source
    from seakeep.app.rehearse import schedule as judged
    from seakeep.app.rehearse import schedule_stream
    from seakeep.cli.output import Progress
    from seakeep.render.placements import placements_text

    if stream:
        encoder = msgspec.json.Encoder()
        for answer in schedule_stream(sys.stdin.buffer):
            sys.stdout.buffer.write(encoder.encode(answer) + b"\n")
            sys.stdout.buffer.flush()
        return
    with Progress(quiet=quiet) as progress:
        found = open_source(
            source,
            context=context,
            kubeconfig=kubeconfig,
            namespaces=tuple(namespace or ()),
            alerts=None,
            metrics=None,
            progress=progress,
        )
        progress("Judging pending pods")
        placements = judged(found)
    if output is Form.JSON:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(placements), indent=2) + b"\n")
    else:
        typer.echo(placements_text(placements), nl=False)


@app.command(
    epilog="Examples: seakeep rehearse reach dump.json --from Deployment/shop/web --to db:5432 | seakeep rehearse reach --from Pod/shop/web-0 --to kube-dns.kube-system:53/UDP --lost node-1"
)
def reach(
    source: options.Source = None,
    start: Annotated[
        str, typer.Option("--from", metavar="END", help="Pod/namespace/name, a workload (Deployment/…), or Node/name.")
    ] = ...,  # type: ignore[assignment]  # typer's mark for an option that must be given
    target: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="HOST:PORT",
            help="A name as the pod would use it, or an address; /UDP or /SCTP after the port for other protocols than TCP. Pod/namespace/name:PORT and Service/namespace/name:PORT go without DNS.",
        ),
    ] = ...,  # type: ignore[assignment]
    pairs: Annotated[
        list[str] | None,
        typer.Option("--broken", metavar="NODE,NODE", help="Nothing passes between two nodes (repeatable)."),
    ] = None,
    lost: Annotated[list[str] | None, typer.Option("--lost", metavar="NODE", help="A lost node (repeatable).")] = None,
    no_proxy: Annotated[
        list[str] | None, typer.Option("--no-proxy", metavar="NODE", help="kube-proxy is down there (repeatable).")
    ] = None,
    no_cni: Annotated[
        list[str] | None, typer.Option("--no-cni", metavar="NODE", help="Pods have no network there (repeatable).")
    ] = None,
    output: Annotated[Form, typer.Option("--output", "-o", help="Form of the answer.")] = Form.TEXT,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    namespace: options.Namespaces = None,
    quiet: options.Quiet = False,
    no_exit_code: options.NoExitCode = False,
) -> None:
    """Can one end reach another on a port, and if not, which object says so?

    By names, Services, endpoints, policies, and what is broken between nodes. Exits 0 where it can, 11 where some connections fail, 12 where it cannot, 3 where that depends on what was not seen.
    """
    import sys

    import msgspec

    from seakeep.adapters.open import open_source
    from seakeep.app.reach import AddressError, ask, exit_code, pair
    from seakeep.cli.output import Progress, finish
    from seakeep.render.reachability import reachability_text
    from seakeep.twin.network.faults import Faults
    from seakeep.twin.network.sources import SourceUnknownError

    try:
        broken = frozenset(pair(item) for item in pairs or ())
        faults = Faults(broken, frozenset(lost or ()), frozenset(no_proxy or ()), frozenset(no_cni or ()))
        with Progress(quiet=quiet) as progress:
            found = open_source(
                source,
                context=context,
                kubeconfig=kubeconfig,
                namespaces=tuple(namespace or ()),
                alerts=None,
                metrics=None,
                progress=progress,
            )
            answer = ask(found, start, target, faults)
    except (AddressError, SourceUnknownError) as error:
        raise typer.BadParameter(str(error)) from error
    if output is Form.JSON:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(answer), indent=2) + b"\n")
    else:
        typer.echo(reachability_text(answer), nl=False)
    finish(exit_code(answer.verdict), no_exit_code=no_exit_code)


Source = Annotated[str | None, typer.Argument(help=options.SOURCE_HELP, show_default=False, metavar="[SOURCE]")]
SourceOption = Annotated[str | None, typer.Option("--source", "-s", help=options.SOURCE_HELP)]
Output = Annotated[RehearsalForm, typer.Option("--output", "-o", help="Form of the answer.")]
Bound = Annotated[
    float, typer.Option("--for", help="Seconds on the twin's clock that a step may take to settle.", min=1, max=86_400)
]


@app.command(
    epilog="Examples: seakeep rehearse drain node-1 | seakeep rehearse drain node-1 dump.json -o json | seakeep rehearse drain node-1 --no-force"
)
def drain(
    node: Annotated[str, typer.Argument(help="The node to drain.")],
    source: Source = None,
    output: Output = RehearsalForm.TEXT,
    out: options.Out = None,
    platform: options.PlatformFile = None,
    force: Annotated[bool, typer.Option(help="As kubectl: evict pods without a controller too.")] = True,
    ignore_daemonsets: Annotated[bool, typer.Option(help="As kubectl: leave DaemonSets' pods.")] = True,
    delete_emptydir_data: Annotated[
        bool, typer.Option(help="As kubectl: evict pods with emptyDir volumes too.")
    ] = True,
    bound: Bound = 900.0,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    namespace: options.Namespaces = None,
    no_exit_code: options.NoExitCode = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Drain a node, as kubectl would.

    Evictions respect PodDisruptionBudgets, and all of one drain count together.
    """
    given = {"force": force, "ignoreDaemonSets": ignore_daemonsets, "deleteEmptyDirData": delete_emptydir_data}
    _play(_Call(locals()), "drain", (node,), given=given)


@app.command(
    epilog="Examples: seakeep rehearse lose node-1 | seakeep rehearse lose zone/eu-1a dump.json | seakeep rehearse lose node-1 -o md"
)
def lose(
    target: Annotated[str, typer.Argument(help="A node, or zone/ZONE for all nodes of a zone.")],
    source: Source = None,
    output: Output = RehearsalForm.TEXT,
    out: options.Out = None,
    platform: options.PlatformFile = None,
    bound: Bound = 900.0,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    namespace: options.Namespaces = None,
    no_exit_code: options.NoExitCode = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Lose a node or a zone: kubelets fall silent and do not come back."""
    zone = target.removeprefix("zone/") if target.startswith("zone/") else ""
    _play(_Call(locals()), "lose", (target,), given={"zones": (zone,)} if zone else {})


@app.command(
    epilog="Examples: seakeep rehearse upgrade | seakeep rehearse upgrade dump.json --node node-1 --node node-2"
)
def upgrade(
    source: Source = None,
    node: Annotated[list[str] | None, typer.Option("--node", help="Only this node (repeatable).")] = None,
    reboot: Annotated[float, typer.Option(help="Seconds that each node is away.", min=0)] = 120.0,
    output: Output = RehearsalForm.TEXT,
    out: options.Out = None,
    platform: options.PlatformFile = None,
    bound: Bound = 900.0,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    namespace: options.Namespaces = None,
    no_exit_code: options.NoExitCode = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Upgrade the nodes one after the other: drain, reboot, uncordon."""
    _play(_Call(locals()), "upgrade", tuple(node or ()), given={"reboot": reboot})


@app.command(
    epilog="Examples: seakeep rehearse apply deployment.yaml | seakeep rehearse apply manifests/ --source dump.json"
)
def apply(
    files: Annotated[list[Path], typer.Argument(help="Manifests, or folders of them.")],
    source: SourceOption = None,
    output: Output = RehearsalForm.TEXT,
    out: options.Out = None,
    platform: options.PlatformFile = None,
    bound: Bound = 900.0,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    namespace: options.Namespaces = None,
    no_exit_code: options.NoExitCode = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Apply manifests: what admission says, and what the rollout does."""
    from seakeep.adapters.manifests import read_manifests

    objects = tuple(item for path in files for item in read_manifests(path))
    _play(_Call(locals()), "apply", (), objects=objects)


@app.command(
    epilog="Examples: seakeep rehearse scale Deployment/shop/web=5 | seakeep rehearse scale StatefulSet/kafka/kafka=1 dump.json"
)
def scale(
    target: Annotated[str, typer.Argument(help="Kind/namespace/name=replicas.")],
    source: Source = None,
    output: Output = RehearsalForm.TEXT,
    out: options.Out = None,
    platform: options.PlatformFile = None,
    bound: Bound = 900.0,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    namespace: options.Namespaces = None,
    no_exit_code: options.NoExitCode = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Scale a workload."""
    named, _, number = target.partition("=")
    if named.count("/") != 2 or not number.isdecimal():
        raise typer.BadParameter(f"{target!r}: write Kind/namespace/name=replicas", param_hint="TARGET")
    _play(_Call(locals()), "scale", (named,), given={"replicas": int(number)})


@app.command(epilog="Examples: seakeep rehearse quota quota.yaml | seakeep rehearse quota quota.yaml dump.json -v")
def quota(
    file: Annotated[Path, typer.Argument(help="A manifest with ResourceQuotas (and LimitRanges).")],
    source: Source = None,
    output: Output = RehearsalForm.TEXT,
    out: options.Out = None,
    platform: options.PlatformFile = None,
    bound: Bound = 900.0,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    namespace: options.Namespaces = None,
    no_exit_code: options.NoExitCode = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Set a quota, then restart every workload of its namespaces.

    A quota touches no pod that runs; what it forbids shows at the next rollout.
    """
    from seakeep.adapters.manifests import read_manifests

    _play(_Call(locals()), "apply", (), objects=read_manifests(file), restart=True)


@app.command(
    epilog="Examples: seakeep rehearse run scenario.yaml | seakeep rehearse run scenario.yaml dump.json -o junit --out result.xml"
)
def run(
    scenario: Annotated[
        Path, typer.Argument(help="A scenario (apiVersion seakeep/v1, kind Scenario).", dir_okay=False)
    ],
    source: Source = None,
    output: Output = RehearsalForm.TEXT,
    out: options.Out = None,
    platform: options.PlatformFile = None,
    context: options.Context = None,
    kubeconfig: options.Kubeconfig = None,
    namespace: options.Namespaces = None,
    no_exit_code: options.NoExitCode = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Play a scenario with expectations.

    Where it has expectations, they alone decide: exit 0 when all are met, 12 when one is not.
    """
    from seakeep.adapters.scenario_file import read_scenario

    _rehearse(_Call(locals()), read_scenario(scenario))


class _Call:
    """The options that all of these commands share."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.source: str | None = given["source"]
        self.output: RehearsalForm = given["output"]
        self.out: Path | None = given["out"]
        self.platform: Path | None = given["platform"]
        self.context: str | None = given["context"]
        self.kubeconfig: Path | None = given["kubeconfig"]
        self.namespace: list[str] = given["namespace"] or []
        self.no_exit_code: bool = given["no_exit_code"]
        self.quiet: bool = given["quiet"]
        self.verbose: bool = given["verbose"]
        self.bound: float = given.get("bound", 900.0)


def _play(
    call: _Call,
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
    _rehearse(call, Scenario("quota " + step.text.partition(" ")[2] if restart else step.text, steps))


def _rehearse(call: _Call, scenario: Scenario) -> None:
    from seakeep.adapters.open import open_source
    from seakeep.app.rehearse import rehearse
    from seakeep.cli import output as outputs
    from seakeep.cli.observe import intent_of, today
    from seakeep.render.rehearsals import render_rehearsal

    with outputs.Progress(quiet=call.quiet) as progress:
        found = open_source(
            call.source,
            context=call.context,
            kubeconfig=call.kubeconfig,
            namespaces=tuple(call.namespace),
            logs=False,
            progress=progress,
        )
        value = rehearse(found, scenario, intent_of(call.platform), today(), progress)
    text = render_rehearsal(value, call.output.value, width=outputs.width(), verbose=call.verbose)
    outputs.emit(text, call.out)
    outputs.finish(exit_code(value), no_exit_code=call.no_exit_code)


def exit_code(value: Rehearsal) -> int:
    """Expectations decide where there are any; else 20 refused or blocked, 12 a service below its need, 3 not settled."""
    from seakeep.model.rehearsal import Verdict

    if value.expectations:
        return 0 if all(item.met for item in value.expectations) else 12
    return {Verdict.FINE: 0, Verdict.DEGRADED: 12, Verdict.UNSETTLED: 3}.get(value.verdict, 20)
