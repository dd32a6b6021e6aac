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

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import HardeningLeaf
from seakeep.facts.index import Index
from seakeep.facts.proposing import in_containers
from seakeep.facts.resources.measured_use import uses
from seakeep.facts.resources.right_size import asking, short_requests
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import judged_of, judged_templates, unknown
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Outcome, Severity

ID = "requests-below-use"


def judge(index: Index) -> Iterable[Finding]:
    for entry in judged_templates(index) if not index.snapshot.intent_only else ():
        requesting = asking(entry)
        short = short_requests(index, entry) if requesting else {}
        if short:
            where = "spec.template.spec.containers[].resources.requests"
            text = "; ".join(why for _, why in short.values())
            yield Finding(ID, entry.ref, Outcome.FAIL, Severity.WARNING, text, where, "Raise requests to measured use.")
        elif any((entry.ref, item.name) not in uses(index) for item in requesting):
            yield unknown(ID, entry, "what its containers use")
        elif requesting:
            yield Finding(ID, entry.ref, Outcome.PASS, Severity.WARNING)


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    ref = finding.object
    entry = judged_of(index, ref)
    patches = {name: {"resources": {"requests": better}} for name, (better, _) in short_requests(index, entry).items()}
    return fixed(ref, "higher requests") or (Change(ref, in_containers(ref, patches), (), Risk.MEDIUM, finding.detail),)


HARDENING = HardeningLeaf(id=ID, title="Requests below measured use", reads=(), judge=judge, propose=propose)
