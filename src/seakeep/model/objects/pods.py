"""Pods and what is inside them (core/v1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import field

from seakeep.model.objects.base import Condition, IntOrString, KubeObject, LabelSelector, Quantities, Requirement, Wire


class ContainerPort(Wire, frozen=True, kw_only=True):
    name: str = ""
    container_port: int = 0
    host_port: int = 0
    host_ip: str = field(default="", name="hostIP")
    protocol: str = "TCP"


class KeySelector(Wire, frozen=True, kw_only=True):
    """A key of a ConfigMap or Secret (or, for the downward API, a field)."""

    name: str = ""
    key: str = ""
    optional: bool = False
    field_path: str = ""
    resource: str = ""


class EnvVarSource(Wire, frozen=True, kw_only=True):
    config_map_key_ref: KeySelector | None = None
    secret_key_ref: KeySelector | None = None
    field_ref: KeySelector | None = None
    resource_field_ref: KeySelector | None = None


class EnvVar(Wire, frozen=True, kw_only=True):
    name: str = ""
    value: str = ""
    value_from: EnvVarSource | None = None


class LocalReference(Wire, frozen=True, kw_only=True):
    name: str = ""
    optional: bool = False


class EnvFrom(Wire, frozen=True, kw_only=True):
    prefix: str = ""
    config_map_ref: LocalReference | None = None
    secret_ref: LocalReference | None = None


class HttpGet(Wire, frozen=True, kw_only=True):
    path: str = ""
    port: IntOrString = 0
    scheme: str = "HTTP"
    host: str = ""
    http_headers: tuple[dict[str, str], ...] = ()


class TcpSocket(Wire, frozen=True, kw_only=True):
    port: IntOrString = 0
    host: str = ""


class GrpcAction(Wire, frozen=True, kw_only=True):
    port: int = 0
    service: str = ""


class ExecAction(Wire, frozen=True, kw_only=True):
    command: tuple[str, ...] = ()


class Probe(Wire, frozen=True, kw_only=True):
    """Seconds throughout; defaults are the API server's."""

    http_get: HttpGet | None = None
    tcp_socket: TcpSocket | None = None
    grpc: GrpcAction | None = None
    exec: ExecAction | None = None
    initial_delay_seconds: int = 0
    period_seconds: int = 10
    timeout_seconds: int = 1
    success_threshold: int = 1
    failure_threshold: int = 3


class Handler(Wire, frozen=True, kw_only=True):
    exec: ExecAction | None = None
    http_get: HttpGet | None = None
    tcp_socket: TcpSocket | None = None
    sleep: dict[str, int] | None = None


class Lifecycle(Wire, frozen=True, kw_only=True):
    pre_stop: Handler | None = None
    post_start: Handler | None = None


class Resources(Wire, frozen=True, kw_only=True):
    requests: Quantities = {}
    limits: Quantities = {}


class Capabilities(Wire, frozen=True, kw_only=True):
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


class SecurityContext(Wire, frozen=True, kw_only=True):
    """Container and pod level in one; a field that a level does not have stays None."""

    run_as_user: int | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    fs_group: int | None = None
    fs_group_change_policy: str = ""
    privileged: bool | None = None
    allow_privilege_escalation: bool | None = None
    read_only_root_filesystem: bool | None = None
    capabilities: Capabilities | None = None
    seccomp_profile: dict[str, Any] | None = None
    app_armor_profile: dict[str, Any] | None = None
    se_linux_options: dict[str, Any] | None = None
    windows_options: dict[str, Any] | None = None
    proc_mount: str = ""
    sysctls: tuple[dict[str, str], ...] = ()
    supplemental_groups: tuple[int, ...] = ()


class VolumeMount(Wire, frozen=True, kw_only=True):
    name: str = ""
    mount_path: str = ""
    sub_path: str = ""
    read_only: bool = False
    bind_mount_options: tuple[str, ...] = ()


class Container(Wire, frozen=True, kw_only=True):
    name: str = ""
    image: str = ""
    image_pull_policy: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    working_dir: str = ""
    ports: tuple[ContainerPort, ...] = ()
    env: tuple[EnvVar, ...] = ()
    env_from: tuple[EnvFrom, ...] = ()
    resources: Resources = Resources()
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None
    startup_probe: Probe | None = None
    lifecycle: Lifecycle | None = None
    volume_mounts: tuple[VolumeMount, ...] = ()
    security_context: SecurityContext | None = None
    restart_policy: str = ""
    restart_policy_rules: tuple[dict[str, Any], ...] = ()


