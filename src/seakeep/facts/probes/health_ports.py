"""Ports on which well-known servers answer probes, and which their stock manifests do not declare."""

from __future__ import annotations

from seakeep.model.objects import Container

# By the last part of the image's repository; from each project's own manifests and documentation.
_KNOWN: dict[str, frozenset[int]] = {
    "coredns": frozenset({8080, 8181}),  # plugins health and ready
    "k8s-dns-node-cache": frozenset({8080}),
    "kube-proxy": frozenset({10256}),
    "kube-apiserver": frozenset({6443}),
    "kube-controller-manager": frozenset({10257}),
    "kube-scheduler": frozenset({10259}),
    "etcd": frozenset({2381}),
    "metrics-server": frozenset({10250, 4443}),
    "kube-state-metrics": frozenset({8080, 8081}),
    "cilium": frozenset({9879}),
    "operator-generic": frozenset({9234}),  # Cilium's operator
    "node": frozenset({9099}),  # Calico's Felix
    "typha": frozenset({9098}),
    "proxyv2": frozenset({15020, 15021}),
    "pilot": frozenset({8080, 15014, 15017}),
    "proxy": frozenset({4191}),  # Linkerd's
    "controller": frozenset({10254}),  # ingress-nginx
    "cert-manager-controller": frozenset({9402, 9403}),
    "cert-manager-webhook": frozenset({6080}),
    "livenessprobe": frozenset({9808}),
    "external-dns": frozenset({7979}),
    "keycloak": frozenset({9000}),
    "traefik": frozenset({8080, 9000}),
    "snapshot-controller": frozenset({8080}),
    "cluster-autoscaler": frozenset({8085}),
}


def answers_health(container: Container, number: int | None) -> bool:
    """The container's server is known to answer probes on the port, declared or not."""
    repository = container.image.partition("@")[0].rpartition("/")[2].partition(":")[0]
    return number is not None and number in _KNOWN.get(repository, ())
