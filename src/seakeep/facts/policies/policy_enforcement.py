"""Whether the cluster's network enforces NetworkPolicies at all: the API server takes them either way."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.facts.calls.calls import calls
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.policies.network import barriers
from seakeep.facts.policies.parties import behind, of_called_pod, of_origin
from seakeep.model.objects import NetworkPolicy
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

# Flannel moves packets and knows no policies; the others enforce them themselves or beside it (Canal).
_FLANNEL = late(r"kube-flannel(?:-ds)?(?:-[a-z0-9]+)*")
_ENGINES = late(
    r"(?:calico-node|canal|cilium|weave-net|antrea-agent|kube-router|ovnkube-node|kube-ovn-cni|azure-npm|kindnet|aws-node|kube-network-policies)(?:-[a-z0-9]+)*"
)


def is_pierced(index: Index, policy: NetworkPolicy) -> bool:
    """A connection that the policy bars was seen to work: before the policy came, or because nothing enforces it."""
    return policy.ref in _pierced(index)


@once
def are_enforced(index: Index) -> bool:
    """False where the network plug-in is known to ignore policies."""
    names = {item.name for kind in ("DaemonSet", "Pod") for item in index.snapshot.of_kind(kind)}
    return any(_ENGINES.fullmatch(name) for name in names) or not any(_FLANNEL.fullmatch(name) for name in names)


@once
def _pierced(index: Index) -> frozenset[Ref]:
    return frozenset(_contradicted(index))


def _contradicted(index: Index) -> Iterator[Ref]:
    for call in calls(index):
        source = of_origin(index, call.origin) if call.probe in {"tcp", "http"} and call.outcome == "ok" else None
        if source is None or not source.labels_known:
            continue
        called = of_called_pod(index, call.pod, call.port) if call.pod else None
        ways = [called] if called else behind(index, call.service, call.port) if call.service else ()
        for way in ways:
            yield from (item.policy.ref for item in barriers(index, source, way.party, way.port, way.protocol))
