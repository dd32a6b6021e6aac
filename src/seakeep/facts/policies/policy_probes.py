"""Probes that time out since a policy closed the pod: some network plug-ins do not admit the node's own kubelet."""

from __future__ import annotations

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.policies.network import barriers
from seakeep.facts.policies.parties import of_pod
from seakeep.facts.policies.policy_enforcement import are_enforced
from seakeep.facts.policies.policy_rules import Party
from seakeep.facts.probes.probes import ProbeTrouble, Trouble, probe_troubles, resolved
from seakeep.facts.workloads.change import last_change
from seakeep.model.objects import NetworkPolicy


class ProbeBlock(Struct, frozen=True):
    """`policy` came, or changed, after the pod had started, and has no rule for the node's address."""

    policy: NetworkPolicy
    trouble: ProbeTrouble


@once
def probe_blocks(index: Index) -> tuple[ProbeBlock, ...]:
    return tuple(
        ProbeBlock(policy, trouble)
        for trouble in probe_troubles(index)
        if trouble.trouble is Trouble.SLOW and trouble.seen and trouble.container
        for policy in _closing(index, trouble)
    )


def _closing(index: Index, trouble: ProbeTrouble) -> tuple[NetworkPolicy, ...]:
    """With a policy as old as the pod the probe would never have succeeded; then, too, a slow server is likelier."""
    pod, container = trouble.pod, trouble.container
    port = resolved(container, trouble.port) if container else None
    started = pod.status.start_time or pod.metadata.creation_timestamp
    if not port or started is None:
        return ()
    found = barriers(index, Party("", {}, pod.status.host_ip), of_pod(index, pod), port)
    return tuple(
        item.policy
        for item in found[:1]
        if are_enforced(index) and (changed := last_change(index, item.policy.ref)) and changed > started
    )