class KeyToPath(Wire, frozen=True, kw_only=True):
    key: str = ""
    path: str = ""


class ConfigMapVolume(Wire, frozen=True, kw_only=True):
    name: str = ""
    optional: bool = False
    items: tuple[KeyToPath, ...] = ()


class SecretVolume(Wire, frozen=True, kw_only=True):
    secret_name: str = ""
    name: str = ""
    optional: bool = False
    items: tuple[KeyToPath, ...] = ()


class ClaimVolume(Wire, frozen=True, kw_only=True):
    claim_name: str = ""
    read_only: bool = False


class EmptyDir(Wire, frozen=True, kw_only=True):
    medium: str = ""
    size_limit: str | int | None = None


class HostPath(Wire, frozen=True, kw_only=True):
    path: str = ""
    type: str = ""


class ProjectedSource(Wire, frozen=True, kw_only=True):
    config_map: ConfigMapVolume | None = None
    secret: SecretVolume | None = None


class ProjectedVolume(Wire, frozen=True, kw_only=True):
    sources: tuple[ProjectedSource, ...] = ()


class Volume(Wire, frozen=True, kw_only=True):
    name: str = ""
    config_map: ConfigMapVolume | None = None
    secret: SecretVolume | None = None
    persistent_volume_claim: ClaimVolume | None = None
    empty_dir: EmptyDir | None = None
    host_path: HostPath | None = None
    projected: ProjectedVolume | None = None
    ephemeral: dict[str, Any] | None = None
    csi: dict[str, Any] | None = None
    nfs: dict[str, Any] | None = None
    image: dict[str, Any] | None = None
    gce_persistent_disk: dict[str, Any] | None = None
    aws_elastic_block_store: dict[str, Any] | None = None
    iscsi: dict[str, Any] | None = None
    rbd: dict[str, Any] | None = None
    downward_api: dict[str, Any] | None = field(default=None, name="downwardAPI")
    git_repo: dict[str, Any] | None = None
    glusterfs: dict[str, Any] | None = None
    flex_volume: dict[str, Any] | None = None
    cinder: dict[str, Any] | None = None
    cephfs: dict[str, Any] | None = None
    fc: dict[str, Any] | None = None
    azure_file: dict[str, Any] | None = None
    azure_disk: dict[str, Any] | None = None
    vsphere_volume: dict[str, Any] | None = None
    portworx_volume: dict[str, Any] | None = None
    scale_io: dict[str, Any] | None = field(default=None, name="scaleIO")


class Toleration(Wire, frozen=True, kw_only=True):
    key: str = ""
    operator: str = "Equal"
    value: str = ""
    effect: str = ""
    toleration_seconds: int | None = None


class NodeSelectorTerm(Wire, frozen=True, kw_only=True):
    match_expressions: tuple[Requirement, ...] = ()
    match_fields: tuple[Requirement, ...] = ()


class NodeSelector(Wire, frozen=True, kw_only=True):
    node_selector_terms: tuple[NodeSelectorTerm, ...] = ()


class PreferredNodeTerm(Wire, frozen=True, kw_only=True):
    weight: int = 1
    preference: NodeSelectorTerm = NodeSelectorTerm()


class NodeAffinity(Wire, frozen=True, kw_only=True):
    """A list of preferences without entries is not the same as none: kube-scheduler then gives scores, of 0."""

    required_during_scheduling_ignored_during_execution: NodeSelector | None = None
    preferred_during_scheduling_ignored_during_execution: tuple[PreferredNodeTerm, ...] | None = None


class PodAffinityTerm(Wire, frozen=True, kw_only=True):
    label_selector: LabelSelector | None = None
    topology_key: str = ""
    namespaces: tuple[str, ...] = ()
    namespace_selector: LabelSelector | None = None
    match_label_keys: tuple[str, ...] = ()
    mismatch_label_keys: tuple[str, ...] = ()


class WeightedPodAffinityTerm(Wire, frozen=True, kw_only=True):
    weight: int = 1
    pod_affinity_term: PodAffinityTerm = PodAffinityTerm()


