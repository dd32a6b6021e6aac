"""Runs of a CronJob may overlap.

What: concurrencyPolicy is Allow, and runs overlapped, or each run writes to the same claim.

Why: two runs of one pipeline write the same tables or files twice, and a run that becomes slower than its schedule piles up more of them until the namespace is full.

Bad:
    schedule: "*/5 * * * *"      # of a run that takes ten minutes

Good:
    concurrencyPolicy: Forbid

Ignore when: runs have nothing to do with each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.workloads.job_runs import overlap, runs
from seakeep.model.change import Change, Risk
from seakeep.model.finding import Finding
from seakeep.model.objects import CronJob
from seakeep.model.snapshot import Depth

RULE = Rule("cron-job-concurrency")


def judge(index: Index) -> Iterable[Finding]:
    for item in index.snapshot.all(CronJob):
        if index.snapshot.depth(item.ref) is not Depth.FULL:
            yield RULE.cannot_see(item.ref, "its concurrencyPolicy")
        elif item.spec.concurrency_policy == "Allow" and (text := _seen(index, item)):
            yield RULE.fails(item.ref, text, "spec.concurrencyPolicy", "Set concurrencyPolicy to Forbid.")
        else:
            yield RULE.passes(item.ref)


def _seen(index: Index, item: CronJob) -> str:
    """Why its runs must not overlap; "" where nothing speaks against it."""
    pair = overlap(runs(index).get(item.ref, ()))
    if pair is not None:
        return f"run {pair[1].job} began while {pair[0].job} was under way"
    if len(item.status.active) > 1:
        return f"{len(item.status.active)} runs are under way at once"
    volumes = item.spec.job_template.spec.template.spec.volumes
    claims = [part.persistent_volume_claim for part in volumes if part.persistent_volume_claim]
    names = [claim.claim_name for claim in claims if not claim.read_only]
    return f"runs that overlap write to claim {', '.join(names)}" if names else ""


def propose(index: Index, finding: Finding) -> Sequence[Change]:
    """What runs now is left alone."""
    del index
    why = f"{finding.detail}; with Forbid a run that falls due meanwhile is left out, and none is ended"
    return (Change(finding.object, {"spec": {"concurrencyPolicy": "Forbid"}}, (), Risk.LOW, why),)


HARDENING = RULE.leaf("CronJob whose runs overlap", judge, propose, reads=(CronJob,))
