"""What objects of manifests, custom resources included, name by kind and name, and what of it a set of manifests evidently lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.likeness import near
from seakeep.facts.once import once
from seakeep.facts.selection import matches_map
from seakeep.facts.workloads.planned import Lack, lacks
from seakeep.model.confidence import LIKELY, POSSIBLE, PROVEN
from seakeep.model.fields import maps
from seakeep.model.objects import (
    APIService,
    ClusterRoleBinding,
    Ingress,
    KubeObject,
    PersistentVolumeClaim,
    RoleBinding,
    Service,
    StatefulSet,
    Unstructured,
)

_ROUTES = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
# Custom resource → the field (or label) that names another, its kind, and where its kind stands. Documentation of cert-manager, ECK, External Secrets, CloudNativePG, Strimzi, VerticalPodAutoscaler.
_FIELDS = (
    ("Certificate", "spec.issuerRef.name", "Issuer", "spec.issuerRef.kind"),
    ("ExternalSecret", "spec.secretStoreRef.name", "SecretStore", "spec.secretStoreRef.kind"),
    ("Kibana", "spec.elasticsearchRef.name", "Elasticsearch", ""),
    ("ApmServer", "spec.elasticsearchRef.name", "Elasticsearch", ""),
    ("Beat", "spec.elasticsearchRef.name", "Elasticsearch", ""),
    ("ScheduledBackup", "spec.cluster.name", "Cluster", ""),
    ("Backup", "spec.cluster.name", "Cluster", ""),
    ("Cluster", "spec.superuserSecret.name", "Secret", ""),
    ("Cluster", "spec.bootstrap.initdb.secret.name", "Secret", ""),
    ("Pooler", "spec.cluster.name", "Cluster", ""),
    ("KafkaTopic", "metadata.labels.strimzi.io/cluster", "Kafka", ""),
    ("KafkaUser", "metadata.labels.strimzi.io/cluster", "Kafka", ""),
    ("KafkaConnector", "metadata.labels.strimzi.io/cluster", "KafkaConnect", ""),
    ("KafkaNodePool", "metadata.labels.strimzi.io/cluster", "Kafka", ""),
    ("VerticalPodAutoscaler", "spec.targetRef.name", "Deployment", "spec.targetRef.kind"),
    ("Gateway", "spec.gatewayClassName", "GatewayClass", ""),
    ("Rollout", "spec.workloadRef.name", "Deployment", "spec.workloadRef.kind"),
)
# Servers: many share one, so that one is meant even where others name it.
_SHARED = frozenset({"Cluster", "Elasticsearch", "Kafka", "KafkaConnect"})
_CLUSTER_WIDE = frozenset({"IngressClass", "StorageClass", "GatewayClass", "ClusterRole", "ClusterIssuer", "ClusterSecretStore"})  # fmt: skip
_PAIRS = (("Role", "ClusterRole"), ("Issuer", "ClusterIssuer"), ("SecretStore", "ClusterSecretStore"))
_SIBLINGS = {**dict(_PAIRS), **{wide: narrow for narrow, wide in _PAIRS}}
# So many letters at the start make two classes look like one family: `longhorn-fast`, `longhorn-ssd`.
_FAMILY = 4


class Named(Struct, frozen=True):
    """`part` is set where the object is there, and lacks a part of that name (a Gateway's listener)."""

    holder: KubeObject
    path: str
    kind: str
    namespace: str
    name: str
    part: str = ""


class Lost(Struct, frozen=True):
    """`kind` is set where one of that name is there, of this other kind."""

    named: Named
    lack: Lack
    kind: str = ""


@once
def lost(index: Index) -> tuple[Lost, ...]:
    """Of manifests, each once, sorted by holder."""
    if not index.snapshot.intent_only:
        return ()
    named = sorted(_all(index), key=lambda item: (item.holder.ref, item.path, item.kind, item.name, item.part))
    wanted: dict[str, dict[str, set[str]]] = {}
    for item in named:
        wanted.setdefault(item.kind, {}).setdefault(item.namespace, set()).add(item.name)
    absent = {kind: lacks(index, kind, names) for kind, names in wanted.items()}
    found: list[Lost] = []
    for item in named:
        lack = (
            absent[item.kind].get((item.namespace, item.name))
            or _of_family(index, item, wanted[item.kind])
            or _of_only(index, item)
            or _of_sibling(index, item)
        )
        if item.part:
            lack = _without_part(index, item)
        if lack:
            found.append(Lost(item, lack, _SIBLINGS.get(item.kind, "") if lack.meant == item.name else ""))
    found += _unnamed_sets(index)
    return tuple(sorted(found, key=lambda item: (item.named.holder.ref, item.named.path)))


def _unnamed_sets(index: Index) -> Iterator[Lost]:
    """A StatefulSet whose serviceName is nobody's, while another headless Service picks its pods."""
    for owner in index.snapshot.all(StatefulSet):
        name, labels = owner.spec.service_name, owner.spec.template.metadata.labels
        near_by = [item for item in index.services_in(owner.namespace) if matches_map(item.spec.selector, labels)]
        headless = [item.name for item in near_by if item.spec.cluster_ip == "None"]
        if name and len(headless) == 1 and index.snapshot.get(Service, owner.namespace, name) is None:
            named = Named(owner, "spec.serviceName", "Service", owner.namespace, name)
            yield Lost(named, Lack(POSSIBLE, headless[0], shared=True))


def _of_family(index: Index, item: Named, wanted: Mapping[str, set[str]]) -> Lack | None:
    """A class that is the only one asked for in vain, where the only one that nobody asks for begins like it."""
    if item.kind not in {"StorageClass", "IngressClass"}:
        return None
    asked = {name for names in wanted.values() for name in names}
    there = {each.name for each in index.snapshot.of_kind(item.kind)}
    missing, idle = asked - there, there - asked
    if missing == {item.name} and len(idle) == 1:
        other = min(idle)
        if other[:_FAMILY] == item.name[:_FAMILY]:
            return Lack(POSSIBLE, other)
    return None


def _of_only(index: Index, item: Named) -> Lack | None:
    """The only server of its kind, whose name goes on, or ends sooner."""
    there = [each.name for each in index.snapshot.of_kind(item.kind)] if item.kind in _SHARED else []
    return Lack(POSSIBLE, there[0], shared=True) if len(there) == 1 and near(there[0], item.name) else None


def _of_sibling(index: Index, item: Named) -> Lack | None:
    """A Role that is none, where a ClusterRole has that very name, and the other way round."""
    other = _SIBLINGS.get(item.kind)
    if other is None or _is_there(index, item.kind, item) or not _is_there(index, other, item):
        return None
    return Lack(LIKELY, item.name)


def _is_there(index: Index, kind: str, item: Named) -> bool:
    """Of a kind with namespaces, in that of the holder."""
    space = "" if kind in _CLUSTER_WIDE else item.holder.namespace
    return any((each.namespace, each.name) == (space, item.name) for each in index.snapshot.of_kind(kind))


def _without_part(index: Index, item: Named) -> Lack | None:
    gateway = next((each for each in index.snapshot.of_kind(item.kind) if (each.namespace, each.name) == (item.namespace, item.name)), None)  # fmt: skip
    names = [str(each.get("name")) for each in maps(_at(gateway, "spec.listeners"))] if gateway else []
    if not names or item.part in names:
        return None
    return Lack(PROVEN, names[0] if len(names) == 1 else "")


def _all(index: Index) -> Iterator[Named]:
    snapshot = index.snapshot
    for ingress in snapshot.all(Ingress):
        if ingress.spec.ingress_class_name:
            yield Named(ingress, "spec.ingressClassName", "IngressClass", "", ingress.spec.ingress_class_name)
    for claim in snapshot.all(PersistentVolumeClaim):
        if claim.spec.storage_class_name and not claim.spec.volume_name:
            yield Named(claim, "spec.storageClassName", "StorageClass", "", claim.spec.storage_class_name)
    for owner in snapshot.all(StatefulSet):
        for claim in owner.spec.volume_claim_templates:
            if claim.spec.storage_class_name:
                path = f"spec.volumeClaimTemplates[{claim.name}].spec.storageClassName"
                yield Named(owner, path, "StorageClass", "", claim.spec.storage_class_name)
    for api in snapshot.all(APIService):
        if api.spec.service is not None and api.spec.service.name:
            target = api.spec.service
            yield Named(api, "spec.service.name", "Service", target.namespace, target.name)
    bindings: list[RoleBinding | ClusterRoleBinding] = [*snapshot.all(RoleBinding), *snapshot.all(ClusterRoleBinding)]
    for binding in bindings:
        role = binding.role_ref
        if role.kind in {"Role", "ClusterRole"}:
            space = binding.namespace if role.kind == "Role" else ""
            yield Named(binding, "roleRef.name", role.kind, space, role.name)
    yield from _of_custom(index)


def _of_custom(index: Index) -> Iterator[Named]:
    for kind, field, target, kind_field in _FIELDS:
        for item in index.snapshot.of_kind(kind):
            name = _at(item, field)
            if isinstance(item, Unstructured) and isinstance(name, str) and name:
                said = _at(item, kind_field) if kind_field else None
                wanted = said if isinstance(said, str) and said else target
                yield Named(item, field, wanted, "" if wanted in _CLUSTER_WIDE else item.namespace, name)
    for item in index.snapshot.of_kind("Rollout"):
        for path, name in _analyses(_at(item, "spec.strategy"), "spec.strategy"):
            yield Named(item, path, "AnalysisTemplate", item.namespace, name)
    for kind in _ROUTES:
        for item in index.snapshot.of_kind(kind):
            for number, parent in enumerate(maps(_at(item, "spec.parentRefs"))):
                if parent.get("kind", "Gateway") != "Gateway" or not parent.get("name"):
                    continue
                space, name = str(parent.get("namespace") or item.namespace), str(parent["name"])
                yield Named(item, f"spec.parentRefs[{number}].name", "Gateway", space, name)
                if parent.get("sectionName"):
                    path = f"spec.parentRefs[{number}].sectionName"
                    yield Named(item, path, "Gateway", space, name, str(parent["sectionName"]))


def _analyses(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """The templates that a Rollout's analyses name, wherever they stand in its strategy."""
    if isinstance(value, Mapping):
        if isinstance(value.get("templateName"), str) and not value.get("clusterScope"):
            yield f"{path}.templateName", value["templateName"]
        for key, each in value.items():
            yield from _analyses(each, f"{path}.{key}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _analyses(each, f"{path}[{number}]")


def _at(item: KubeObject | None, path: str) -> Any:
    """The value at a path of the spec, or a label."""
    if item is None:
        return None
    if path.startswith("metadata.labels."):
        return item.labels.get(path.removeprefix("metadata.labels."))
    value: Any = item.spec if isinstance(item, Unstructured) else None
    for key in path.removeprefix("spec.").split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
