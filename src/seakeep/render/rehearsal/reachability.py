"""Whether one end reaches another, for the terminal and as JSON."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, UnsetType, field

from seakeep.model.refs import Ref
from seakeep.render.rehearsal.lines import wrapped
from seakeep.render.report.types import Version, Wire
from seakeep.render.safe import line
from seakeep.twin.network.answer import Answer, Step

_STEPS = 20


class Object(Wire):
    kind: str
    namespace: str
    name: str


class Stage(Wire):
    """`object` is left out for what is no object of the cluster."""

    what: str
    field: str = ""
    object: Object | UnsetType = UNSET


class Reachability(Wire):
    """`seakeep rehearse reach`. `decides` is left out where no object does; `others` bar the way together with it; `assumed` was taken for granted, as it was not seen."""

    source: Object = field(name="from")
    host: str
    port: int
    protocol: str
    verdict: str
    path: list[Stage]
    others: list[Object]
    assumed: list[str]
    decides: Stage | UnsetType = UNSET
    api_version: Version = "seakeep/v1"
    kind: Literal["Reachability"] = "Reachability"


def reachability(source: Ref, host: str, port: int, protocol: str, answer: Answer) -> Reachability:
    return Reachability(
        source=Object(*source),
        host=host,
        port=port,
        protocol=protocol,
        verdict=str(answer.verdict),
        path=[_stage(step) for step in answer.path],
        others=[Object(*ref) for ref in answer.others],
        assumed=list(answer.assumed),
        decides=_stage(answer.decides) if answer.decides else UNSET,
    )


def _stage(step: Step) -> Stage:
    return Stage(step.what, step.field, Object(*step.object) if step.object else UNSET)


def reachability_text(item: Reachability, *, width: int = 100) -> str:
    """The verdict with the object that decides, then the way, then what was taken for granted."""
    rows = wrapped(0, f"{_name(item.source)} to {item.host}:{item.port}/{item.protocol}: {item.verdict}", 300, width)
    if item.decides is not UNSET:
        # What it says stands at its step.
        full = item.decides not in item.path[:_STEPS] or item.decides.object is UNSET
        rows += wrapped(2, f"decided by {_told(item.decides) if full else _place(item.decides)}", 0, width)
    if item.others:
        shown = ", ".join(line(_name(each), 120) for each in item.others[:_STEPS])
        more = f" and {len(item.others) - _STEPS} more" if len(item.others) > _STEPS else ""
        rows += wrapped(2, f"together with {shown}{more}", 0, width)
    for number, step in enumerate(item.path[:_STEPS], start=1):
        rows += wrapped(2, f"{number}. {_told(step)}", 0, width)
    for each in item.assumed:
        rows += wrapped(2, f"assumed: {each}", 300, width)
    return "\n".join(rows) + "\n"


def _told(step: Stage) -> str:
    place = _place(step)
    return line(f"{place}: {step.what}" if place else step.what, 400)


def _place(step: Stage) -> str:
    return "" if step.object is UNSET else f"{_name(step.object)} {step.field}".rstrip()


def _name(item: Object) -> str:
    return f"{item.kind} {item.namespace}/{item.name}" if item.namespace else f"{item.kind} {item.name}"
