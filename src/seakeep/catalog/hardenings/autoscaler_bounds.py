"""An autoscaler's bounds leave it nothing to do, or a lone pod.

What: minReplicas equals maxReplicas; or minReplicas is 1 for a component of which a second replica takes over at once.

Why: an autoscaler that may not scale hides that the load outgrows the service. At night one pod is left, and its next restart is an outage.

Bad:
    {minReplicas: 1, maxReplicas: 10}

Good:
    {minReplicas: 2, maxReplicas: 10}

Ignore when: a pause of a minute does no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.autoscaling.autoscaled import floor, target_of
from seakeep.facts.index import Index
from seakeep.facts.shell_words import named
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding
from seakeep.model.objects import HorizontalPodAutoscaler
from seakeep.model.snapshot import Depth

RULE = Rule("autoscaler-bounds")


def judge(index: Index) -> Iterable[Finding]:
    for hpa in index.snapshot.all(HorizontalPodAutoscaler):
        lowest, highest = floor(hpa), hpa.spec.max_replicas
        traits = index.traits.get(target_of(hpa))
        if index.snapshot.depth(hpa.ref) is Depth.NAMED or not highest:
            yield RULE.cannot_see(hpa.ref, "its bounds")
        elif lowest == highest:
            what = f"minReplicas and maxReplicas are both {highest}: it never scales"
            repair = "Raise maxReplicas to what the load may need, or delete the autoscaler."
            yield RULE.fails(hpa.ref, what, "spec.maxReplicas", repair)
        elif lowest == 1 and traits is not None and traits.scalable:
            what = f"minReplicas lets {target_of(hpa)} go down to one pod"
            yield RULE.fails(hpa.ref, what, "spec.minReplicas", "Set minReplicas to 2.")
        else:
            yield RULE.passes(hpa.ref)


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """Two take over from each other; how many the load may need, the snapshot does not tell."""
    ref = finding.object
    hpa = index.snapshot.get(HorizontalPodAutoscaler, ref.namespace, ref.name)
    if hpa is None or hpa.spec.max_replicas <= 2:
        return Advice(
            f"How many replicas may {target_of(hpa) if hpa else ref} need at most?",
            f"kubectl describe hpa {named(ref)}",
        )
    if floor(hpa) == hpa.spec.max_replicas:
        return Advice(
            f"Is {target_of(hpa)} to have {hpa.spec.max_replicas} replicas always, or between which numbers?",
            f"kubectl describe hpa {named(ref)}",
        )
    why = f"{finding.detail}; with two of at most {hpa.spec.max_replicas} one takes over from the other"
    return (Change(ref, {"spec": {"minReplicas": 2}}, (), Risk.LOW, why),)


HARDENING = RULE.leaf("Autoscaler without room", judge, propose, reads=(HorizontalPodAutoscaler,))
