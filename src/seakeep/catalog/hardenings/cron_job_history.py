"""A CronJob keeps no trace of failures, or too many Jobs.

What: failedJobsHistoryLimit is 0, or more than 20 finished Jobs are kept with no ttlSecondsAfterFinished.

Why: with 0 a failed run is gone with its pods and logs before anybody looks. Each Job that is kept keeps its pods, which count against quotas and slow down every list.

Bad:
    failedJobsHistoryLimit: 0

Good:
    failedJobsHistoryLimit: 1
    successfulJobsHistoryLimit: 3

Ignore when: logs and outcomes are kept elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.model.change import Change, Risk
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import CronJob
from seakeep.model.snapshot import Depth

RULE = Rule("cron-job-history", Severity.INFO)
_MANY = 20
# What the API server sets where a field is left out.
_DEFAULTS: Mapping[str, int] = {"failedJobsHistoryLimit": 1, "successfulJobsHistoryLimit": 3}


def judge(index: Index) -> Iterable[Finding]:
    for item in index.snapshot.all(CronJob):
        if index.snapshot.depth(item.ref) is not Depth.FULL:
            yield RULE.cannot_see(item.ref, "how many Jobs it keeps")
            continue
        wrong = _wrong(item)
        if wrong:
            texts = (f"{name} is {value}, so {_then(value)}" for name, value in wrong.items())
            yield RULE.fails(item.ref, " and ".join(texts), f"spec.{next(iter(wrong))}", "Keep a few Jobs.")
        else:
            yield RULE.passes(item.ref)


def _wrong(item: CronJob) -> dict[str, int]:
    failed, successful = item.spec.failed_jobs_history_limit, item.spec.successful_jobs_history_limit
    expire = item.spec.job_template.spec.ttl_seconds_after_finished is not None
    found = {}
    if failed == 0 or (failed is not None and failed > _MANY and not expire):
        found["failedJobsHistoryLimit"] = failed
    if successful is not None and successful > _MANY and not expire:
        found["successfulJobsHistoryLimit"] = successful
    return found


def _then(value: int) -> str:
    return f"{value} Jobs stay with their pods" if value else "a failed run leaves nothing to look at"


def propose(index: Index, finding: Finding) -> Sequence[Change]:
    """Kubernetes' own limits."""
    item = index.snapshot.get(CronJob, finding.object.namespace, finding.object.name)
    fields = {name: _DEFAULTS[name] for name in _wrong(item)} if item else {}
    values = " and ".join(f"{name} {value}" for name, value in fields.items())
    why = f"{finding.detail}; {values} is what Kubernetes sets by default"
    return (Change(finding.object, {"spec": fields}, (), Risk.LOW, why),)


HARDENING = RULE.leaf("CronJob that keeps nothing, or too much", judge, propose, reads=(CronJob,))
