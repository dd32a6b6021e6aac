"""What can be done next with a run: commands to copy."""

from __future__ import annotations

from collections.abc import Callable

from seakeep.model.again import Again
from seakeep.model.run import RunState

Next = tuple[str, tuple[Callable[[Again, str], str], ...]]

_NEXT: dict[RunState, Next] = {
    RunState.PAUSED: ("Go on with:", (Again.resume,)),
    RunState.STOPPED: ("Once that is mended, go on with:", (Again.resume,)),
    RunState.RUNNING: ("It was cut off. Go on, or take it back, with:", (Again.resume, Again.rollback)),
    RunState.PREPARING: ("It was cut off. Go on with:", (Again.resume,)),
    RunState.ROLLING_BACK: ("It was cut off. Go on with:", (Again.rollback,)),
    RunState.FAILED: ("Once that is put right, go on, or take it back, with:", (Again.resume, Again.rollback)),
    RunState.DONE: ("Look at it, or take it back, with:", (Again.verify, Again.rollback)),
}

# What others changed since stands in the way.
_NOT_BACK: Next = (
    "Once that is put right, or over what others have changed, take it back with:",
    (Again.rollback, Again.force_back),
)


def following(state: RunState, name: str, again: Again | None = None, *, back: bool = False) -> list[str]:
    """Each command on a line of its own; `back` of a rollback that was asked for."""
    if state is RunState.ROLLED_BACK:
        return ["It has ended. To try again, begin with a new plan:", "  seakeep plan --out plan.yaml"]
    if state not in _NEXT:
        return []
    title, commands = _NOT_BACK if back and state is RunState.FAILED else _NEXT[state]
    return [title, *(f"  {command(again or Again(), name)}" for command in commands)]


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
