"""A container asks for far more than it ever used.

What: over a day or more of metrics, requests are more than twice the 95th percentile of CPU or the highest use of memory, with room to spare.

Why: the scheduler keeps the difference free for nobody; other pods wait while nodes idle, and fewer pods find a place when a node is lost.

Bad:
    resources: {requests: {cpu: "4", memory: 8Gi}}       # of which 300m and 1Gi were ever used

Good:
    resources: {requests: {cpu: 350m, memory: 1280Mi}}

Ignore when: the load is seasonal, and its season lies outside the metrics.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import HardeningLeaf
from seakeep.facts.index import Index
from seakeep.facts.proposing import in_containers
from seakeep.facts.resources.measured_use import Use, uses
from seakeep.facts.resources.right_size import DAY, asking, idle_requests
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import judged_of, judged_templates, unknown
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Outcome, Severity

ID = "requests-above-use"


def judge(index: Index) -> Iterable[Finding]:
    for entry in judged_templates(index) if not index.snapshot.intent_only else ():
        requesting = asking(entry)
        idle = idle_requests(index, entry) if requesting else {}
        if idle:
            where = "spec.template.spec.containers[].resources.requests"
            text = "; ".join(why for _, why in idle.values())
            yield Finding(ID, entry.ref, Outcome.FAIL, Severity.INFO, text, where, "Lower requests to measured use.")
        elif any(uses(index).get((entry.ref, item.name), Use()).hours < DAY for item in requesting):
            yield unknown(ID, entry, "a day of metrics of what its containers use")
        elif requesting:
            yield Finding(ID, entry.ref, Outcome.PASS, Severity.INFO)


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    ref = finding.object
    entry = judged_of(index, ref)
    patches = {name: {"resources": {"requests": better}} for name, (better, _) in idle_requests(index, entry).items()}
    return fixed(ref, "lower requests") or (Change(ref, in_containers(ref, patches), (), Risk.MEDIUM, finding.detail),)


HARDENING = HardeningLeaf(id=ID, title="Requests far above measured use", reads=(), judge=judge, propose=propose)
