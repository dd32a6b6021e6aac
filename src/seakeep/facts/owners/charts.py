"""Where well-known charts keep what changes set: from the charts' own values.yaml and templates, named with each."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class Part(Struct, frozen=True):
    """One workload of a chart: the path in the values under which its settings stand, and the name of its main container (`*` allowed), which alone they are about."""

    prefix: str
    container: str


class Chart(Struct, frozen=True):
    """`image` tells it from other charts of its name; `since` is the first major version with these keys. `parts` go by the label app.kubernetes.io/component, or `app` in older charts, "" for any.

    `keys` maps what a change sets to the key below the part's prefix, `/` before one at the top: fields of workload, pod spec and main container by their names; `livenessProbe` and its like are whole
    probes, `livenessProbe.timing` those without a handler; `pdb` is a PodDisruptionBudget, and `pdb.switch` what turns it on. `inner` are charts that it brings along under their own names.
    """

    name: str
    source: str
    image: str
    parts: Mapping[str, Part]
    keys: Mapping[str, str]
    since: int = 0
    inner: tuple[str, ...] = ()


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


_PLACES = _same("affinity", "nodeSelector", "tolerations")
_TIMING = {f"{name}.timing": name for name in ("livenessProbe", "readinessProbe")}
_WHOLE = _same("livenessProbe", "readinessProbe", "startupProbe") | _TIMING | {"startupProbe.timing": "startupProbe"}
_PROBES = _same("livenessProbe", "readinessProbe") | _TIMING
_CUSTOM = {
    "livenessProbe": "customLivenessProbe",
    "readinessProbe": "customReadinessProbe",
    "startupProbe": "customStartupProbe",
    "startupProbe.timing": "startupProbe",
} | _TIMING
_BITNAMI = (
    _PLACES
    | _CUSTOM
    | _same("resources", "priorityClassName", "topologySpreadConstraints", "terminationGracePeriodSeconds", "updateStrategy")
    | {"replicas": "replicaCount", "securityContext": "podSecurityContext", "container.securityContext": "containerSecurityContext", "env": "extraEnvVars"}
)  # fmt: skip
_BITNAMI_PDB = {"pdb": "pdb", "pdb.switch": "create"}
_SUPERSET = (
    _PLACES
    | _WHOLE
    | _same("resources", "strategy", "topologySpreadConstraints", "priorityClassName")
    | {"securityContext": "podSecurityContext", "container.securityContext": "containerSecurityContext", "pdb": "podDisruptionBudget", "pdb.switch": "enabled"}
    | {"nodeSelector": "/nodeSelector", "tolerations": "/tolerations"}
)  # fmt: skip
_TRINO = (
    _PLACES
    | _TIMING
    | _same("resources", "lifecycle", "topologySpreadConstraints", "terminationGracePeriodSeconds")
    | {"strategy": "deployment.strategy"}
)

CHARTS: tuple[Chart, ...] = (
    Chart(
        "kafka",
        "github.com/bitnami/charts bitnami/kafka",
        "*bitnami*/kafka",
        {"controller-eligible": Part("controller", "kafka"), "broker": Part("broker", "kafka")},
        _BITNAMI | _BITNAMI_PDB,
        since=24,
        inner=("zookeeper",),
    ),
    Chart(
        "postgresql",
        "github.com/bitnami/charts bitnami/postgresql",
        "*bitnami*/postgresql*",
        {"primary": Part("primary", "postgresql")},
        {key: value for key, value in (_BITNAMI | _BITNAMI_PDB).items() if key != "replicas"},
        since=16,
    ),
    Chart(
        "redis",
        "github.com/bitnami/charts bitnami/redis",
        "*bitnami*/redis*",
        {"master": Part("master", "redis"), "replica": Part("replica", "redis")},
        _BITNAMI | {"lifecycle": "lifecycleHooks"},
        since=17,
    ),
    Chart(
        "zookeeper",
        "github.com/bitnami/charts bitnami/zookeeper",
        "*bitnami*/zookeeper*",
        {"zookeeper": Part("", "zookeeper")},
        _PLACES | _TIMING | _same("resources", "priorityClassName") | {"replicas": "replicaCount"},
    ),
    Chart(
        "trino",
        "github.com/trinodb/charts charts/trino",
        "*trinodb/trino",
        {"coordinator": Part("coordinator", "trino-coordinator"), "worker": Part("worker", "trino-worker")},
        _TRINO,
    ),
    Chart(
        "superset",
        "github.com/apache/superset helm/superset",
        "*apache/superset",
        {"superset": Part("supersetNode", "superset"), "superset-worker": Part("supersetWorker", "superset")},
        _SUPERSET,
        inner=("postgresql", "redis"),
    ),
    Chart(
        "elasticsearch",
        "github.com/elastic/helm-charts elasticsearch",
        "*elasticsearch/elasticsearch",
        {"": Part("", "elasticsearch")},
        _same("replicas", "resources", "nodeSelector", "tolerations", "priorityClassName", "lifecycle")
        | {"terminationGracePeriodSeconds": "terminationGracePeriod", "securityContext": "podSecurityContext"}
        | {
            "container.securityContext": "securityContext",
            "env": "extraEnvs",
            "readinessProbe.timing": "readinessProbe",
        },
    ),
    Chart(
        "kong",
        "github.com/Kong/charts charts/kong",
        "*kong*",
        {"app": Part("", "proxy")},
        _PLACES
        | _WHOLE
        | _same(
            "resources", "lifecycle", "terminationGracePeriodSeconds", "topologySpreadConstraints", "priorityClassName"
        )
        | {"replicas": "replicaCount", "strategy": "updateStrategy", "securityContext": "securityContext"}
        | {
            "container.securityContext": "containerSecurityContext",
            "pdb": "podDisruptionBudget",
            "pdb.switch": "enabled",
        },
        since=2,
        inner=("postgresql",),
    ),
    Chart(
        "mlflow",
        "github.com/community-charts/helm-charts charts/mlflow",
        "*burakince/mlflow",
        {"": Part("", "mlflow")},
        _PLACES
        | _same("resources")
        | {
            "replicas": "replicaCount",
            "securityContext": "podSecurityContext",
            "container.securityContext": "securityContext",
        },
        inner=("postgresql", "mysql"),
    ),
    Chart(
        "datahub-gms",
        "github.com/acryldata/datahub-helm charts/datahub/subcharts/datahub-gms",
        "*datahub-gms",
        {"": Part("datahub-gms", "datahub-gms")},
        _PLACES
        | _TIMING
        | _same("resources")
        | {
            "replicas": "replicaCount",
            "securityContext": "podSecurityContext",
            "container.securityContext": "securityContext",
            "env": "extraEnvs",
        },
    ),
    Chart(
        "dolphinscheduler",
        "github.com/apache/dolphinscheduler deploy/kubernetes/dolphinscheduler",
        "*dolphinscheduler-*",
        {name: Part(name, "*dolphinscheduler*") for name in ("master", "worker")},
        _PLACES | _TIMING | _same("replicas", "resources", "updateStrategy"),
        inner=("postgresql", "zookeeper"),
    ),
    Chart(
        "minio",
        "github.com/minio/minio helm/minio",
        "*minio/minio",
        {"": Part("", "minio")},
        _PLACES
        | _same("resources", "priorityClassName", "topologySpreadConstraints")
        | {"pdb": "podDisruptionBudget", "pdb.switch": "enabled"},
        since=5,
    ),
    Chart(
        "kube-prometheus-stack",
        "github.com/prometheus-community/helm-charts charts/kube-prometheus-stack",
        "*prometheus-operator/prometheus-operator",
        {"": Part("prometheusOperator", "kube-prometheus-stack")},
        _PLACES
        | _same("resources", "priorityClassName", "securityContext")
        | {"container.securityContext": "containerSecurityContext"},
        since=16,
        inner=("grafana", "kube-state-metrics", "prometheus-node-exporter"),
    ),
    Chart(
        "grafana",
        "github.com/grafana/helm-charts charts/grafana",
        "*grafana/grafana*",
        {"": Part("", "grafana")},
        _PLACES
        | _PROBES
        | _same("replicas", "resources", "priorityClassName", "securityContext", "topologySpreadConstraints")
        | _same("automountServiceAccountToken")
        | {"container.securityContext": "containerSecurityContext", "strategy": "deploymentStrategy"},
        since=7,
    ),
    Chart(
        "kube-state-metrics",
        "github.com/prometheus-community/helm-charts charts/kube-state-metrics",
        "*kube-state-metrics/kube-state-metrics",
        {"": Part("", "kube-state-metrics")},
        _PLACES
        | _TIMING
        | _same("replicas", "resources", "priorityClassName", "securityContext", "topologySpreadConstraints")
        | _same("automountServiceAccountToken", "revisionHistoryLimit")
        | {"container.securityContext": "containerSecurityContext"},
        since=5,
    ),
    Chart(
        "prometheus-node-exporter",
        "github.com/prometheus-community/helm-charts charts/prometheus-node-exporter",
        "*prometheus/node-exporter",
        {"": Part("", "node-exporter")},
        _PLACES
        | _TIMING
        | _same("resources", "priorityClassName", "securityContext", "terminationGracePeriodSeconds", "updateStrategy")
        | {"container.securityContext": "containerSecurityContext"},
        since=4,
    ),
    Chart(
        "kuberay-operator",
        "github.com/ray-project/kuberay helm-chart/kuberay-operator",
        "*kuberay/operator",
        {"": Part("", "kuberay-operator")},
        _PLACES
        | _same("resources", "priorityClassName", "env")
        | {"securityContext": "podSecurityContext", "container.securityContext": "securityContext"},
        since=1,
    ),
    Chart(
        "spark-history-server",
        "github.com/kubeflow/spark-operator charts/spark-history-server",
        "*spark*",
        {"": Part("", "spark-history-server")},
        # Its securityContext is one for pod and container.
        _PLACES | _same("resources", "env") | {"replicas": "replicaCount"},
    ),
)
