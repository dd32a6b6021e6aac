"""Options that several commands share, said once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from seakeep.cli.output import Progress
    from seakeep.model.platform import Intent
    from seakeep.model.snapshot import Snapshot


class ReportForm(StrEnum):
    TEXT = "text"
    JSON = "json"
    YAML = "yaml"
    MD = "md"
    HTML = "html"
    SARIF = "sarif"
    JUNIT = "junit"


class TextForm(StrEnum):
    """Of what is an answer, and no report."""

    TEXT = "text"
    JSON = "json"
    YAML = "yaml"


class BriefForm(StrEnum):
    TEXT = "text"
    JSON = "json"


class PageForm(StrEnum):
    TEXT = "text"
    JSON = "json"
    YAML = "yaml"
    MD = "md"


SOURCE_HELP = (
    "Nothing (the current kube context), a file, a folder, a tar archive or '-': kubectl JSON or YAML, cluster-info dump, support bundle, "
    "must-gather, manifests, .skz, or a kubectl transcript; compressed or not."
)

Source = Annotated[str | None, typer.Argument(help=SOURCE_HELP, show_default=False, metavar="SOURCE")]
Output = Annotated[ReportForm, typer.Option("--output", "-o", help="Form of the report.")]
Answer = Annotated[TextForm, typer.Option("--output", "-o", help="Form of the answer.")]
BriefAnswer = Annotated[BriefForm, typer.Option("--output", "-o", help="Form of the answer.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="Write the report to this file instead of stdout.", dir_okay=False)
]
PlatformFile = Annotated[
    Path | None,
    typer.Option(
        "--platform",
        "-p",
        help="platform.yaml: criticality, intended replicas, targets, waivers. Default: the one in the current folder, if any.",
        dir_okay=False,
    ),
]
Context = Annotated[
    str | None, typer.Option("--context", help="Kube context, when SOURCE is a live cluster.", metavar="NAME")
]
Kubeconfig = Annotated[
    Path | None, typer.Option("--kubeconfig", help="Kubeconfig file, when SOURCE is a live cluster.", dir_okay=False)
]
Namespaces = Annotated[
    list[str] | None,
    typer.Option(
        "--namespace", "-n", help="Read only this namespace of a live cluster (repeatable).", metavar="NAMESPACE"
    ),
]
Alerts = Annotated[
    str | None, typer.Option("--alerts", help="Alertmanager API v2 alerts: a JSON file or a URL.", metavar="FILE|URL")
]
Metrics = Annotated[
    str | None,
    typer.Option("--metrics", help="Prometheus-compatible metrics: a JSON file or a base URL.", metavar="FILE|URL"),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no hints on stderr.")]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", help="Every part, piece of evidence and reason; tracebacks of internal errors."),
]
Tracebacks = Annotated[bool, typer.Option("--verbose", "-v", help="Tracebacks of internal errors.")]
NoExitCode = Annotated[
    bool, typer.Option("--no-exit-code", help="Exit 0 whatever was found (errors still exit 1 to 3).")
]
Targets = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        help="Fail unless a score reaches a value: running=99, health=95, hardening=60, survival=80 (repeatable).",
        metavar="SCORE=VALUE",
    ),
]


def examples(*commands: str) -> str:
    """The end of a command's help: each on a line of its own, to be copied. The mark before them keeps Click from joining the lines."""
    return "\n".join(("\b", "Examples:" if len(commands) > 1 else "Example:", *(f"  {text}" for text in commands)))


def _version(wanted: bool) -> None:
    if wanted:
        from seakeep import __version__

        typer.echo(f"seakeep {__version__}")
        raise typer.Exit


def top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """The options of `seakeep` itself."""
    del version


def today() -> date:
    return datetime.now(UTC).date()


def intent_of(path: Path | None, *, quiet: bool = True) -> Intent:
    """The file named, else `platform.yaml` in the current folder, else nothing declared. Not `quiet`: stderr says that it is the one of the folder, which may be of another platform. What is wrong in it need not wait for a cluster to be read."""
    from seakeep.model.platform import Intent

    if path is None:
        path = Path("platform.yaml")
        if not path.is_file():
            return Intent()
        if not quiet:
            from seakeep.cli.saying import say

            say(f"by {path} of this folder")
    from seakeep.adapters.platform_file import read_intent

    return read_intent(path)


@dataclass(frozen=True, slots=True)
class Evidence:
    """From beside the cluster."""

    alerts: Alerts = None
    metrics: Metrics = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How a SOURCE is read: see `sharing`."""

    context: Context = None
    kubeconfig: Kubeconfig = None
    namespace: Namespaces = None
    quiet: Quiet = False

    def read(
        self, source: str | None, progress: Progress, evidence: Evidence | None = None, *, logs: bool = False
    ) -> Snapshot:
        """What is played does not need logs."""
        from seakeep.adapters.open import open_source

        evidence = evidence or Evidence()
        return open_source(
            source,
            context=self.context,
            kubeconfig=self.kubeconfig,
            namespaces=tuple(self.namespace or ()),
            alerts=evidence.alerts,
            metrics=evidence.metrics,
            logs=logs,
            progress=progress,
        )


@dataclass(frozen=True, slots=True)
class Judging(Reading):
    """What is declared of the platform, and where the answer goes."""

    platform: PlatformFile = None
    out: Out = None
    no_exit_code: NoExitCode = False
    verbose: Verbose = False

    def intent(self) -> Intent:
        return intent_of(self.platform, quiet=self.quiet)
