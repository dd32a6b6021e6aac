"""`seakeep`: the commands and how errors reach the user."""

from __future__ import annotations

import os
import sys

# Nothing else is imported before `main` is called, not even from the standard library: an interrupt until then ends in Python's own traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import typer

USAGE, INTERRUPTED = 2, 130
EPILOG = """\b
Exit codes:
  0      clean
  1      internal error; a run that stopped, failed or was not confirmed
  2      usage, or input that cannot be read
  3      something that matters was not read, or is unwell for no known cause
  10-13  the worst that was found: info, warning, error, critical
  20     refused: a plan, a change, a disruption
  21     rolled back
  130    interrupted"""

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


def application(command: str = "") -> typer.Typer:
    """With the commands of one command's module; with all of them where it is none."""
    import importlib

    import typer

    from seakeep.cli.light import LightGroup
    from seakeep.cli.options import top

    found = typer.Typer(
        name="seakeep",
        cls=LightGroup,
        help="Find what ails a Kubernetes data platform; plan, rehearse and apply its repair.",
        epilog=EPILOG,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    found.callback()(top)
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
    # What is shown is UTF-8 whatever the locale says; a locale that cannot is most often one that nobody has set.
    if hasattr(sys.stderr, "reconfigure"):
        sys.stderr.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        run()
    except KeyboardInterrupt:  # before, between or behind what a command does
        _told("interrupted")
        os._exit(INTERRUPTED)
    except SystemExit as done:
        if not isinstance(done.code, int | None):
            raise
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except OSError:  # told before, or nobody reads it
            pass
        os._exit(done.code or 0)


def run() -> None:
    """One command. Known errors become one clear message; unknown ones too, with the traceback under -v."""
    import gc

    # One command, one process: what it makes lives until its end, so that looking for cycles in it is time lost.
    gc.disable()
    from seakeep.adapters.errors import SeakeepError

    try:
        application("".join(sys.argv[1:2]))()
    except SeakeepError as error:
        _told(str(error), error.hint)
        sys.exit(error.exit_code)
    except SystemExit as done:
        if done.code == INTERRUPTED:  # Typer ends so, without a word
            _told("interrupted")
        raise
    except Exception as error:
        if {"-v", "--verbose"} & set(sys.argv):
            raise
        if isinstance(error, PermissionError) and error.filename:  # a place that a user named, wherever it is met first
            _told(
                f"{os.fsdecode(error.filename)}: {error.strerror}",
                "Are the rights of file and folder what they should be?",
            )
            sys.exit(USAGE)
        _told(f"internal error: {type(error).__name__}; run again with -v for the details and please report it")
        sys.exit(1)


def _told(text: str, hint: str = "") -> None:
    try:
        sys.stderr.write(f"seakeep: {text}\n" + (f"  {hint}\n" if hint else ""))
        sys.stderr.flush()
    except OSError:  # nobody reads it
        return


if __name__ == "__main__":
    main()
