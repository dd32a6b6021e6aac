"""Command lines and configuration of the programs of one run."""

from __future__ import annotations

import http.client
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from seakeep.testing.testbed import nodes
from seakeep.testing.testbed.build import Binaries

_SERVICE_RANGE = "10.96.0.0/16"
# A cluster's own limits would make a test wait: 20 pods a second is what the defaults create.
_QPS, _BURST = 1000, 2000
# The scheduler's own is above what it can bind, so that a benchmark measures the scheduler and no limit.
_SCHEDULER_QPS, _SCHEDULER_BURST = 5000, 10_000


class Ports(NamedTuple):
    """Loopback ports of one run; on `nobody` nobody listens."""

    etcd: int
    etcd_peer: int
    api_server: int
    controller_manager: int
    scheduler: int
    kwok: int
    kubelet: int
    nobody: int


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command lines depend on."""

    folder: Path
    ports: Ports
    binaries: Binaries
    node_grace_seconds: int

    def file(self, name: str) -> str:
        return str(self.folder / name)


def answers(port: int, path: str, authority: Path | None = None) -> bool:
    """Whether 127.0.0.1:port says 200 to GET path; over TLS when an authority is given."""
    connection: http.client.HTTPConnection
    if authority:
        context = ssl.create_default_context(cafile=str(authority))
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=2, context=context)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def etcd(settings: Settings) -> list[str]:
    client, peer = f"http://127.0.0.1:{settings.ports.etcd}", f"http://127.0.0.1:{settings.ports.etcd_peer}"
    return [
        str(settings.binaries.control_plane),
        "etcd",
        f"--data-dir={settings.file('etcd')}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--log-level=warn",
        "--unsafe-no-fsync",  # the data ends with the run
    ]


def api_server(settings: Settings) -> list[str]:
    return [
        str(settings.binaries.control_plane),
        "kube-apiserver",
        f"--etcd-servers=http://127.0.0.1:{settings.ports.etcd}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",  # the others refuse a loopback address
        f"--secure-port={settings.ports.api_server}",
        f"--tls-cert-file={settings.file('server.crt')}",
        f"--tls-private-key-file={settings.file('server.key')}",
        f"--token-auth-file={settings.file('tokens.csv')}",
        f"--service-account-key-file={settings.file('sa.key')}",
        f"--service-account-signing-key-file={settings.file('sa.key')}",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-cluster-ip-range={_SERVICE_RANGE}",
        "--authorization-mode=RBAC",
        "--allow-privileged=true",
        "--kubelet-preferred-address-types=ExternalDNS",  # localhost: see nodes.py
        f"--kubelet-certificate-authority={settings.file('ca.crt')}",
        "--event-ttl=24h",
        "--profiling=false",
        "--max-requests-inflight=0",
        "--max-mutating-requests-inflight=0",
        "--enable-priority-and-fairness=false",
    ]


def controller_manager(settings: Settings) -> list[str]:
    return [
        str(settings.binaries.control_plane),
        "kube-controller-manager",
        f"--kubeconfig={settings.file('kubeconfig')}",
        "--bind-address=127.0.0.1",
        f"--secure-port={settings.ports.controller_manager}",
        f"--tls-cert-file={settings.file('server.crt')}",
        f"--tls-private-key-file={settings.file('server.key')}",
        f"--service-account-private-key-file={settings.file('sa.key')}",
        f"--root-ca-file={settings.file('ca.crt')}",
        "--leader-elect=false",
        f"--kube-api-qps={_QPS}",
        f"--kube-api-burst={_BURST}",
        f"--node-monitor-grace-period={settings.node_grace_seconds}s",
        "--node-monitor-period=1s",
        "--pvclaimbinder-sync-period=2s",
        "--resource-quota-sync-period=2s",
        "--profiling=false",
    ]


def scheduler(settings: Settings) -> list[str]:
    return [
        str(settings.binaries.control_plane),
        "kube-scheduler",
        f"--config={settings.file('scheduler.yaml')}",
        "--bind-address=127.0.0.1",
        f"--secure-port={settings.ports.scheduler}",
        f"--tls-cert-file={settings.file('server.crt')}",
        f"--tls-private-key-file={settings.file('server.key')}",
    ]


def scheduler_configuration(settings: Settings) -> dict[str, Any]:
    return {
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        "clientConnection": {
            "kubeconfig": settings.file("kubeconfig"),
            "qps": _SCHEDULER_QPS,
            "burst": _SCHEDULER_BURST,
        },
        "leaderElection": {"leaderElect": False},
    }


def kwok(settings: Settings) -> list[str]:
    return [
        str(settings.binaries.kwok),
        f"--kubeconfig={settings.file('kubeconfig')}",
        f"--config={settings.file('kwok.yaml')}",
        f"--manage-nodes-with-label-selector={nodes.MANAGED}=kwok",
        "--manage-all-nodes=false",
        f"--server-address=127.0.0.1:{settings.ports.kwok}",
    ]


def kwok_options(settings: Settings) -> dict[str, Any]:
    return {
        # Renewed at a quarter of this, so that a slow machine loses no node by chance.
        "nodeLeaseDurationSeconds": max(4, settings.node_grace_seconds // 2),
        "podPlayStageParallelism": 8,
        "nodePlayStageParallelism": 4,
        "nodeLeaseParallelism": 4,
        "podsOnNodeSyncParallelism": 4,
        "nodeIP": "127.0.0.1",
    }
