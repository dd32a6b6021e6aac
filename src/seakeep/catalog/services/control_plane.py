"""Kubernetes control plane.

What: API server, controllers, scheduler and etcd as pods.

Why: nothing new is scheduled, healed or changed.

Bad:
    a single etcd without a backup

Good:
    three control-plane nodes
"""

from __future__ import annotations

from seakeep.contract.service import ServiceProfile

SERVICE = ServiceProfile(
    id="control-plane",
    title="Kubernetes control plane",
    images=("kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"),
    labels=("kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"),
    names=("kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"),
    components=(("etcd", ("etcd",)),),
    needs_ready=(("etcd", "quorum"),),
    criticality="critical",
)
