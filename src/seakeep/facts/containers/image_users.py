"""What is known of well-known images: the user that they run as, and what the system must let them do."""

from __future__ import annotations

from collections.abc import Mapping

from seakeep.facts.containers.image_parts import parts_of

# The numeric user of USER in the images' own Dockerfiles (GitHub repository and path). Where those name a user without a number: the number that the image's own base gives the first user it makes (1000), or `nobody` (65534).
# Images that start as root and step down themselves (gosu, su-exec) are not here.
_USERS: Mapping[str, int] = {
    "apache/airflow": 50000,  # apache/airflow Dockerfile, and its entrypoint's check of ids
    "apache/kafka": 1000,  # apache/kafka docker/jvm/Dockerfile: appuser, the first on Alpine
    "apache/spark": 185,  # apache/spark-docker 3.5.0/*/Dockerfile: spark_uid
    "apache/superset": 1000,  # apache/superset Dockerfile: superset, the first on Debian
    "argoproj/argocd": 999,  # argoproj/argo-cd Dockerfile: ARGOCD_USER_ID
    "confluentinc/cp-kafka": 1000,  # confluentinc/common-docker base/Dockerfile.ubi8: appuser, the first on UBI
    "confluentinc/cp-kafka-connect": 1000,  # the same base
    "confluentinc/cp-kafka-rest": 1000,  # the same base
    "confluentinc/cp-schema-registry": 1000,  # the same base
    "dexidp/dex": 1001,  # dexidp/dex Dockerfile
    "grafana/grafana": 472,  # grafana/grafana packaging/docker/Dockerfile: GF_UID; its user since 5.1
    "grafana/loki": 10001,  # grafana/loki cmd/loki/Dockerfile
    "jetstack/cert-manager-controller": 1000,  # cert-manager/cert-manager hack/containers/Containerfile.controller
    "jupyterhub/k8s-hub": 1000,  # jupyterhub/zero-to-jupyterhub-k8s images/hub/Dockerfile: NB_UID
    "keycloak/keycloak": 1000,  # keycloak/keycloak quarkus/container/Dockerfile
    "kube-state-metrics/kube-state-metrics": 65534,  # kubernetes/kube-state-metrics Dockerfile: nobody
    "library/memcached": 11211,  # docker-library/memcached 1/debian/Dockerfile
    "memcached": 11211,
    "metrics-server/metrics-server": 65534,  # kubernetes-sigs/metrics-server Dockerfile
    "nginxinc/nginx-unprivileged": 101,  # nginxinc/docker-nginx-unprivileged Dockerfile-debian.template
    "oauth2-proxy/oauth2-proxy": 65532,  # oauth2-proxy/oauth2-proxy Dockerfile: distroless nonroot
    "opensearchproject/opensearch": 1000,  # opensearch-project/opensearch-build docker/release/dockerfiles/opensearch.al2023.dockerfile
    "prom/alertmanager": 65534,  # prometheus/alertmanager Dockerfile: nobody
    "prom/node-exporter": 65534,  # prometheus/node_exporter Dockerfile: nobody
    "prom/prometheus": 65534,  # prometheus/prometheus Dockerfile, since 2.0: nobody
    "prometheus/alertmanager": 65534,
    "prometheus/node-exporter": 65534,
    "prometheus/prometheus": 65534,
    "strimzi/kafka": 1001,  # strimzi/strimzi-kafka-operator docker-images/kafka-based/kafka/Dockerfile
    "trinodb/trino": 1000,  # trinodb/trino core/docker/Dockerfile
}
# Programs with file capabilities or set-user-id bits that the images rely on: `no_new_privs` takes those away.
# hashicorp/vault and openbao/openbao .release/docker/docker-entrypoint.sh (cap_ipc_lock), kubernetes/ingress-nginx rootfs/Dockerfile (cap_net_bind_service).
_RAISES = frozenset({"hashicorp/vault", "library/vault", "vault", "openbao/openbao", "ingress-nginx/controller"})
# Their own projects' manifests run them so, without a volume for scratch files: kubernetes/kubernetes cluster/addons/dns/coredns/coredns.yaml.base, prometheus-operator/kube-prometheus manifests/,
# metallb/metallb config/manifests/metallb-native.yaml, prometheus-community/helm-charts charts/prometheus-elasticsearch-exporter/values.yaml, cert-manager/cert-manager deploy/charts/cert-manager/values.yaml.
_WRITES_NOTHING = frozenset(
    {
        "coredns",
        "coredns/coredns",
        "jetstack/cert-manager-cainjector",
        "jetstack/cert-manager-controller",
        "jetstack/cert-manager-webhook",
        "kube-state-metrics/kube-state-metrics",
        "metallb/controller",
        "metallb/speaker",
        "prom/blackbox-exporter",
        "prom/node-exporter",
        "prometheus/blackbox-exporter",
        "prometheus/node-exporter",
        "prometheuscommunity/elasticsearch-exporter",
        "registry.k8s.io/coredns",
    }
)


def image_user(image: str) -> int | None:
    """None where it is root, or not known."""
    return _USERS.get(parts_of(image).key)


def raises_rights(image: str) -> bool:
    """Known to start programs that gain rights by their file's bits."""
    return parts_of(image).key in _RAISES


def writes_nothing(image: str) -> bool:
    """Known to need no writable root file system."""
    return parts_of(image).key in _WRITES_NOTHING
