"""`seakeep`: the commands and how errors reach the user."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
from typing import Annotated

import typer

from seakeep import __version__
from seakeep.cli.light import LightGroup

INTERRUPTED = 130
EPILOG = "Exit codes: 0 clean, 1 internal error, 2 usage or unreadable input, 3 incomplete observation, 10-13 info, warning, error, critical found."

# Module of each command: a run of one command loads no other's, which is half of what a small run takes.
_HOMES = {
    "check": "observe",
    "diagnose": "observe",
    "report": "report",
    "snapshot": "snapshot",
    "demo": "demo",
    "explain": "catalog",
    "services": "catalog",
    "platform": "platform",
    "rehearse": "rehearse",
    "survive": "survive",
    "plan": "plan",
    "apply": "apply",
    "rollback": "apply",
    "history": "apply",
    "verify": "apply",
}


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"seakeep {__version__}")
        raise typer.Exit


def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version


def application(command: str = "") -> typer.Typer:
    """With the commands of one command's module; with all of them where it is none."""
    found = typer.Typer(
        name="seakeep",
        cls=LightGroup,
        help="Observe, score, diagnose and report on a Kubernetes data platform that is unwell.",
        epilog=EPILOG,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    found.callback()(_main)
    for name in [_HOMES[command]] if command in _HOMES else dict.fromkeys(_HOMES.values()):
        home = importlib.import_module(f"seakeep.cli.{name}")
        if hasattr(home, "register"):
            home.register(found)
        else:
            found.add_typer(home.app, name=name)
    return found


def __getattr__(name: str) -> typer.Typer:
    """`app`: the whole command line, for whoever asks for more than one command of it."""
    if name != "app":
        raise AttributeError(name)
    globals()["app"] = found = application()
    return found


def main() -> None:
    """Entry point. Ends the process at once: taking a large snapshot apart, object by object, takes seconds and serves nobody."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by whoever started it: as if it were /dev/null
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 - to the end of the process
    try:
        run()
    except SystemExit as done:
        if not isinstance(done.code, int | None):
            raise
        with contextlib.suppress(OSError):  # told before, or nobody reads it
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(done.code or 0)


def run() -> None:
    """One command. Known errors become one clear message; unknown ones too, with the traceback under -v."""
    from seakeep.adapters.errors import SeakeepError

    # One command, one process: what it makes lives until its end, so that looking for cycles in it is time lost.
    gc.disable()
    try:
        application("".join(sys.argv[1:2]))()
    except SeakeepError as error:
        typer.echo(f"seakeep: {error}", err=True)
        if error.hint:
            typer.echo(f"  {error.hint}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("seakeep: interrupted", err=True)
        sys.exit(INTERRUPTED)
    except SystemExit as done:
        if done.code == INTERRUPTED:  # Typer ends so, without a word
            typer.echo("seakeep: interrupted", err=True)
        raise
    except BrokenPipeError:
        # The reader (head, less) went away: point stdout elsewhere so that the interpreter's own flush stays quiet.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if {"-v", "--verbose"} & set(sys.argv):
            raise
        typer.echo(
            f"seakeep: internal error: {type(error).__name__}; run again with -v for the details and please report it",
            err=True,
        )
        sys.exit(1)


if __name__ == "__main__":
    main()
