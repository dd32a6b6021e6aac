"""API versions that Kubernetes serves its own kinds in, and manifests written in one that it never did: https://kubernetes.io/docs/reference/kubernetes-api/."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.admission.removed_apis import REMOVED
from seakeep.facts.index import Index
from seakeep.model.objects import KubeObject

_SERVED = {
    "v1": "Binding ComponentStatus ConfigMap Endpoints Event LimitRange List Namespace Node PersistentVolume PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount",
    "admissionregistration.k8s.io/v1": "MutatingAdmissionPolicy MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingWebhookConfiguration",
    "apiextensions.k8s.io/v1": "CustomResourceDefinition",
    "apiregistration.k8s.io/v1": "APIService",
    "apps/v1": "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
    "authentication.k8s.io/v1": "TokenRequest TokenReview",
    "authorization.k8s.io/v1": "LocalSubjectAccessReview SelfSubjectAccessReview SubjectAccessReview",
    "autoscaling/v2": "HorizontalPodAutoscaler",
    "autoscaling/v1": "HorizontalPodAutoscaler Scale",
    "batch/v1": "CronJob Job",
    "certificates.k8s.io/v1": "CertificateSigningRequest",
    "coordination.k8s.io/v1": "Lease",
    "discovery.k8s.io/v1": "EndpointSlice",
    "events.k8s.io/v1": "Event",
    "flowcontrol.apiserver.k8s.io/v1": "FlowSchema PriorityLevelConfiguration",
    "networking.k8s.io/v1": "Ingress IngressClass IPAddress NetworkPolicy ServiceCIDR",
    "node.k8s.io/v1": "RuntimeClass",
    "policy/v1": "Eviction PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding Role RoleBinding",
    "scheduling.k8s.io/v1": "PriorityClass",
    "storage.k8s.io/v1": "CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment VolumeAttributesClass",
}  # fmt: skip
_PAIRS = frozenset((version, kind) for version, kinds in _SERVED.items() for kind in kinds.split())
# Of two, the one that stands first.
_VERSIONS = {kind: version for version, kinds in reversed(_SERVED.items()) for kind in kinds.split()}
_GROUPS = frozenset(version.rpartition("/")[0] for version in _SERVED)


class Unserved(Struct, frozen=True):
    """`kind` as it is written; `served` is the version that Kubernetes has it in, "" where it has no such kind."""

    item: KubeObject
    kind: str
    written: str
    served: str


def unserved(index: Index) -> Iterator[Unserved]:
    """Of manifests. Versions that were served once are another matter, and so are previews, which some API servers serve. A custom resource's group has a dot in it."""
    for group in index.snapshot.objects.values() if index.snapshot.intent_only else ():
        for item in group.values():
            kind, written = item.kind.partition(".")[0], item.api_version
            if was_never_served(written, kind):
                yield Unserved(item, kind, written, _VERSIONS.get(kind, ""))


def was_never_served(written: str, kind: str) -> bool:
    """Whether no API server has the kind in that version, whatever was installed."""
    if not written or (written, kind) in _PAIRS or (written, kind) in REMOVED:
        return False
    place, _, version = written.rpartition("/")
    if any(letter.isspace() for letter in written) or written.count("/") > 1:
        return True
    preview = "alpha" in version or ("beta" in version and place in _GROUPS and "." in place)
    return not preview and ("." not in place or (kind in _VERSIONS and place in _GROUPS))
