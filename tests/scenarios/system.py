"""What every cluster has besides its platforms: name resolution, a proxy on each node, the control plane's own pods."""

from __future__ import annotations

from typing import Any

from seakeep.testing.testbed import ControlPlane, NodeSpec

Object = dict[str, Any]
_SYSTEM = "kube-system"
_MASTER = "node-role.kubernetes.io/control-plane"
NODES = (
    NodeSpec("cp-1", cpu="4", memory="16Gi", labels={_MASTER: ""}, taints=[{"key": _MASTER, "effect": "NoSchedule"}]),
    *(
        NodeSpec(f"worker-{n}", pods=250, labels={"topology.kubernetes.io/zone": f"zone-{'abc'[n % 3]}"})
        for n in range(1, 6)
    ),
)
_COREFILE = """.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
"""


def _object(version: str, kind: str, name: str, labels: Object, **rest: Any) -> Object:
    metadata = {"name": name, "namespace": _SYSTEM, "labels": labels}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}


def _pods(labels: Object, container: Object, **spec: Any) -> Object:
    return {"metadata": {"labels": labels}, "spec": {"containers": [container], **spec}}


def objects() -> list[Object]:
    dns, proxy = {"k8s-app": "kube-dns"}, {"k8s-app": "kube-proxy"}
    ports = [{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53, "protocol": "TCP"}]
    listening = [{"name": each["name"], "containerPort": 53, "protocol": each["protocol"]} for each in ports]
    core = {
        "name": "coredns",
        "image": "registry.k8s.io/coredns/coredns:v1.12.0",
        "args": ["-conf", "/etc/coredns/Corefile"],
        "ports": listening,
        "resources": {"limits": {"memory": "170Mi"}, "requests": {"cpu": "100m", "memory": "70Mi"}},
        "volumeMounts": [{"name": "config-volume", "mountPath": "/etc/coredns", "readOnly": True}],
    }
    volume = {"name": "config-volume", "configMap": {"name": "coredns"}}
    everywhere = [{"operator": "Exists"}]
    proxying = {"name": "kube-proxy", "image": "registry.k8s.io/kube-proxy:v1.37.2"}
    return [
        _object("v1", "ConfigMap", "coredns", {}, data={"Corefile": _COREFILE}),
        _object(
            "apps/v1",
            "Deployment",
            "coredns",
            dns,
            spec={"replicas": 2, "selector": {"matchLabels": dns}, "template": _pods(dns, core, volumes=[volume])},
        ),
        _object("v1", "Service", "kube-dns", dns, spec={"clusterIP": "10.96.0.10", "selector": dns, "ports": ports}),
        _object(
            "apps/v1",
            "DaemonSet",
            "kube-proxy",
            proxy,
            spec={
                "selector": {"matchLabels": proxy},
                "template": _pods(proxy, proxying, hostNetwork=True, tolerations=everywhere),
            },
        ),
        *(_mirror(name) for name in ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")),
    ]


def _mirror(component: str) -> Object:
    """A static pod of the control plane's node, as its kubelet shows it."""
    labels = {"component": component, "tier": "control-plane"}
    container = {"name": component, "image": f"registry.k8s.io/{component}:v1.37.2", "command": [component]}
    pod = _object("v1", "Pod", f"{component}-cp-1", labels, spec=_pods(labels, container, hostNetwork=True)["spec"])
    pod["spec"] |= {"nodeName": "cp-1", "tolerations": [{"operator": "Exists"}], "automountServiceAccountToken": False}
    pod["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "0a1b", "kubernetes.io/config.source": "file"}
    return pod


def install(plane: ControlPlane) -> None:
    plane.apply(objects())
