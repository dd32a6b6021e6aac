"""API versions that Kubernetes has stopped serving: https://kubernetes.io/docs/reference/using-api/deprecation-guide/."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.model.objects import KubeObject


class Removed(Struct, frozen=True):
    """Gone since 1.`minor`; `new` takes its place ("" where nothing does), `same` where the fields mean what they did."""

    minor: int
    new: str
    same: bool


_ROWS: tuple[tuple[int, str, str, str, bool], ...] = (
    (16, "extensions/v1beta1", "apps/v1", "DaemonSet Deployment ReplicaSet", False),
    (16, "extensions/v1beta1", "networking.k8s.io/v1", "NetworkPolicy", True),
    (16, "extensions/v1beta1", "", "PodSecurityPolicy", False),
    (16, "apps/v1beta1", "apps/v1", "Deployment ReplicaSet StatefulSet", False),
    (16, "apps/v1beta2", "apps/v1", "DaemonSet Deployment ReplicaSet StatefulSet", False),
    (22, "extensions/v1beta1", "networking.k8s.io/v1", "Ingress", False),
    (22, "networking.k8s.io/v1beta1", "networking.k8s.io/v1", "Ingress", False),
    (22, "networking.k8s.io/v1beta1", "networking.k8s.io/v1", "IngressClass", True),
    (22, "admissionregistration.k8s.io/v1beta1", "admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration ValidatingWebhookConfiguration", False),
    (22, "apiextensions.k8s.io/v1beta1", "apiextensions.k8s.io/v1", "CustomResourceDefinition", False),
    (22, "apiregistration.k8s.io/v1beta1", "apiregistration.k8s.io/v1", "APIService", True),
    (22, "certificates.k8s.io/v1beta1", "certificates.k8s.io/v1", "CertificateSigningRequest", False),
    (22, "coordination.k8s.io/v1beta1", "coordination.k8s.io/v1", "Lease", True),
    (22, "rbac.authorization.k8s.io/v1beta1", "rbac.authorization.k8s.io/v1", "ClusterRole ClusterRoleBinding Role RoleBinding", True),
    (22, "scheduling.k8s.io/v1beta1", "scheduling.k8s.io/v1", "PriorityClass", True),
    (22, "storage.k8s.io/v1beta1", "storage.k8s.io/v1", "CSIDriver CSINode StorageClass VolumeAttachment", True),
    (25, "autoscaling/v2beta1", "autoscaling/v2", "HorizontalPodAutoscaler", False),
    (25, "batch/v1beta1", "batch/v1", "CronJob", True),
    (25, "discovery.k8s.io/v1beta1", "discovery.k8s.io/v1", "EndpointSlice", False),
    (25, "node.k8s.io/v1beta1", "node.k8s.io/v1", "RuntimeClass", True),
    (25, "policy/v1beta1", "policy/v1", "PodDisruptionBudget", False),  # an empty selector selects all now
    (25, "policy/v1beta1", "", "PodSecurityPolicy", False),
    (26, "autoscaling/v2beta2", "autoscaling/v2", "HorizontalPodAutoscaler", True),
    (26, "flowcontrol.apiserver.k8s.io/v1beta1", "flowcontrol.apiserver.k8s.io/v1", "FlowSchema PriorityLevelConfiguration", False),
    (27, "storage.k8s.io/v1beta1", "storage.k8s.io/v1", "CSIStorageCapacity", True),
    (29, "flowcontrol.apiserver.k8s.io/v1beta2", "flowcontrol.apiserver.k8s.io/v1", "FlowSchema PriorityLevelConfiguration", False),
    (32, "flowcontrol.apiserver.k8s.io/v1beta3", "flowcontrol.apiserver.k8s.io/v1", "FlowSchema PriorityLevelConfiguration", False),
)  # fmt: skip

# By apiVersion and kind.
REMOVED: Mapping[tuple[str, str], Removed] = {
    (old, kind): Removed(minor, new, same) for minor, old, new, kinds, same in _ROWS for kind in kinds.split()
}
KINDS = frozenset(kind for _, kind in REMOVED)
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
# kubectl writes the keys in order, apiVersion first.
_VERSION = re.compile(r'\{"apiVersion":"(?P<version>[^"]{1,120})"')


def written_as(index: Index, item: KubeObject) -> str:
    """The apiVersion of its manifest, "" where it is not known: a live object is served in the API server's version, whatever it was written in."""
    if index.snapshot.intent_only or (item.api_version, item.kind.partition(".")[0]) in REMOVED:
        return item.api_version
    found = _VERSION.match(item.metadata.annotations.get(_APPLIED, ""))
    return found["version"] if found else ""
