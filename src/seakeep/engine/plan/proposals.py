"""What the causes and the failed findings propose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from seakeep.contract.hardening import HardeningLeaf
from seakeep.engine.platform import WEIGHT
from seakeep.engine.score import criticalities
from seakeep.facts.index import Index
from seakeep.facts.workloads.fixed_templates import kept_elsewhere
from seakeep.model.cause import Cause, Diagnosis
from seakeep.model.change import Advice, Change
from seakeep.model.finding import Finding, Outcome, Severity
from seakeep.model.plan import Asked
from seakeep.model.platform import Platform
from seakeep.model.refs import Ref


class Proposal(Struct, frozen=True):
    """One change with where it comes from. `weight` is severity × criticality, as the hardening score has it; repairs come before hardening, in order of `rank`."""

    rule: str
    object: Ref
    change: Change
    weight: float
    rank: int = 0

    @property
    def is_repair(self) -> bool:
        return self.rank > 0


def proposals(
    index: Index,
    platform: Platform,
    diagnosis: Diagnosis,
    findings: Sequence[Finding],
    leaves: Sequence[HardeningLeaf],
) -> tuple[list[Proposal], list[Asked]]:
    """Repairs in order of rank, then hardening by descending weight. What has no change that is safe to propose is asked."""
    criticality = criticalities(platform)
    found: list[Proposal] = []
    asked: list[Asked] = []
    for cause in diagnosis.causes:
        for proposal in _of_cause(cause, criticality):
            found += [proposal] if isinstance(proposal, Proposal) else []
            asked += [proposal] if isinstance(proposal, Asked) else []
    by_id = {leaf.id: leaf for leaf in leaves}
    hardening: list[Proposal] = []
    for finding in findings:
        if finding.outcome is not Outcome.FAIL:
            continue
        for item in _of_finding(index, by_id[finding.rule], finding, criticality):
            hardening += [item] if isinstance(item, Proposal) else []
            asked += [item] if isinstance(item, Asked) else []
    hardening.sort(key=lambda item: (-item.weight, item.rule, item.object, item.change.target))
    return [*found, *hardening], asked


def _of_cause(cause: Cause, criticality: Mapping[Ref, str]) -> Iterator[Proposal | Asked]:
    item = cause.candidate
    weight = Severity(cause.severity).weight * WEIGHT[_matters(cause, criticality)]
    changes = item.repair.changes
    if changes:
        yield from (Proposal(item.id, item.object, change, weight, cause.rank) for change in changes)
    elif cause.rank:
        yield Asked(item.id, item.object, item.repair.summary, item.settled_by)


def _matters(cause: Cause, criticality: Mapping[Ref, str]) -> str:
    """The most critical of what the cause affects."""
    known = [criticality[ref] for ref in (cause.candidate.object, *cause.candidate.affects) if ref in criticality]
    return max(known, key=lambda level: WEIGHT[level], default="normal")


def _of_finding(
    index: Index, leaf: HardeningLeaf, finding: Finding, criticality: Mapping[Ref, str]
) -> Iterator[Proposal | Asked]:
    if leaf.propose is None:
        yield Asked(finding.rule, finding.object, finding.repair)
        return
    proposed = kept_elsewhere(index, finding.object) or leaf.propose(index, finding)
    if isinstance(proposed, Advice):
        yield Asked(finding.rule, finding.object, proposed.question, proposed.lookup, shared=proposed.shared)
        return
    weight = finding.severity.weight * WEIGHT[criticality.get(finding.object, "normal")]
    yield from (Proposal(finding.rule, finding.object, change, weight) for change in proposed)
