"""Namespaces that run the cluster itself: what limits pods there may stop the cluster."""

from __future__ import annotations

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.model.objects import Namespace

_PREFIXES = ("kube-", "openshift")
# What operators of networks, storage and nodes call theirs: calico-system, metallb-system, longhorn-system, rook-ceph …
_SUFFIX = "-system"
_CRITICAL = frozenset({"system-node-critical", "system-cluster-critical"})


@once
def system_namespaces(index: Index) -> frozenset[str]:
    """By name, and those in which a pod has one of the cluster's own priority classes."""
    named = {item.name for item in index.snapshot.all(Namespace)} | {pod.namespace for pod in index.pods}
    critical = {pod.namespace for pod in index.pods if pod.spec.priority_class_name in _CRITICAL}
    return frozenset(name for name in named if is_system_name(name)) | critical


def is_system(index: Index, namespace: str) -> bool:
    return namespace in system_namespaces(index) or is_system_name(namespace)


def is_system_name(namespace: str) -> bool:
    return namespace.startswith(_PREFIXES) or namespace.endswith(_SUFFIX)
