"""A container uses more than it asks for.

What: measured memory is above requests.memory, or measured CPU above one and a half times requests.cpu.

Why: the node promises to others what this container uses. When they claim it, the kubelet evicts first whoever is furthest above its request, and CPU is shared by requests.

Bad:
    resources: {requests: {memory: 256Mi}}     # and it uses 900Mi

Good:
    resources: {requests: {memory: 1088Mi}}

Ignore when: the pod may be evicted at any time.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Unseen, template_rule
from seakeep.facts.autoscaling.autoscaled import vertical
from seakeep.facts.index import Index
from seakeep.facts.proposing import in_containers
from seakeep.facts.resources.measured_use import uses
from seakeep.facts.resources.right_size import asking, short_requests
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding


def _answer(index: Index, entry: Judged) -> Answer:
    requesting = asking(entry)
    if index.snapshot.intent_only or not requesting or entry.ref in vertical(index):
        return None  # a VerticalPodAutoscaler does it
    short = "; ".join(why for _, why in short_requests(index, entry).values())
    if not short and any((entry.ref, item.name) not in uses(index) for item in requesting):
        return Unseen("what its containers use")
    return short or HOLDS


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    ref = finding.object
    entry = judged_of(index, ref)
    patches = {name: {"resources": {"requests": better}} for name, (better, _) in short_requests(index, entry).items()}
    return fixed(ref, "higher requests") or (Change(ref, in_containers(ref, patches), (), Risk.MEDIUM, finding.detail),)


HARDENING = template_rule(
    "requests-below-use",
    "Requests below measured use",
    _answer,
    alone=True,
    path="spec.template.spec.containers[].resources.requests",
    repair="Raise requests to measured use.",
    propose=propose,
)
