"""What is known of well-known images: the user that they run as, and what the system must let them do."""

from __future__ import annotations

from collections.abc import Mapping

from seakeep.facts.containers.image_parts import parts_of

# The numeric user of USER in the images' own Dockerfiles. Images that start as root and step down themselves (gosu, su-exec) are not here.
_USERS: Mapping[str, int] = {
    "apache/airflow": 50000,
    "apache/kafka": 1000,
    "apache/spark": 185,
    "apache/superset": 1000,
    "argoproj/argocd": 999,
    "confluentinc/cp-kafka": 1000,
    "confluentinc/cp-kafka-connect": 1000,
    "confluentinc/cp-kafka-rest": 1000,
    "confluentinc/cp-schema-registry": 1000,
    "dexidp/dex": 1001,
    "grafana/grafana": 472,
    "grafana/loki": 10001,
    "jetstack/cert-manager-cainjector": 1000,
    "jetstack/cert-manager-controller": 1000,
    "jetstack/cert-manager-webhook": 1000,
    "jupyterhub/k8s-hub": 1000,
    "keycloak/keycloak": 1000,
    "kube-state-metrics/kube-state-metrics": 65534,
    "library/memcached": 11211,
    "memcached": 11211,
    "metrics-server/metrics-server": 65534,
    "nginxinc/nginx-unprivileged": 101,
    "oauth2-proxy/oauth2-proxy": 65532,
    "opensearchproject/opensearch": 1000,
    "prom/alertmanager": 65534,
    "prom/node-exporter": 65534,
    "prom/prometheus": 65534,
    "prometheus/alertmanager": 65534,
    "prometheus/node-exporter": 65534,
    "prometheus/prometheus": 65534,
    "strimzi/kafka": 1001,
    "trinodb/trino": 1000,
}
# Programs with file capabilities or set-user-id bits that the images rely on: `no_new_privs` takes those away.
_RAISES = frozenset({"hashicorp/vault", "library/vault", "vault", "openbao/openbao", "ingress-nginx/controller"})
# Their own projects' manifests run them so, without a volume for scratch files.
_WRITES_NOTHING = frozenset(
    {
        "bitnami-labs/sealed-secrets-controller",
        "bitnami/sealed-secrets-controller",
        "coredns",
        "coredns/coredns",
        "jetstack/cert-manager-cainjector",
        "jetstack/cert-manager-controller",
        "jetstack/cert-manager-webhook",
        "kube-state-metrics/kube-state-metrics",
        "metallb/controller",
        "metallb/speaker",
        "oauth2-proxy/oauth2-proxy",
        "prom/blackbox-exporter",
        "prom/node-exporter",
        "prometheus/blackbox-exporter",
        "prometheus/node-exporter",
        "prometheus-community/postgres-exporter",
        "prometheuscommunity/elasticsearch-exporter",
        "prometheuscommunity/postgres-exporter",
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
