"""rehearse repack: room for pods that wait."""

from __future__ import annotations

import typer

from seakeep.cli import options
from seakeep.cli.light import LightCommand
from seakeep.cli.sharing import sharing

# Pods still wait.
_WAITING = 12


def register(app: typer.Typer) -> None:
    app.command(
        cls=LightCommand,
        epilog=options.examples(
            "seakeep rehearse repack",
            "seakeep rehearse repack dump.json --metrics http://prometheus:9090",
            "seakeep rehearse repack dump.skz -o json",
        ),
    )(repack)


@sharing
def repack(
    call: options.Judging,
    source: options.Source = None,
    metrics: options.Metrics = None,
    output: options.Answer = options.TextForm.TEXT,
) -> None:
    """Find room for pods that wait.

    The cluster as a whole may have it, and no node enough. First smaller requests of their own, by what was measured; then pods moved out of the way under their budgets; then smaller requests of others. All is played on the twin,
    and written as commands. Where there is no room, what is lacking. Needs OR-tools (pip install 'seakeep[repack]') where best fit falls short. Exits 12 where pods still wait.
    """
    from seakeep.app.repack import repacked
    from seakeep.cli import output as outputs
    from seakeep.render.formats import data
    from seakeep.render.rehearsal.repacking_text import repacking_text
    from seakeep.render.rehearsal.repacking_wire import repacking

    form, intent = outputs.default_form(output, call.out), call.intent()
    with outputs.Progress(quiet=call.quiet) as progress:
        found = call.read(source, progress, options.Evidence(metrics=metrics))
        value = repacked(found, intent, options.today(), progress)
    if form is options.TextForm.TEXT:
        text = repacking_text(value, width=outputs.width(), verbose=call.verbose)
    else:
        text = data(repacking(value), form.value)
    outputs.emit(text, call.out, quiet=call.quiet)
    outputs.finish(_WAITING if value.left else 0, no_exit_code=call.no_exit_code)
