"""Network plug-in.

What: pod networking on every node.

Why: pods on its node get no network.

Bad:
    not on every node

Good:
    on every node
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="cni",
    title="Network plug-in",
    images=(
        "flannel/flannel",
        "flannel-io/flannel",
        "calico/node",
        "calico/kube-controllers",
        "calico/typha",
        "cilium/cilium",
        "cilium/operator-generic",
        "weaveworks/weave-kube",
        "kube-ovn/kube-ovn",
        "amazon-k8s-cni",
        "kindnet/kindnetd",
        "kindest/kindnetd",
    ),
    labels=(
        "flannel",
        "calico-node",
        "calico-kube-controllers",
        "cilium",
        "aws-node",
        "kindnet",
        "canal",
        "cilium-agent",
    ),
    names=("kube-flannel", "calico", "cilium", "kindnet", "aws-node"),
    criticality="critical",
)
