"""Which of the kinds that a server serves are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.kube.discovery import GroupKind, Resource
from seakeep.model.objects import STRUCTS

# API groups of the operators whose resources own pods, explain why there are none, or say what is backed up.
OPERATORS = frozenset(
    {
        "kafka.strimzi.io", "core.strimzi.io", "postgresql.cnpg.io", "elasticsearch.k8s.elastic.co", "kibana.k8s.elastic.co", "ray.io", "sparkoperator.k8s.io",
        "argoproj.io", "gateway.networking.k8s.io", "networking.istio.io", "security.istio.io", "cert-manager.io", "keda.sh", "monitoring.coreos.com", "acid.zalan.do",
        "flink.apache.org", "velero.io", "k8up.io", "snapshot.storage.k8s.io",
    }
)  # fmt: skip
# Large or many, and nothing that owns a workload or explains one.
_LEFT_OUT = frozenset(
    {
        "PrometheusRule", "ServiceMonitor", "PodMonitor", "Probe", "ScrapeConfig", "AlertmanagerConfig", "CertificateRequest",
        "WorkflowTaskResult", "WorkflowTaskSet", "WorkflowArtifactGCTask", "AnalysisRun", "KafkaTopic", "KafkaUser",
        "PodVolumeBackup", "PodVolumeRestore", "DataUpload", "DataDownload", "DownloadRequest", "DeleteBackupRequest", "ServerStatusRequest", "BackupRepository",
        "VolumeSnapshotContent",
    }
)  # fmt: skip
# Events are read in their core form, which is the same objects; usage is asked for apart. Old pod templates explain nothing of today.
_KNOWN = frozenset(
    (group, kind)
    for group, kind in STRUCTS
    if group not in {"events.k8s.io", "metrics.k8s.io"} and kind != "ControllerRevision"
)
# What takes longest comes first, so that nothing waits for it alone at the end.
_FIRST = ("Pod", "Event", "ReplicaSet", "ConfigMap", "Secret")


def wanted(served: Mapping[GroupKind, Resource]) -> list[Resource]:
    """Kinds that Seakeep knows, and those of operators, as far as they are served."""
    found = [
        item
        for (group, kind), item in served.items()
        if (group, kind) in _KNOWN or (group in OPERATORS and kind not in _LEFT_OUT)
    ]
    return sorted(
        found, key=lambda item: (_FIRST.index(item.kind) if item.kind in _FIRST else 9, item.group, item.kind)
    )


def owners(assembly: Assembly, read: Sequence[Resource], served: Mapping[GroupKind, Resource]) -> list[Resource]:
    """Kinds that own something of what was read and were not read themselves: custom resources of operators that nobody told Seakeep about."""
    named = {
        (owner.api_version.rpartition("/")[0], owner.kind)
        for resource in read
        for item in assembly.all(resource.kind)
        for owner in item.metadata.owner_references
    }
    known = {(resource.group, resource.kind) for resource in read}
    return [served[key] for key in sorted(named - known) if key in served and key not in _KNOWN]
