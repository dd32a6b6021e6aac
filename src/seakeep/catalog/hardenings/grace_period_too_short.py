"""A server is killed before it has stopped.

What: terminationGracePeriodSeconds (30 where it is left out) is shorter than an orderly stop of the service takes, or than its preStop hook sleeps.

Why: what is cut off must be mended at the next start: a broker checks its logs, a database replays its journal, a worker's query fails.

Bad:
    containers: [{name: kafka}]          # 30 seconds for a controlled shutdown

Good:
    terminationGracePeriodSeconds: 120

Ignore when: it holds so little that it stops at once. A database or broker with no peers to hand over to and no volume that outlives its pod is not judged: what it would save goes with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Fault, Unseen, template_rule
from seakeep.facts.index import Index
from seakeep.facts.proposing import in_pod_spec
from seakeep.facts.volumes.scratch_volumes import keeps_nothing
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding
from seakeep.model.objects.pods import Handler
from seakeep.model.pattern import late

_DEFAULT = 30
_SLEEP = late(r"\bsleep (?P<seconds>\d{1,5})(?![\w.])")


def _answer(index: Index, entry: Judged) -> Answer:
    traits = index.traits.get(entry.ref)
    if not entry.lasting or entry.ref.kind == "Pod":
        return None  # a pod's own never changes
    slept = _slept(entry) if entry.full else 0
    if slept and slept >= _grace(entry):
        text = f"its preStop hook sleeps for {slept} s, and it is killed after {_grace(entry)} s, before it is told to stop"
        return Fault(text, repair=f"Set terminationGracePeriodSeconds to {_needed(index, entry)}.")
    if traits is None or not traits.stops_within:
        return None  # not known
    alone = entry.replicas == 1 or traits.needs_ready == "one"
    if traits.holds and alone and entry.full and keeps_nothing(index, entry):
        return None
    if not entry.full:
        return Unseen("its terminationGracePeriodSeconds")
    had, needed = _grace(entry), _needed(index, entry)
    if had >= needed:
        return HOLDS
    text = f"{traits.service} may need {needed} s to stop and is killed after {had} s"
    return Fault(text, repair=f"Set terminationGracePeriodSeconds to {needed}.")


def _needed(index: Index, entry: Judged) -> int:
    """The grace period runs while a preStop hook sleeps."""
    traits = index.traits.get(entry.ref)
    return (traits.stops_within if traits and traits.stops_within else _DEFAULT) + _slept(entry)


def _grace(entry: Judged) -> int:
    grace = entry.spec.termination_grace_period_seconds
    return _DEFAULT if grace is None else grace


def _slept(entry: Judged) -> int:
    hooks = [item.lifecycle.pre_stop for item in entry.spec.containers if item.lifecycle and item.lifecycle.pre_stop]
    return max((_sleeps(hook) for hook in hooks), default=0)


def _sleeps(hook: Handler) -> int:
    if hook.sleep:
        return int(hook.sleep.get("seconds", 0))
    slept = _SLEEP.search(" ".join(hook.exec.command)) if hook.exec else None
    return int(slept["seconds"]) if slept else 0


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """A longer grace period costs nothing where the server stops sooner."""
    ref = finding.object
    seconds = _needed(index, judged_of(index, ref))
    why = f"{finding.detail}; one that stops sooner is not waited for"
    return (Change(ref, in_pod_spec(ref, {"terminationGracePeriodSeconds": seconds}), (), Risk.MEDIUM, why),)


HARDENING = template_rule(
    "grace-period-too-short",
    "Grace period shorter than the stop",
    _answer,
    path="spec.template.spec.terminationGracePeriodSeconds",
    propose=propose,
)
