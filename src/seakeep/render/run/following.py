"""What can be done next with a run: commands to copy."""

from __future__ import annotations

from dataclasses import dataclass

from seakeep.model.run import RunState

_GO_ON = "seakeep apply --resume {id}{where}{lease}{how}"
_BACK = "seakeep rollback {id}{where}{lease}{back}"
_NEXT = {
    RunState.PAUSED: ("Go on with:", _GO_ON),
    RunState.STOPPED: ("Once that is mended, go on with:", _GO_ON),
    RunState.RUNNING: ("It was cut off. Go on, or take it back, with:", _GO_ON, _BACK),
    RunState.PREPARING: ("It was cut off. Go on with:", _GO_ON),
    RunState.ROLLING_BACK: ("It was cut off. Go on with:", _BACK),
    RunState.FAILED: ("Once that is put right, go on, or take it back, with:", _GO_ON, _BACK),
    RunState.ROLLED_BACK: ("It has ended. To try again, begin with a new plan:", "seakeep plan --out plan.yaml"),
    RunState.DONE: ("Look at it, or take it back, with:", "seakeep verify {id}{where}", _BACK),
}

# What others changed since stands in the way.
_NOT_BACK = (
    "Once that is put right, or over what others have changed, take it back with:",
    _BACK,
    "seakeep rollback {id}{where}{lease} --force-conflicts",
)


@dataclass(frozen=True, slots=True)
class Again:
    """Options that a command that follows must be given again: `where` the journal and the cluster are, where the `lease` is, `how` a run goes forward, and how it goes `back`."""

    where: str = ""
    lease: str = ""
    how: str = ""
    back: str = ""


def following(state: RunState, name: str, again: Again | None = None, *, back: bool = False) -> list[str]:
    """Each command on a line of its own; `back` of a rollback that was asked for."""
    title, *commands = _NOT_BACK if back and state is RunState.FAILED else _NEXT.get(state, ("",))
    again = again or Again()
    parts = {"id": name, "where": again.where, "lease": again.lease, "how": again.how, "back": again.back}
    return [title, *(f"  {text.format(**parts)}" for text in commands)] if commands else []


def following_dry(state: RunState, plan: str, again: Again, *, judged: bool) -> list[str]:
    """Behind a dry run that went well; `judged` by the API server already."""
    if state is not RunState.DONE:
        return []
    command = f"  seakeep apply {plan}{again.where}"
    return (
        ["Apply it with:", f"{command}{again.lease}{again.how}"]
        if judged
        else ["Let the API server judge it with:", f"{command} --dry-run=server"]
    )
