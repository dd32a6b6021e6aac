"""A quota refuses every pod that does not say what it needs.

What: a ResourceQuota counts requests or limits of CPU or memory, and no LimitRange of the namespace gives a default for them.

Why: the API server rejects such pods outright: a Job, a debugging pod or a chart's test hook without requests does not even come to be, and only its owner's events say so.

Bad:
    hard: {requests.memory: 24Gi}      # and no LimitRange

Good:
    kind: LimitRange
    spec: {limits: [{type: Container, defaultRequest: {memory: 256Mi}}]}

Ignore when: pods without requests are to be refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.admission.planned_admission import defaults_in, refusing_quotas
from seakeep.facts.index import Index
from seakeep.facts.resources.quota_figures import COMPUTE, defaults_for
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podspecs import shows
from seakeep.model.change import Advice, Change
from seakeep.model.finding import Finding
from seakeep.model.objects import ResourceQuota

RULE = Rule("quota-without-limit-range")


def judge(index: Index) -> Iterable[Finding]:
    """A quota with scopes counts some pods only."""
    refusing = refusing_quotas(index)
    for quota in index.snapshot.all(ResourceQuota):
        if quota.spec.scopes or quota.spec.scope_selector or not COMPUTE.keys() & quota.spec.hard.keys():
            continue
        lacking = _lacking(index, quota)
        if quota.ref in refusing:
            continue  # a cause says so, with the same repair
        if not lacking:
            yield RULE.passes(quota.ref)
        elif not shows(index, "LimitRange", quota.namespace):
            yield RULE.cannot_see(quota.ref, "LimitRanges")
        else:
            text = f"it refuses pods without {', '.join(lacking)}, and no LimitRange gives them a default"
            repair = f"Add a LimitRange with defaults to namespace {quota.namespace}."
            yield RULE.fails(quota.ref, text, "spec.hard", repair)


def _lacking(index: Index, quota: ResourceQuota) -> list[str]:
    requests, limits = defaults_in(index, quota.namespace)
    given = {"requests": requests, "limits": limits}
    return sorted(
        {
            f"{part}.{name}"
            for key, (part, name) in COMPUTE.items()
            if key in quota.spec.hard and name not in given[part]
        }
    )


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    ref = finding.object
    quota = index.snapshot.get(ResourceQuota, ref.namespace, ref.name)
    change = defaults_for(index, ref.namespace, _lacking(index, quota)) if quota else None
    if change is None:
        return Advice(
            f"What should pods in namespace {ref.namespace} get that ask for nothing?",
            f"kubectl top pod -n {quote(ref.namespace)} --containers",
        )
    return (change,)


HARDENING = RULE.leaf("Quota without defaults", judge, propose)
