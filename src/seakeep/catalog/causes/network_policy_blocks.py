"""A NetworkPolicy bars a connection that somebody needs.

What: calls time out while every pod is Ready and the Service has endpoints; a policy selects the target (ingress) or the caller (egress), and no rule of any policy fits this peer and port. Most network plug-ins drop such packets silently; a refused connection is seldom a policy's doing.

Why: default deny without a rule for a caller, a label in `from` or `to` that no pod carries, a caller in another namespace without namespaceSelector, the Service's port instead of the pod's, the wrong protocol.

Bad:
    ingress: [{from: [{podSelector: {matchLabels: {app: frontend}}}], ports: [{port: 80}]}]     # the pods listen on 8080

Good:
    ingress: [{from: [{podSelector: {matchLabels: {app: frontend}}}], ports: [{port: 8080}]}]

Ignore when: the connection is meant to be barred, and the caller is configured for it by mistake.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.policy_blocks import Block, Suspect, suspects
from seakeep.facts.policy_probes import ProbeBlock, probe_blocks
from seakeep.facts.policy_verdicts import barred, description, needed
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import NetworkPolicy
from seakeep.model.refs import Ref


def find(index: Index) -> Iterable[Candidate]:
    for group in barred(index):
        first, policy = group[0], group[0].barrier.policy
        unread = sorted({item.name for block in group for item in block.unread})
        told = [block.told for block in group if block.told]
        yield Candidate(
            id="network-policy-blocks",
            object=policy.ref,
            summary=description(first, len(group)),
            evidence=(
                *dict.fromkeys(call.evidence for block in group for call in block.calls[:2]),
                *told[:3],
                state_evidence(policy, f"spec.{first.barrier.direction.lower()}", needed(first)),
            ),
            affects=tuple(dict.fromkeys(ref for block in group for ref in _sufferers(block))),
            repair=Repair(f"In NetworkPolicy {policy.name}, or in one beside it: {needed(first)}."),
            confidence=max(_confidence(block) for block in group),
            settled_by=f"kubectl describe networkpolicy {' '.join(unread)} -n {policy.namespace}" if unread else "",
        )
    yield from (_suspected(item) for item in suspects(index))
    yield from (_unprobed(item) for item in probe_blocks(index))


def _sufferers(block: Block) -> Iterable[Ref]:
    return (block.consumer, *(call.origin for call in block.calls))


def _confidence(block: Block) -> float:
    """A call that got no answer proves it; nobody configures an address that is never called, but it may be called in other ways. Where nobody is ready to answer, that alone explains the call."""
    level = 0 if block.lost else 1 if block.calls or block.firm else 2
    level += (block.to.ready is False) + bool(block.unread)
    return (PROVEN, LIKELY)[level] if level < 2 else POSSIBLE


def _suspected(item: Suspect) -> Candidate:
    policy, call = item.policy, item.calls[0]
    lookup = f"kubectl describe networkpolicy {policy.name} -n {policy.namespace}"
    return Candidate(
        id="network-policy-blocks",
        object=policy.ref,
        summary=f"calls to {call.host} get no answer, and NetworkPolicy {policy.name}, whose rules were not seen, selects an end of them",
        evidence=(
            *(call.evidence for call in item.calls[:3]),
            state_evidence(policy, "spec.podSelector", "selects it"),
        ),
        affects=tuple(dict.fromkeys(ref for call in item.calls for ref in (call.workload, call.origin))),
        repair=Repair(f"If NetworkPolicy {policy.name} has no rule for this connection, add one."),
        confidence=POSSIBLE,
        settled_by=lookup,
    )


def _unprobed(item: ProbeBlock) -> Candidate:
    policy, pod = item.policy, item.trouble.pod
    return Candidate(
        id="network-policy-blocks",
        object=policy.ref,
        summary=f"{item.trouble.kind} probes of pod {pod.name} time out since NetworkPolicy {policy.name} closed it, which admits no connection from the node",
        evidence=(*item.trouble.evidence, state_evidence(policy, "spec.ingress", "no rule fits the node's address")),
        affects=(pod.ref,),
        repair=Repair(f"Admit ingress from the nodes' addresses (ipBlock) in NetworkPolicy {policy.name}."),
        confidence=POSSIBLE,
        settled_by=f"On node {pod.spec.node_name or 'of the pod'}: nc -zv -w 3 {pod.status.pod_ip or '<pod IP>'} {item.trouble.port}",
    )


CAUSE = CauseLeaf(
    id="network-policy-blocks",
    title="NetworkPolicy bars a needed connection",
    reads=(NetworkPolicy,),
    find=find,
)
