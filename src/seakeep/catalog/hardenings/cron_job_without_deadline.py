"""A run of a CronJob may hang for ever.

What: concurrencyPolicy is Forbid or Allow, and runs have no activeDeadlineSeconds.

Why: with Forbid one run that hangs, on a lock or a dead connection, keeps all later ones from starting, and no alert of a failed Job fires. With Allow, runs that hang pile up.

Bad:
    concurrencyPolicy: Forbid
    jobTemplate: {spec: {template: …}}

Good:
    concurrencyPolicy: Forbid
    jobTemplate: {spec: {activeDeadlineSeconds: 3600, template: …}}

Ignore when: the program gives up by itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import timedelta

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.job_runs import runs
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import CronJob
from seakeep.model.snapshot import Depth

RULE = Rule("cron-job-without-deadline", Severity.INFO)
_HOUR = 3600
# Ten times the longest of at least three: slow days end in time, and a run that hangs ends at all.
_TIMES, _RUNS = 10, 3


def judge(index: Index) -> Iterable[Finding]:
    for item in index.snapshot.all(CronJob):
        spec, job = item.spec, item.spec.job_template.spec
        if index.snapshot.depth(item.ref) is not Depth.FULL:
            yield RULE.cannot_see(item.ref, "whether its runs have a deadline")
        elif spec.concurrency_policy == "Replace":
            continue  # the next run ends it
        elif job.active_deadline_seconds is None and job.template.spec.active_deadline_seconds is None:
            forbids = spec.concurrency_policy == "Forbid"
            text = "a run that hangs " + ("keeps all later ones from starting" if forbids else "is never ended")
            severity = Severity.WARNING if forbids else Severity.INFO
            path, repair = "spec.jobTemplate.spec.activeDeadlineSeconds", "Set how long a run may take."
            yield RULE.fails(item.ref, text, path, repair, severity)
        else:
            yield RULE.passes(item.ref)


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """From what its runs took, where enough of them are still there."""
    ref = finding.object
    known = runs(index).get(ref, ())
    took = [run.took for run in known if run.took is not None]
    if len(took) < _RUNS:
        lookup = f"kubectl get jobs -n {quote(ref.namespace)}"
        return Advice(f"How long may a run of {ref} take at most?", lookup)
    under_way = [index.now - run.start for run in known if run.took is None]
    longest = max(*took, *under_way, timedelta(0))
    deadline = math.ceil(max(_TIMES * longest.total_seconds(), _HOUR) / _HOUR) * _HOUR
    why = f"{finding.detail}; the longest of {len(known)} runs took {longest.total_seconds():.0f} s, so {deadline // _HOUR} h is ample"
    patch = {"spec": {"jobTemplate": {"spec": {"activeDeadlineSeconds": deadline}}}}
    return (Change(ref, patch, (), Risk.MEDIUM, why),)


HARDENING = RULE.leaf("CronJob whose runs may hang", judge, propose, reads=(CronJob,))
