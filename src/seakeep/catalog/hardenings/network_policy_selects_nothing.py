"""A NetworkPolicy selects no workload.

What: no pod, and no workload's template, carries the labels that its podSelector asks for.

Why: the pods that it was written for stay open to everybody, or keep a way out that was meant to be closed, and nothing ever says so.

Bad:
    kind: NetworkPolicy
    spec: {podSelector: {matchLabels: {app: postgres}}, policyTypes: [Ingress]}     # the pods carry app=pg

Good:
    spec: {podSelector: {matchLabels: {app: pg}}, policyTypes: [Ingress]}

Ignore when: an operator makes the pods when they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.shell_words import named, quote
from seakeep.facts.workloads.picked import misspelt, picked, unseen_in
from seakeep.model.change import Advice
from seakeep.model.finding import Finding
from seakeep.model.objects import LabelSelector, NetworkPolicy
from seakeep.model.snapshot import Depth

RULE = Rule("network-policy-selects-nothing")


def judge(index: Index) -> Iterable[Finding]:
    policies = [item for item in index.snapshot.all(NetworkPolicy) if item.spec.pod_selector != LabelSelector()]
    selected = picked(index, ((item.ref, item.spec.pod_selector) for item in policies))
    for item in policies:
        ref = item.ref
        if selected[ref]:
            yield RULE.passes(ref)
        elif index.snapshot.depth(ref) is Depth.NAMED or (
            (hidden := unseen_in(index, item.namespace)) and not misspelt(index, item.namespace, item.spec.pod_selector)
        ):
            hidden = "its selector" if index.snapshot.depth(ref) is Depth.NAMED else hidden
            yield RULE.cannot_see(ref, hidden)
        else:
            within = f" in namespace {item.namespace}" if item.namespace else ""
            text = f"none of the pods and workloads{within} has the labels that it asks for"
            repair = "Correct its podSelector, or delete it with the workload that it was for."
            yield RULE.fails(ref, text, "spec.podSelector", repair)


def propose(index: Index, finding: Finding) -> Advice:
    """Whom it was to guard, only its author knows: a guess may bar a way that is in use."""
    del index
    ref = finding.object
    return Advice(
        f"Which pods is NetworkPolicy {ref.name} of namespace {ref.namespace} for, or is it to be deleted?",
        f"kubectl describe networkpolicy {named(ref)}; kubectl get pods -n {quote(ref.namespace)} --show-labels",
    )


HARDENING = RULE.leaf("Network policy for nothing", judge, propose, reads=(NetworkPolicy,))
