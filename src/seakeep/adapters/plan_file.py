"""Plans as files: YAML or JSON of `kind: Plan`, in a stable order, to be read, edited and checked again."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import yaml

from seakeep.adapters import plan_text
from seakeep.adapters.errors import UsageError
from seakeep.adapters.own_files import text_of, yaml_fault
from seakeep.adapters.plan_faults import fault
from seakeep.adapters.plan_types import (
    API_VERSION,
    PlanBase,
    PlanDocument,
    PlanLeftOut,
    PlanLimit,
    PlanMadeWith,
    PlannedChange,
    PlanNode,
    PlanObject,
    PlanQuestion,
    PlanReason,
    PlanRehearsal,
    PlanScores,
    PlanSource,
    PlanSurvival,
    PlanUndo,
    PlanWave,
)
from seakeep.model.change import Risk
from seakeep.model.fields import PathError, path_of
from seakeep.model.plan import (
    Asked,
    Base,
    LeftOut,
    Limit,
    NodeTried,
    Outcome,
    Plan,
    Planned,
    Reason,
    Survived,
    Undo,
    Verdict,
    Wave,
)
from seakeep.model.refs import Ref

_LARGEST = 32 * 1024 * 1024
_WRITE = "Write one with: seakeep plan SOURCE --out plan.yaml"
_FIELDS = "Correct it, or take the change out. docs/reference/seakeep-v1.schema.json describes the fields."


class PlanFileError(UsageError):
    """The file is no plan, or says what no plan can; the message names the field."""


def document(plan: Plan, made_with: PlanMadeWith | None = None) -> PlanDocument:
    """The form that is written."""
    return PlanDocument(
        id=plan.id,
        target=plan.target,
        base=PlanSource(plan.source, plan.made_at, plan.cluster, made_with),
        rehearsal=PlanRehearsal(
            plan.rehearsal.verdict,  # type: ignore[arg-type]  # one of the three
            _scores(plan.rehearsal.before),
            _scores(plan.rehearsal.after),
            list(plan.rehearsal.refusals),
            list(plan.rehearsal.notes),
            _survival(plan.rehearsal.survival),
        ),
        waves=[
            PlanWave(wave.name, wave.gate, [_change(item) for item in wave.changes], dict(wave.expected))
            for wave in plan.waves
        ],
        asked=[_question(item) for item in plan.asked],
        left_out=[PlanLeftOut(item.rule, PlanObject(*item.target), item.reason) for item in plan.left_out],
    )


def _question(item: Asked) -> PlanQuestion:
    also = [PlanReason(rule, PlanObject(*ref)) for rule, ref in item.also]
    return PlanQuestion(item.rule, PlanObject(*item.object), item.question, item.lookup, also)


def as_yaml(plan: Plan, made_with: PlanMadeWith | None = None) -> str:
    return plan_text.as_yaml(_ordered(plan, made_with))


def as_json(plan: Plan, made_with: PlanMadeWith | None = None) -> bytes:
    return plan_text.as_json(_ordered(plan, made_with))


def _ordered(plan: Plan, made_with: PlanMadeWith | None) -> dict[str, Any]:
    return {"apiVersion": API_VERSION, "kind": "Plan", **msgspec.to_builtins(document(plan, made_with))}


class PlanFile(NamedTuple):
    """A plan, and what it was made with where the file says so."""

    plan: Plan
    made_with: PlanMadeWith | None


def read_plan(path: Path) -> Plan:
    """Raises UsageError for everything that is no plan."""
    return read_plan_file(path).plan


def read_plan_file(path: Path) -> PlanFile:
    if path.is_file() and path.stat().st_size > _LARGEST:
        raise PlanFileError(f"{path} is larger than {_LARGEST // 1024 // 1024} MiB")
    return _parsed(text_of(path, _WRITE), str(path))


def parse_plan(text: str, name: str = "plan") -> Plan:
    return _parsed(text, name).plan


def _parsed(text: str, name: str) -> PlanFile:
    try:
        raw = plan_text.loaded(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        line, told = yaml_fault(error)
        raise PlanFileError(f"{name}:{line}: {told}", f"Correct it there. {_WRITE}") from error
    if raw is None:
        raise PlanFileError(f"{name} is empty", _WRITE)
    if not isinstance(raw, dict) or raw.get("kind") != "Plan":
        kind = raw.get("kind") if isinstance(raw, dict) else None
        raise PlanFileError(f"{name} is no plan: {f'its kind is {kind}' if kind else 'it has no kind'}", _WRITE)
    try:
        found = msgspec.convert(raw, PlanDocument)
    except msgspec.ValidationError as error:
        line, told = fault(error, raw, text, PlanDocument)
        raise PlanFileError(f"{name}:{line}: {told}", _FIELDS) from error
    plan = _model(found)
    _check(plan, name)
    return PlanFile(plan, found.base.made_with)


def _check(plan: Plan, name: str) -> None:
    seen: set[str] = set()
    for change in plan.changes:
        if change.id in seen:
            raise PlanFileError(f"{name}: two changes have the id {change.id}")
        seen.add(change.id)
        if not change.patch and not change.remove:
            raise PlanFileError(f"{name}: change {change.id} changes nothing")
        try:
            for text in (*change.remove, *change.undo.remove):
                path_of(text)
        except PathError as error:
            raise PlanFileError(f"{name}: change {change.id}: {error}") from error


def _scores(value: Outcome) -> PlanScores:
    return PlanScores(dict(value.scores), {name: "/".join(map(_shown, pair)) for name, pair in value.services.items()})


def _survival(value: Survived | None) -> PlanSurvival | None:
    if value is None:
        return None
    return PlanSurvival(
        [
            PlanNode(
                item.kind,  # type: ignore[arg-type]  # one of the two
                item.node,
                item.serving_before,
                item.serving,
                item.services,
                [PlanObject(*ref) for ref in item.stops_before],
                [PlanObject(*ref) for ref in item.stops],
            )
            for item in value.nodes
        ],
        [PlanLimit(item.reason, list(item.services)) for item in value.limits],
    )


def _survived(value: PlanSurvival | None) -> Survived | None:
    if value is None:
        return None
    return Survived(
        tuple(
            NodeTried(
                item.kind,
                item.node,
                tuple(map(_ref, item.stops_before)),
                tuple(map(_ref, item.stops)),
                item.serving_before,
                item.serving,
                item.services,
            )
            for item in value.nodes
        ),
        tuple(Limit(item.reason, tuple(item.services)) for item in value.limits),
    )


def _shown(count: int | None) -> str:
    return "?" if count is None else str(count)


def _outcome(value: PlanScores) -> Outcome:
    services = {}
    for name, text in value.services.items():
        ready, _, intended = text.partition("/")
        if not all(part == "?" or part.isdecimal() for part in (ready, intended)):
            raise PlanFileError(f"service {name}: {text!r} is no number of ready and intended pods, such as 2/3")
        services[name] = tuple(None if part == "?" else int(part) for part in (ready, intended))
    return Outcome(value.scores, services)  # type: ignore[arg-type]  # two of each


def _change(item: Planned) -> PlannedChange:
    base = item.base
    return PlannedChange(
        id=item.id,
        target=PlanObject(*item.target),
        api_version=item.api_version,
        rule=item.reasons[0].rule if item.reasons else "",
        risk=item.risk.value,
        reasons=[PlanReason(each.rule, PlanObject(*each.object), each.why) for each in item.reasons],
        patch=dict(item.patch),
        remove=list(item.remove),
        expected=dict(item.expected),
        reverted_by=item.reverted_by,
        base=PlanBase(base.uid, base.resource_version, base.digest) if base.exists else None,
        undo=PlanUndo(dict(item.undo.patch), list(item.undo.remove), item.undo.delete),
    )


def _ref(item: PlanObject) -> Ref:
    return Ref(item.kind, item.namespace, item.name)


def _model(found: PlanDocument) -> Plan:
    told = found.rehearsal
    return Plan(
        id=found.id,
        source=found.base.source,
        made_at=found.base.taken_at,
        cluster=found.base.cluster,
        target=found.target,
        waves=tuple(
            Wave(wave.name, tuple(map(_planned, wave.changes)), wave.gate, wave.expected) for wave in found.waves
        ),
        rehearsal=Verdict(
            told.verdict,
            _outcome(told.before),
            _outcome(told.after),
            tuple(told.refusals),
            tuple(told.notes),
            _survived(told.survival),
        ),
        asked=tuple(_asked(item) for item in found.asked),
        left_out=tuple(LeftOut(item.rule, _ref(item.target), item.reason) for item in found.left_out),
    )


def _asked(item: PlanQuestion) -> Asked:
    also = tuple((other.rule, _ref(other.object)) for other in item.also)
    return Asked(item.rule, _ref(item.object), item.question, item.lookup, also)


def _planned(item: PlannedChange) -> Planned:
    base = item.base or PlanBase()
    return Planned(
        id=item.id,
        target=_ref(item.target),
        api_version=item.api_version,
        patch=item.patch,
        remove=tuple(item.remove),
        risk=Risk(item.risk),
        reasons=tuple(Reason(each.rule, _ref(each.object), each.why) for each in item.reasons),
        base=Base(base.uid, base.resource_version, base.digest),
        undo=Undo(item.undo.patch, tuple(item.undo.remove), item.undo.delete),
        expected=item.expected,
        reverted_by=item.reverted_by,
    )
