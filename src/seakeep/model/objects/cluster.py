"""Nodes, namespaces, configuration, limits, admission, access, events (the rest of what Seakeep reads)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import field

from seakeep.model.objects.base import Condition, KubeObject, LabelSelector, Quantities, Wire
from seakeep.model.objects.pods import LocalReference, Toleration
from seakeep.model.refs import Ref


class Taint(Wire, frozen=True, kw_only=True):
    key: str = ""
    value: str = ""
    effect: str = ""
    time_added: datetime | None = None


class NodeSpec(Wire, frozen=True, kw_only=True):
    unschedulable: bool = False
    taints: tuple[Taint, ...] = ()
    pod_cidr: str = field(default="", name="podCIDR")
    provider_id: str = field(default="", name="providerID")


class NodeAddress(Wire, frozen=True, kw_only=True):
    type: str = ""
    address: str = ""


class NodeInfo(Wire, frozen=True, kw_only=True):
    architecture: str = ""
    kubelet_version: str = ""
    container_runtime_version: str = ""
    os_image: str = ""


class NodeImage(Wire, frozen=True, kw_only=True):
    names: tuple[str, ...] = ()
    size_bytes: int = 0


class NodeStatus(Wire, frozen=True, kw_only=True):
    capacity: Quantities = {}
    allocatable: Quantities = {}
    conditions: tuple[Condition, ...] = ()
    addresses: tuple[NodeAddress, ...] = ()
    node_info: NodeInfo = NodeInfo()
    images: tuple[NodeImage, ...] = ()
    declared_features: tuple[str, ...] = ()


class Node(KubeObject, frozen=True, kw_only=True):
    kind: str = "Node"
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()


class NamespaceStatus(Wire, frozen=True, kw_only=True):
    phase: str = ""
    conditions: tuple[Condition, ...] = ()


class NamespaceSpec(Wire, frozen=True, kw_only=True):
    finalizers: tuple[str, ...] = ()


class Namespace(KubeObject, frozen=True, kw_only=True):
    kind: str = "Namespace"
    spec: NamespaceSpec = NamespaceSpec()
    status: NamespaceStatus = NamespaceStatus()


class ConfigMap(KubeObject, frozen=True, kw_only=True):
    kind: str = "ConfigMap"
    data: dict[str, str] = {}
    binary_data: dict[str, str] = {}
    immutable: bool = False


class Secret(KubeObject, frozen=True, kw_only=True):
    """Only the names of the keys; the values are dropped while decoding."""

    kind: str = "Secret"
    type: str = ""
    keys: tuple[str, ...] = ()
    immutable: bool = False


class ServiceAccount(KubeObject, frozen=True, kw_only=True):
    kind: str = "ServiceAccount"
    image_pull_secrets: tuple[LocalReference, ...] = ()
    automount_service_account_token: bool | None = None


class QuotaSpec(Wire, frozen=True, kw_only=True):
    hard: Quantities = {}
    scopes: tuple[str, ...] = ()
    scope_selector: dict[str, Any] | None = None


class QuotaStatus(Wire, frozen=True, kw_only=True):
    hard: Quantities = {}
    used: Quantities = {}


class ResourceQuota(KubeObject, frozen=True, kw_only=True):
    kind: str = "ResourceQuota"
    spec: QuotaSpec = QuotaSpec()
    status: QuotaStatus = QuotaStatus()


class Limit(Wire, frozen=True, kw_only=True):
    type: str = ""
    default: Quantities = {}
    default_request: Quantities = {}
    min: Quantities = {}
    max: Quantities = {}
    max_limit_request_ratio: Quantities = {}


class LimitRangeSpec(Wire, frozen=True, kw_only=True):
    limits: tuple[Limit, ...] = ()


class LimitRange(KubeObject, frozen=True, kw_only=True):
    kind: str = "LimitRange"
    spec: LimitRangeSpec = LimitRangeSpec()


class PriorityClass(KubeObject, frozen=True, kw_only=True):
    kind: str = "PriorityClass"
    value: int = 0
    global_default: bool = False
    preemption_policy: str = ""


class Overhead(Wire, frozen=True, kw_only=True):
    pod_fixed: Quantities = {}


class RuntimeScheduling(Wire, frozen=True, kw_only=True):
    node_selector: dict[str, str] = {}
    tolerations: tuple[Toleration, ...] = ()


class RuntimeClass(KubeObject, frozen=True, kw_only=True):
    kind: str = "RuntimeClass"
    handler: str = ""
    overhead: Overhead | None = None
    scheduling: RuntimeScheduling | None = None


class WebhookService(Wire, frozen=True, kw_only=True):
    name: str = ""
    namespace: str = ""
    port: int = 443
    path: str = ""


class WebhookClient(Wire, frozen=True, kw_only=True):
    service: WebhookService | None = None
    url: str = ""


class Webhook(Wire, frozen=True, kw_only=True):
    name: str = ""
    client_config: WebhookClient = WebhookClient()
    failure_policy: str = "Fail"
    timeout_seconds: int = 10
    namespace_selector: LabelSelector | None = None
    object_selector: LabelSelector | None = None
    rules: tuple[dict[str, Any], ...] = ()


class WebhookConfiguration(KubeObject, frozen=True, kw_only=True):
    """Validating and mutating configurations share this form."""

    webhooks: tuple[Webhook, ...] = ()


class ValidatingWebhookConfiguration(WebhookConfiguration, frozen=True, kw_only=True):
    kind: str = "ValidatingWebhookConfiguration"


class MutatingWebhookConfiguration(WebhookConfiguration, frozen=True, kw_only=True):
    kind: str = "MutatingWebhookConfiguration"


class ApiServiceSpec(Wire, frozen=True, kw_only=True):
    group: str = ""
    version: str = ""
    service: WebhookService | None = None


class ConditionsStatus(Wire, frozen=True, kw_only=True):
    conditions: tuple[Condition, ...] = ()


class APIService(KubeObject, frozen=True, kw_only=True):
    kind: str = "APIService"
    spec: ApiServiceSpec = ApiServiceSpec()
    status: ConditionsStatus = ConditionsStatus()


class ContainerUsage(Wire, frozen=True, kw_only=True):
    name: str = ""
    usage: Quantities = {}


class PodMetrics(KubeObject, frozen=True, kw_only=True):
    """What metrics-server measured of a pod; becomes `snapshot.Usage` where a source is put together."""

    kind: str = "PodMetrics"
    containers: tuple[ContainerUsage, ...] = ()


class NodeMetrics(KubeObject, frozen=True, kw_only=True):
    kind: str = "NodeMetrics"
    usage: Quantities = {}


class LeaseSpec(Wire, frozen=True, kw_only=True):
    holder_identity: str = ""
    renew_time: datetime | None = None
    lease_duration_seconds: int = 0


class Lease(KubeObject, frozen=True, kw_only=True):
    kind: str = "Lease"
    spec: LeaseSpec = LeaseSpec()


class PolicyRule(Wire, frozen=True, kw_only=True):
    verbs: tuple[str, ...] = ()
    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()


class RoleRef(Wire, frozen=True, kw_only=True):
    kind: str = ""
    name: str = ""


class Subject(Wire, frozen=True, kw_only=True):
    kind: str = ""
    name: str = ""
    namespace: str = ""


class Role(KubeObject, frozen=True, kw_only=True):
    kind: str = "Role"
    rules: tuple[PolicyRule, ...] = ()


class ClusterRole(KubeObject, frozen=True, kw_only=True):
    kind: str = "ClusterRole"
    rules: tuple[PolicyRule, ...] = ()


class RoleBinding(KubeObject, frozen=True, kw_only=True):
    kind: str = "RoleBinding"
    role_ref: RoleRef = RoleRef()
    subjects: tuple[Subject, ...] = ()


class ClusterRoleBinding(KubeObject, frozen=True, kw_only=True):
    kind: str = "ClusterRoleBinding"
    role_ref: RoleRef = RoleRef()
    subjects: tuple[Subject, ...] = ()


class ObjectReference(Wire, frozen=True, kw_only=True):
    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""
    field_path: str = ""


class EventSource(Wire, frozen=True, kw_only=True):
    component: str = ""
    host: str = ""


class EventSeries(Wire, frozen=True, kw_only=True):
    count: int = 0
    last_observed_time: datetime | None = None


class Event(KubeObject, frozen=True, kw_only=True):
    """core/v1 and events.k8s.io/v1 in one form; use `about`, `text`, `last_seen` and `times` rather than the raw fields."""

    kind: str = "Event"
    involved_object: ObjectReference | None = None
    regarding: ObjectReference | None = None
    type: str = ""
    reason: str = ""
    message: str = ""
    note: str = ""
    count: int = 0
    first_timestamp: datetime | None = None
    last_timestamp: datetime | None = None
    event_time: datetime | None = None
    series: EventSeries | None = None
    source: EventSource = EventSource()
    reporting_component: str = ""

    @property
    def about(self) -> Ref:
        target = self.involved_object or self.regarding or ObjectReference()
        return Ref(target.kind, target.namespace, target.name)

    @property
    def text(self) -> str:
        return self.message or self.note

    @property
    def last_seen(self) -> datetime | None:
        series = self.series.last_observed_time if self.series else None
        return (
            series or self.last_timestamp or self.event_time or self.first_timestamp or self.metadata.creation_timestamp
        )

    @property
    def first_seen(self) -> datetime | None:
        return self.first_timestamp or self.event_time or self.metadata.creation_timestamp

    @property
    def times(self) -> int:
        return max(self.count, self.series.count if self.series else 0, 1)
