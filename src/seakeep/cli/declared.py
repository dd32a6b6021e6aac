"""Which platform.yaml a command goes by: the one named, else the one that the plan or the run was made with, so that scores are those foretold. Whatever is otherwise is said."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from seakeep.adapters.plan_types import PlanMadeWith
    from seakeep.model.platform import Intent

_USUAL = Path("platform.yaml")
_METRICS = "it was planned with --metrics, which apply does not read: hardening may be other than foretold"


@dataclass(frozen=True, slots=True)
class Declared:
    """`path` is None where nothing is declared; `namespaces` are the only ones to be read; `otherwise` says why scores may differ from the plan's."""

    path: Path | None = None
    namespaces: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()

    def intent(self) -> Intent:
        from seakeep.adapters.platform_file import read_intent
        from seakeep.model.platform import Intent

        return read_intent(self.path) if self.path is not None else Intent()


def made_with(path: Path | None, namespaces: Sequence[str], *, metrics: bool) -> PlanMadeWith:
    """What a plan keeps of how it was made. The path is kept as it was named: a plan may go into Git."""
    from seakeep.adapters.plan_types import PlanMadeWith

    used = path or _usual()
    return PlanMadeWith(str(used or ""), _digest(used) if used else "", sorted(namespaces), metrics)


def declared(named: Path | None, made: PlanMadeWith | None, plan: Path) -> Declared:
    """For a run of a plan file."""
    if made is None:  # a plan of before, or of no file
        return Declared(named or _usual())
    told = (_METRICS,) if made.metrics else ()
    if named is not None:
        same = made.platform and made.digest == _digest(named)
        return Declared(named, tuple(made.namespaces), told if same else (*told, _other(named, made)))
    if not made.platform:
        return Declared(None, tuple(made.namespaces), told)
    places = [Path(made.platform), plan.parent / made.platform, plan.parent / Path(made.platform).name]
    there = [place for place in places if place.is_file()]
    same_one = next((place for place in there if _digest(place) == made.digest), None)
    found = same_one or next(iter(there), None)
    if found is None:
        told = (
            *told,
            f"it was planned with {made.platform}, which is not here: scores go without it unless -p names it",
        )
    elif same_one is None:
        told = (*told, f"{found} has changed since the plan was made with it")
    return Declared(found, tuple(made.namespaces), told)


def of_run(named: Path | None, told: Mapping[str, Any]) -> Declared:
    """For a run that goes on; `told` is what its journal keeps of how it was begun."""
    namespaces, otherwise = tuple(told.get("namespaces", ())), tuple(told.get("otherwise", ()))
    if "options" not in told:  # a journal of before
        return Declared(named or _usual())
    kept = told["options"].get("--platform", "")
    found = named or (Path(kept) if kept and Path(kept).is_file() else None)
    if named is not None and str(named.resolve()) != kept:
        otherwise += (f"it was begun with {kept or 'no platform.yaml'}, and goes on by {named}",)
    elif found is None and kept:
        otherwise += (f"it was begun with {kept}, which is not here: scores go without it unless -p names it",)
    return Declared(found, namespaces, tuple(dict.fromkeys(otherwise)))


def _other(named: Path, made: PlanMadeWith) -> str:
    with_it = f"it was planned with {made.platform}" if made.platform else "it was planned without a platform.yaml"
    return (
        f"{named} has changed since the plan was made with it"
        if made.platform == str(named)
        else f"{with_it}, and goes by {named}"
    )


def _usual() -> Path | None:
    return _USUAL if _USUAL.is_file() else None


def _digest(path: Path) -> str:
    from seakeep.adapters.own_files import text_of

    # What is no file, such as a pipe, can be read once.
    return hashlib.sha256(text_of(path).encode()).hexdigest()[:16] if path.is_file() else ""
