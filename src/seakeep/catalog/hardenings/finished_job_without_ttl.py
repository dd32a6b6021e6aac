"""A finished Job stays for ever.

What: a Job that nobody owns, and that no release or GitOps tool keeps, is complete and has no ttlSecondsAfterFinished.

Why: it and its pods stay until somebody deletes them. They count against quotas, fill lists and dashboards, and hide the Jobs that matter.

Bad:
    kind: Job
    spec: {template: …}

Good:
    spec: {ttlSecondsAfterFinished: 604800, template: …}

Ignore when: the Job is the record that something was done, and something looks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.owners.keepers import keeper_of
from seakeep.facts.references.mentions import commands_name
from seakeep.facts.workloads.job_runs import ended, is_complete
from seakeep.model.change import Change, Risk
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import Job
from seakeep.model.snapshot import Depth

RULE = Rule("finished-job-without-ttl", Severity.INFO)
_WEEK = 7 * 24 * 3600  # long enough to look at what it did


def judge(index: Index) -> Iterable[Finding]:
    """A failed one is a matter of its own: how it ended must not go away unseen."""
    for job in index.jobs:
        if job.metadata.owner_references or not is_complete(job):
            continue
        # A tool that keeps the Job would make it anew, and it would run again; a pod that waits for it by name would wait for ever.
        if keeper_of(index, job.ref) is not None or commands_name(index, job.namespace, job.name):
            continue
        if index.snapshot.depth(job.ref) is not Depth.FULL:
            yield RULE.cannot_see(job.ref, "whether it is deleted by itself")
        elif job.spec.ttl_seconds_after_finished is None:
            end = ended(job)
            when = f" {max((index.now - end).days, 0)} days ago" if end else ""
            path, repair = "spec.ttlSecondsAfterFinished", "Set how long it is kept."
            yield RULE.fails(job.ref, f"it was done{when} and stays", path, repair)
        else:
            yield RULE.passes(job.ref)


def propose(index: Index, finding: Finding) -> Sequence[Change]:
    """The field is the only one of a Job's specification, but for `suspend` and parallelism, that may change."""
    job = index.snapshot.get(Job, finding.object.namespace, finding.object.name)
    end = ended(job) if job else None
    old = end is not None and (index.now - end).total_seconds() >= _WEEK
    then = "it is deleted with its pods now" if old else "it is deleted with its pods a week after its end"
    patch = {"spec": {"ttlSecondsAfterFinished": _WEEK}}
    return (Change(finding.object, patch, (), Risk.LOW, f"{finding.detail}; {then}"),)


HARDENING = RULE.leaf("Finished Job that stays", judge, propose, reads=(Job,))
