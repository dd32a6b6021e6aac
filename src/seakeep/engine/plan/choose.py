"""Which of the proposals a plan takes: what the options allow, and no more than the target needs."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from heapq import heapify, heappop, heappush

from msgspec import Struct
from msgspec.structs import replace

from seakeep.engine.plan.proposals import Proposal
from seakeep.model.change import Risk
from seakeep.model.plan import Asked, LeftOut
from seakeep.model.refs import Ref
from seakeep.model.score import Score

_RISKS = list(Risk)
# Of what one question is asked of; which findings the rest are stands in the plan.
_LISTED = 12


class Options(Struct, frozen=True):
    """`target` is the least hardening score wanted (health and running are raised as far as repairs go). `only` and `skip` are rule or cause ids, `*` and `?` allowed; `namespaces` empty means all."""

    target: float = 95.0
    max_risk: Risk = Risk.MEDIUM
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()


def allowed(proposals: Sequence[Proposal], options: Options) -> tuple[list[Proposal], list[LeftOut]]:
    """What the options rule out is named, so that nobody takes it for done. What `only` leaves aside was not asked for."""
    kept: list[Proposal] = []
    left: list[LeftOut] = []
    for item in proposals:
        target = item.change.target
        if options.only and not _matches(item.rule, options.only):
            continue
        if options.namespaces and _space(target) not in options.namespaces:
            continue
        if _matches(item.rule, options.skip):
            left.append(LeftOut(item.rule, target, "skipped as asked"))
        elif _RISKS.index(item.change.risk) > _RISKS.index(options.max_risk):
            left.append(LeftOut(item.rule, target, f"its risk is {item.change.risk.value}"))
        else:
            kept.append(item)
    return kept, left


def asked(questions: Sequence[Asked], options: Options) -> list[Asked]:
    """Those of the rules and namespaces that were asked for, each once however many findings it settles."""
    kept = [
        item
        for item in questions
        if (not options.only or _matches(item.rule, options.only))
        and not _matches(item.rule, options.skip)
        and (not options.namespaces or _space(item.object) in options.namespaces)
    ]
    groups: dict[object, list[Asked]] = {}
    for item in dict.fromkeys(kept):
        key = (item.shared.question, item.shared.lookup) if item.shared else item
        groups.setdefault(key, []).append(item)
    return [_together(group) for group in groups.values()]


def _together(items: Sequence[Asked]) -> Asked:
    first, shared = items[0], items[0].shared
    if shared is None or len(items) == 1:
        return replace(first, shared=None)
    subjects = list(dict.fromkeys(item.shared.subject for item in items if item.shared))
    listed = ", ".join(subjects[:_LISTED])
    if len(subjects) > _LISTED:
        listed = f"{listed} and {len(subjects) - _LISTED} more"
    also = tuple((item.rule, item.object) for item in items[1:])
    return Asked(first.rule, first.object, shared.question.replace("{}", listed), shared.lookup, also)


def _matches(rule: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(rule, pattern) for pattern in patterns)


def _space(target: Ref) -> str:
    return target.name if target.kind == "Namespace" else target.namespace


def enough(proposals: Sequence[Proposal], hardening: Score, target: float) -> tuple[list[Proposal], list[LeftOut]]:
    """All repairs, and of the hardening the weightiest until the score reaches the target.

    The score is Σ weight x passed / Σ weight x applicable, and a finding that is mended adds its weight to the numerator; all changes of one finding go together. Among findings
    of equal weight those come first whose objects are written anyway: their pods are replaced once.
    """
    whole = sum(part.weight * part.of for part in hardening.parts)
    got = sum(part.weight * part.got for part in hardening.parts)
    kept = [item for item in proposals if item.is_repair]
    touched = {item.change.target for item in kept}
    units: dict[tuple[str, Ref], list[Proposal]] = {}
    for item in proposals:
        if not item.is_repair:
            units.setdefault((item.rule, item.object), []).append(item)
    left: list[LeftOut] = []
    waiting = dict(enumerate(units.values()))
    writing: dict[Ref, set[int]] = {}
    for number, unit in waiting.items():
        for item in unit:
            writing.setdefault(item.change.target, set()).add(number)
    # A unit's rank only rises, when what it writes is written anyway: then it is told anew, and what was told before is passed over.
    ranks = {number: _rank(unit, touched) for number, unit in waiting.items()}
    heap = [(rank, number) for number, rank in ranks.items()]
    heapify(heap)
    while waiting:
        if whole and 100 * got / whole >= target:
            left = [
                LeftOut(item.rule, item.change.target, f"not needed for a hardening of {target:g}")
                for unit in waiting.values()
                for item in unit
            ]
            break
        rank, number = heappop(heap)
        if number not in waiting or rank != ranks[number]:
            continue
        unit = waiting.pop(number)
        kept += unit
        got += unit[0].weight
        fresh = {item.change.target for item in unit} - touched
        touched |= fresh
        for other in {other for ref in fresh for other in writing[ref]} & waiting.keys():
            ranks[other] = _rank(waiting[other], touched)
            heappush(heap, (ranks[other], other))
    return kept, left


def _rank(unit: Sequence[Proposal], touched: set[Ref]) -> tuple[float, int, int, str, Ref]:
    risk = max(_RISKS.index(item.change.risk) for item in unit)
    new = sum(item.change.target not in touched for item in unit)
    return -unit[0].weight, new, risk, unit[0].rule, unit[0].object
