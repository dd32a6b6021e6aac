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

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Unseen, template_rule
from seakeep.facts.autoscaling.autoscaled import vertical
from seakeep.facts.index import Index
from seakeep.facts.proposing import in_containers
from seakeep.facts.resources.measured_use import Use, uses
from seakeep.facts.resources.right_size import DAY, asking, idle_requests
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Severity


def _answer(index: Index, entry: Judged) -> Answer:
    requesting = asking(entry)
    if index.snapshot.intent_only or not requesting or entry.ref in vertical(index):
        return None  # a VerticalPodAutoscaler does it
    idle = "; ".join(why for _, why in idle_requests(index, entry).values())
    if not idle and any(uses(index).get((entry.ref, item.name), Use()).hours < DAY for item in requesting):
        return Unseen("a day of metrics of what its containers use")
    return idle or HOLDS


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    ref = finding.object
    entry = judged_of(index, ref)
    patches = {name: {"resources": {"requests": better}} for name, (better, _) in idle_requests(index, entry).items()}
    return fixed(ref, "lower requests") or (Change(ref, in_containers(ref, patches), (), Risk.MEDIUM, finding.detail),)


HARDENING = template_rule(
    "requests-above-use",
    "Requests far above measured use",
    _answer,
    severity=Severity.INFO,
    alone=True,
    path="spec.template.spec.containers[].resources.requests",
    repair="Lower requests to measured use.",
    propose=propose,
)
