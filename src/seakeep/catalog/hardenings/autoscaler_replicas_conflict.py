"""Two hands set the size of one workload.

What: two HorizontalPodAutoscalers have one target; the manifest of a target, also of a KEDA ScaledObject's, says `replicas`; or a VerticalPodAutoscaler rewrites the requests that a HorizontalPodAutoscaler scales by.

Why: each undoes what the other did. A manifest's replicas throw away pods at each release, just when they are needed; a request that grows makes the same load look smaller, and pods go.

Bad:
    replicas: 3          # in a manifest whose workload an autoscaler scales

Good:
    # no replicas in the manifest; minReplicas: 3 in the autoscaler

Ignore when: the manifest is applied once and never again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.autoscaling.autoscaled import autoscalers_of, made_by_keda, resources_scaled, target_of, vertical
from seakeep.facts.index import Index
from seakeep.facts.shell_words import quote, typed
from seakeep.facts.workloads.drift import applied_at
from seakeep.facts.workloads.podspecs import shows
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding
from seakeep.model.objects import HorizontalPodAutoscaler, Workload
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

RULE = Rule("autoscaler-replicas-conflict")


def judge(index: Index) -> Iterable[Finding]:
    for hpa in index.snapshot.all(HorizontalPodAutoscaler):
        if index.snapshot.depth(hpa.ref) is Depth.NAMED:
            yield RULE.cannot_see(hpa.ref, "what it scales")
        elif problem := _problem(index, hpa):
            what, path, repair = problem
            yield RULE.fails(hpa.ref, what, path, repair)
        elif not shows(index, "HorizontalPodAutoscaler", hpa.namespace):
            yield RULE.cannot_see(hpa.ref, "the other autoscalers")
        else:
            yield RULE.passes(hpa.ref)
    for ref, hpa in made_by_keda(index) if index.snapshot.intent_only else ():
        if problem := _said(index, target_of(hpa)):
            what, path, repair = problem
            yield RULE.fails(ref, what, path, repair)
        else:
            yield RULE.passes(ref)


def _rivals(index: Index, hpa: HorizontalPodAutoscaler) -> list[str]:
    return [item.name for item in autoscalers_of(index)[target_of(hpa)] if item.name != hpa.name]


def _problem(index: Index, hpa: HorizontalPodAutoscaler) -> tuple[str, str, str] | None:
    target = target_of(hpa)
    if rivals := _rivals(index, hpa):
        what = f"{target} is scaled by {', '.join(rivals)} too"
        return what, "spec.scaleTargetRef", "Leave one autoscaler, with the metrics of both."
    written = vertical(index).get(target)
    both = sorted(written[1] & resources_scaled(hpa)) if written else []
    if written and both:
        what = f"VerticalPodAutoscaler {written[0].name} rewrites the {' and '.join(both)} requests that it scales by"
        return what, "spec.metrics", "Let the VerticalPodAutoscaler only recommend."
    return _said(index, target)


def _said(index: Index, target: Ref) -> tuple[str, str, str] | None:
    item = index.snapshot.find(target)
    if not isinstance(item, Workload):
        return None
    planned = item.spec.replicas if index.snapshot.intent_only else applied_at(item, "spec", "replicas")
    if planned is None:
        return None
    what = f"the manifest of {target} says {planned} replicas, and each release takes it back to that"
    return what, "spec.scaleTargetRef", "Leave replicas out of the manifest."


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """A manifest's replicas go; a VerticalPodAutoscaler still says what it recommends."""
    scaled = next((hpa for ref, hpa in made_by_keda(index) if ref == finding.object), None)
    if scaled is not None:
        why = f"{finding.detail}; {finding.object} decides"
        return (Change(target_of(scaled), {}, ("spec.replicas",), Risk.LOW, why),)
    hpa = index.snapshot.get(HorizontalPodAutoscaler, finding.object.namespace, finding.object.name)
    target = target_of(hpa) if hpa else finding.object
    written = vertical(index).get(target)
    if hpa and (rivals := _rivals(index, hpa)):
        return Advice(
            f"Which of the autoscalers {', '.join(sorted((hpa.name, *rivals)))} is to scale {target}?",
            f"kubectl describe hpa -n {quote(target.namespace)}",
        )
    if hpa and written and written[1] & resources_scaled(hpa):
        patch = {"spec": {"updatePolicy": {"updateMode": "Off"}}}
        return (Change(written[0].ref, patch, (), Risk.LOW, f"{finding.detail}; it goes on recommending"),)
    if index.snapshot.intent_only and hpa:
        why = f"{finding.detail}; HorizontalPodAutoscaler {hpa.name} decides"
        return (Change(target, {}, ("spec.replicas",), Risk.LOW, why),)
    return Advice(
        f"Where is the manifest of {target} kept, so that its replicas can be taken out?",
        f"kubectl apply edit-last-applied {typed(target)}",
    )


HARDENING = RULE.leaf("Autoscaler with a rival", judge, propose, reads=(HorizontalPodAutoscaler,))