class PodAffinity(Wire, frozen=True, kw_only=True):
    """Pod affinity and anti-affinity share this form."""

    required_during_scheduling_ignored_during_execution: tuple[PodAffinityTerm, ...] = ()
    preferred_during_scheduling_ignored_during_execution: tuple[WeightedPodAffinityTerm, ...] = ()


class Affinity(Wire, frozen=True, kw_only=True):
    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAffinity | None = None


class TopologySpread(Wire, frozen=True, kw_only=True):
    max_skew: int = 1
    topology_key: str = ""
    when_unsatisfiable: str = "DoNotSchedule"
    label_selector: LabelSelector | None = None
    min_domains: int | None = None
    node_affinity_policy: str = "Honor"
    node_taints_policy: str = "Ignore"
    match_label_keys: tuple[str, ...] = ()


class DnsOption(Wire, frozen=True, kw_only=True):
    name: str = ""
    value: str = ""


class DnsConfig(Wire, frozen=True, kw_only=True):
    nameservers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    options: tuple[DnsOption, ...] = ()


class HostAlias(Wire, frozen=True, kw_only=True):
    ip: str = ""
    hostnames: tuple[str, ...] = ()


class PodSpec(Wire, frozen=True, kw_only=True):
    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    volumes: tuple[Volume, ...] = ()
    restart_policy: str = "Always"
    node_name: str = ""
    node_selector: dict[str, str] = {}
    affinity: Affinity | None = None
    tolerations: tuple[Toleration, ...] = ()
    topology_spread_constraints: tuple[TopologySpread, ...] = ()
    service_account_name: str = ""
    automount_service_account_token: bool | None = None
    image_pull_secrets: tuple[LocalReference, ...] = ()
    priority_class_name: str = ""
    priority: int | None = None
    preemption_policy: str = ""
    scheduler_name: str = "default-scheduler"
    scheduling_gates: tuple[LocalReference, ...] = ()
    security_context: SecurityContext | None = None
    termination_grace_period_seconds: int | None = None
    active_deadline_seconds: int | None = None
    dns_policy: str = "ClusterFirst"
    dns_config: DnsConfig | None = None
    host_aliases: tuple[HostAlias, ...] = ()
    host_network: bool = False
    host_pid: bool = field(default=False, name="hostPID")
    host_ipc: bool = field(default=False, name="hostIPC")
    host_users: bool | None = None
    os: dict[str, Any] | None = None
    ephemeral_containers: tuple[Container, ...] = ()
    hostname: str = ""
    subdomain: str = ""
    overhead: Quantities = {}
    resources: Resources = Resources()
    runtime_class_name: str = ""


class Waiting(Wire, frozen=True, kw_only=True):
    reason: str = ""
    message: str = ""


class Running(Wire, frozen=True, kw_only=True):
    started_at: datetime | None = None


class Terminated(Wire, frozen=True, kw_only=True):
    exit_code: int = 0
    signal: int = 0
    reason: str = ""
    message: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None


class ContainerState(Wire, frozen=True, kw_only=True):
    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


class GivenResources(Wire, frozen=True, kw_only=True):
    """What the kubelet has set; requests without entries are not the same as none."""

    requests: Quantities | None = None
    limits: Quantities = {}


class ContainerStatus(Wire, frozen=True, kw_only=True):
    name: str = ""
    ready: bool = False
    restart_count: int = 0
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()
    image: str = ""
    image_id: str = field(default="", name="imageID")
    resources: GivenResources | None = None
    allocated_resources: Quantities | None = None


class PodStatus(Wire, frozen=True, kw_only=True):
    phase: str = ""
    reason: str = ""
    message: str = ""
    conditions: tuple[Condition, ...] = ()
    host_ip: str = field(default="", name="hostIP")
    pod_ip: str = field(default="", name="podIP")
    start_time: datetime | None = None
    init_container_statuses: tuple[ContainerStatus, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()
    qos_class: str = ""
    nominated_node_name: str = ""
    resources: GivenResources | None = None
    allocated_resources: Quantities | None = None


class Pod(KubeObject, frozen=True, kw_only=True):
    kind: str = "Pod"
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()


class PodTemplateMetadata(Wire, frozen=True, kw_only=True):
    name: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class PodTemplate(Wire, frozen=True, kw_only=True):
    metadata: PodTemplateMetadata = PodTemplateMetadata()
    spec: PodSpec = PodSpec()
