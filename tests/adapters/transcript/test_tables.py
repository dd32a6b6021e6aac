"""Tables of `kubectl get`: default, wide, with labels and namespaces, over the columns of Kubernetes 1.25–1.37."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from seakeep.adapters.transcript import read_transcript
from seakeep.model.objects import EndpointSlice, Event, Pod, StorageClass
from seakeep.model.snapshot import Depth, Snapshot
from tests.adapters.transcript import samples


def read(text: str) -> Snapshot:
    return read_transcript(text, "test")


def table(*rows: tuple[str, ...]) -> str:
    """As kubectl's tabwriter aligns it: three blanks between columns."""
    widths = [max(map(len, column)) + 3 for column in zip(*rows, strict=True)]
    return "".join(
        "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in rows
    )


# resource → (header, row), and what the row says: path → value.
KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...], dict[str, Any]]] = {
    "deploy": (
        ("NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"),
        ("etl", "1/3", "2", "1", "5d", "main", "etl:9", "app=etl"),
        {"spec.replicas": 3, "status.readyReplicas": 1, "status.updatedReplicas": 2, "spec.selector.matchLabels": {"app": "etl"}},
    ),
    "sts": (("NAME", "READY", "AGE", "CONTAINERS", "IMAGES"), ("etl", "2/3", "5d", "main", "etl:9"), {"spec.replicas": 3, "status.readyReplicas": 2}),
    "ds": (
        ("NAME", "DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE", "NODE SELECTOR", "AGE"),
        ("etl", "5", "4", "3", "4", "3", "<none>", "5d"),
        {"status.desiredNumberScheduled": 5, "status.currentNumberScheduled": 4, "status.numberReady": 3, "status.numberUnavailable": 2},
    ),
    "rs": (
        ("NAME", "DESIRED", "CURRENT", "READY", "AGE"),
        ("etl-5d4f8b7c6d", "3", "2", "1", "5d"),
        {"spec.replicas": 3, "status.replicas": 2, "status.readyReplicas": 1},
    ),
    "job": (
        ("NAME", "STATUS", "COMPLETIONS", "DURATION", "AGE"),
        ("etl", "Failed", "0/2", "5m", "6m"),
        {"spec.completions": 2, "status.succeeded": 0},
    ),
    "jobs.batch": (("NAME", "COMPLETIONS", "DURATION", "AGE"), ("etl", "1/2", "5m", "6m"), {"spec.completions": 2, "status.succeeded": 1}),
    "cj": (
        ("NAME", "SCHEDULE", "TIMEZONE", "SUSPEND", "ACTIVE", "LAST SCHEDULE", "AGE"),
        ("etl", "*/5 * * * *", "<none>", "True", "0", "3m", "5d"),
        {"spec.schedule": "*/5 * * * *", "spec.suspend": True},
    ),
    "cronjob": (
        ("NAME", "SCHEDULE", "SUSPEND", "ACTIVE", "LAST SCHEDULE", "AGE"),
        ("etl", "@daily", "False", "0", "<none>", "5d"),
        {"spec.schedule": "@daily", "spec.suspend": False},
    ),
    "svc": (
        ("NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE", "SELECTOR"),
        ("etl", "NodePort", "10.96.0.7", "<none>", "80:30080/TCP,53/UDP", "5d", "app=etl"),
        {"spec.type": "NodePort", "spec.clusterIP": "10.96.0.7", "spec.selector": {"app": "etl"}, "spec.ports.0.nodePort": 30080, "spec.ports.1.protocol": "UDP"},
    ),
    "service": (
        ("NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"),
        ("etl", "ExternalName", "<none>", "db.example.com", "<none>", "5d"),
        {"spec.type": "ExternalName", "spec.externalName": "db.example.com"},
    ),
    "ep": (("NAME", "ENDPOINTS", "AGE"), ("etl", "10.0.0.1:80,10.0.0.2:80 + 3 more...", "5d"), {"subsets.0.addresses.1.ip": "10.0.0.2"}),
    "endpointslices": (
        ("NAME", "ADDRESSTYPE", "PORTS", "ENDPOINTS", "AGE"),
        ("etl-x2x7k", "IPv4", "8080", "10.0.0.1,10.0.0.2", "5d"),
        {"metadata.labels": {"kubernetes.io/service-name": "etl"}, "endpoints.1.addresses": ["10.0.0.2"], "ports.0.port": 8080},
    ),
    "pvc": (
        ("NAME", "STATUS", "VOLUME", "CAPACITY", "ACCESS MODES", "STORAGECLASS", "VOLUMEATTRIBUTESCLASS", "AGE"),
        ("etl", "Bound", "pv-1", "10Gi", "RWO,RWX", "fast", "<unset>", "5d"),
        {"status.phase": "Bound", "spec.volumeName": "pv-1", "spec.storageClassName": "fast", "spec.accessModes": ["ReadWriteOnce", "ReadWriteMany"]},
    ),
    "persistentvolumeclaims": (
        ("NAME", "STATUS", "VOLUME", "CAPACITY", "ACCESS MODES", "STORAGECLASS", "AGE", "VOLUMEMODE"),
        ("etl", "Pending", "", "", "", "fast", "5d", "Filesystem"),
        {"status.phase": "Pending", "spec.volumeName": "", "spec.storageClassName": "fast"},
    ),
    "hpa": (
        ("NAME", "REFERENCE", "TARGETS", "MINPODS", "MAXPODS", "REPLICAS", "AGE"),
        ("etl", "Deployment/etl", "cpu: <unknown>/80%", "2", "9", "2", "5d"),
        {"spec.scaleTargetRef.name": "etl", "spec.minReplicas": 2, "spec.maxReplicas": 9, "status.conditions.0.status": "False"},
    ),
    "pdb": (
        ("NAME", "MIN AVAILABLE", "MAX UNAVAILABLE", "ALLOWED DISRUPTIONS", "AGE"),
        ("etl", "50%", "N/A", "0", "5d"),
        {"spec.minAvailable": "50%", "spec.maxUnavailable": None, "status.disruptionsAllowed": 0},
    ),
    "netpol": (("NAME", "POD-SELECTOR", "AGE"), ("etl", "app=etl", "5d"), {"spec.podSelector.matchLabels": {"app": "etl"}}),
    "quota": (
        ("NAME", "AGE", "REQUEST", "LIMIT"),
        ("etl", "5d", "pods: 10/10, requests.cpu: 500m/2", "limits.memory: 1Gi/2Gi"),
        {"status.used": {"pods": "10", "requests.cpu": "500m", "limits.memory": "1Gi"}, "status.hard": {"pods": "10", "requests.cpu": "2", "limits.memory": "2Gi"}},
    ),
}  # fmt: skip
CLUSTER: dict[str, tuple[tuple[str, ...], tuple[str, ...], dict[str, Any]]] = {
    "no": (
        ("NAME", "STATUS", "ROLES", "AGE", "VERSION", "INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"),
        ("node-a", "NotReady,SchedulingDisabled", "control-plane,etcd", "5d", "v1.33.1", "10.0.0.1", "<none>", "Debian GNU/Linux 13 (trixie)", "6.12.1", "containerd://2.0.5"),
        {"spec.unschedulable": True, "status.conditions.0.status": "False", "status.nodeInfo.kubeletVersion": "v1.33.1", "status.addresses.0.address": "10.0.0.1"},
    ),
    "pv": (
        ("NAME", "CAPACITY", "ACCESS MODES", "RECLAIM POLICY", "STATUS", "CLAIM", "STORAGECLASS", "REASON", "AGE"),
        ("pv-1", "10Gi", "RWO", "Retain", "Released", "data/etl", "fast", "", "5d"),
        {"status.phase": "Released", "spec.claimRef.name": "etl", "spec.persistentVolumeReclaimPolicy": "Retain"},
    ),
    "sc": (
        ("NAME", "PROVISIONER", "RECLAIMPOLICY", "VOLUMEBINDINGMODE", "ALLOWVOLUMEEXPANSION", "AGE"),
        ("fast (default)", "csi.example.com", "Delete", "WaitForFirstConsumer", "true", "5d"),
        {"metadata.name": "fast", "provisioner": "csi.example.com", "volumeBindingMode": "WaitForFirstConsumer", "allowVolumeExpansion": True},
    ),
    "ns": (("NAME", "STATUS", "AGE"), ("data", "Terminating", "5d"), {"status.phase": "Terminating"}),
    "apiservice": (
        ("NAME", "SERVICE", "AVAILABLE", "AGE"),
        ("v1beta1.metrics.k8s.io", "kube-system/metrics-server", "False (MissingEndpoints)", "5d"),
        {"status.conditions.0.status": "False", "status.conditions.0.reason": "MissingEndpoints", "spec.service.name": "metrics-server"},
    ),
}  # fmt: skip


def _only(found: Snapshot) -> Any:
    ((item,),) = (list(group.values()) for kind, group in found.objects.items() if kind != "Event")
    assert found.depth(item.ref) is Depth.TABLE
    return item


def _at(item: Any, path: str) -> Any:
    value = msgspec.to_builtins(item)
    for step in path.split("."):
        value = value[int(step)] if step.isdigit() else value[step]
    return list(value) if isinstance(value, tuple) else value


def _holds(found: Snapshot, says: dict[str, Any]) -> None:
    item = _only(found)
    assert {path: _at(item, path) for path in says} == says


@pytest.mark.parametrize("resource", KINDS)
def test_namespaced_kinds(resource: str) -> None:
    header, row, says = KINDS[resource]
    short = next((position + 1 for position, name in enumerate(header) if name == "AGE"), len(header))
    _holds(read(f"$ kubectl get {resource} -n data -o wide\n{table(header, row)}"), says)
    narrow = {path: value for path, value in says.items() if "elector" not in path or resource == "netpol"}
    _holds(
        read(
            f"$ kubectl get {resource} -n data\n{table(header[:short], row[:short])}"
            if resource != "quota"
            else f"$ kubectl get quota -n data\n{table(header, row)}"
        ),
        narrow,
    )
    found = read(
        f"$ kubectl get {resource} -A -o wide --show-labels\n{table(('NAMESPACE', *header, 'LABELS'), ('data', *row, 'team=x,tier=y'))}"
    )
    _holds(found, {path: value for path, value in says.items() if path != "metadata.labels"})
    item = _only(found)
    assert item.namespace == "data"
    assert {"team": "x", "tier": "y"}.items() <= item.labels.items()
    assert found.lists_all(item.kind, "*")


@pytest.mark.parametrize("resource", CLUSTER)
def test_cluster_scoped_kinds(resource: str) -> None:
    header, row, says = CLUSTER[resource]
    _holds(read(f"$ kubectl get {resource}\n{table(header, row)}"), says)
    found = read(f"$ kubectl get {resource} --show-labels\n{table((*header, 'LABELS'), (*row, 'team=x'))}")
    _holds(found, says)
    assert found.lists_all(_only(found).kind, "*")


@pytest.mark.parametrize("resource", [name for name in KINDS if name != "quota"])
def test_rows_alone_say_the_same(resource: str) -> None:
    """What `grep` leaves, and `--no-headers` prints."""
    header, row, _ = KINDS[resource]
    rows = table(("NAMESPACE", *header, "LABELS"), ("data", *row, "team=x")).splitlines()
    whole = _only(read(f"$ kubectl get {resource} -A -o wide --show-labels\n" + "\n".join(rows)))
    alone = _only(read(f"$ kubectl get {resource} -A -o wide --show-labels | grep etl\n{rows[1]}\n"))
    assert alone == whole


@pytest.mark.parametrize(
    ("status", "ready", "phase", "reason"),
    [
        ("Running", "1/1", "Running", ""),
        ("Running", "0/1", "Running", ""),
        ("Pending", "0/1", "Pending", ""),
        ("ContainerCreating", "0/1", "Pending", "ContainerCreating"),
        ("ImagePullBackOff", "0/1", "Pending", "ImagePullBackOff"),
        ("CrashLoopBackOff", "0/1", "Running", "CrashLoopBackOff"),
        ("CreateContainerConfigError", "0/1", "Pending", "CreateContainerConfigError"),
        ("Completed", "0/1", "Succeeded", "Completed"),
        ("Error", "0/1", "Failed", "Error"),
        ("OOMKilled", "0/1", "Failed", "OOMKilled"),
        ("Evicted", "0/1", "Failed", ""),
        ("Unknown", "0/1", "Unknown", ""),
        ("Terminating", "1/1", "Running", ""),
    ],
)
def test_the_status_column(status: str, ready: str, phase: str, reason: str) -> None:
    pod = read(
        f"$ kubectl get pods\n{table(('NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE'), ('web', ready, status, '3 (5m ago)', '5d'))}"
    ).get(Pod, "default", "web")
    assert pod is not None
    assert pod.status.phase == phase
    assert bool(pod.metadata.deletion_timestamp) is (status == "Terminating")
    states = [
        state
        for item in pod.status.container_statuses
        for state in (item.state.waiting, item.state.terminated)
        if state
    ]
    assert ({state.reason for state in states} or {""}) == {reason}


def test_an_init_container_in_the_status_column() -> None:
    for status, waiting in (
        ("Init:0/2", ""),
        ("Init:CrashLoopBackOff", "CrashLoopBackOff"),
        ("Init:ErrImagePull", "ErrImagePull"),
    ):
        pod = read(
            f"$ kubectl get pods\n{table(('NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE'), ('web', '0/1', status, '0', '5d'))}"
        ).get(Pod, "default", "web")
        assert pod is not None
        assert pod.status.phase == "Pending"
        (init,) = pod.status.init_container_statuses
        assert (init.state.waiting.reason if init.state.waiting else "") == waiting


def test_get_all() -> None:
    text = (
        "$ kubectl get all -n data\n"
        + table(("NAME", "READY", "STATUS", "RESTARTS", "AGE"), ("pod/web-0", "1/1", "Running", "0", "5d"))
        + "\n"
    )
    text += (
        table(
            ("NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"),
            ("service/web", "ClusterIP", "None", "<none>", "80/TCP", "5d"),
        )
        + "\n"
    )
    text += table(("NAME", "READY", "AGE"), ("statefulset.apps/web", "1/1", "5d"))
    found = read(text)
    assert {kind: [name for _, name in group] for kind, group in found.objects.items()} == {
        "Pod": ["web-0"],
        "Service": ["web"],
        "StatefulSet": ["web"],
    }
    assert found.lists_all("CronJob", "data")
    assert not found.lists_all("PersistentVolumeClaim", "data")


def test_several_kinds_in_one_command() -> None:
    found = read(
        "$ kubectl get deploy,svc -n data\n"
        + table(("NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"), ("deployment.apps/web", "1/1", "1", "1", "5d"))
    )
    assert found.lists_all("Deployment", "data")
    assert found.lists_all("Service", "data")


@pytest.mark.parametrize(
    "command",
    ["kubectl events -n data", "kubectl get events -n data", "kubectl get ev -n data --sort-by=.lastTimestamp"],
)
def test_events(command: str) -> None:
    events = sorted(read(f"$ {command}\n{samples.EVENTS}").all(Event), key=lambda event: event.count)
    assert [
        (event.involved_object.kind, event.involved_object.name, event.reason, event.count) for event in events
    ] == [
        ("Pod", "big", "FailedScheduling", 1),
        ("Pod", "etl-5d4f8b7c6d-q9q4w", "BackOff", 66),
    ]
    assert events[0].message == "0/2 nodes are available: 2 Insufficient memory."
    assert events[1].last_timestamp > events[0].last_timestamp  # type: ignore[operator]


def test_events_of_all_namespaces_and_wide() -> None:
    rows = table(
        (
            "NAMESPACE",
            "LAST SEEN",
            "TYPE",
            "REASON",
            "OBJECT",
            "SUBOBJECT",
            "SOURCE",
            "MESSAGE",
            "FIRST SEEN",
            "COUNT",
            "NAME",
        ),
        (
            "data",
            "3m",
            "Warning",
            "BackOff",
            "pod/web",
            "spec.containers{main}",
            "kubelet, node-a",
            "Back-off restarting",
            "1h",
            "12",
            "web.17a",
        ),
    )
    (event,) = read(f"$ kubectl get events -A -o wide\n{rows}").all(Event)
    assert (event.namespace, event.involved_object.kind, event.count, event.name) == ("data", "Pod", 12, "web.17a")


def test_headless_service_and_a_slice_of_two_ports() -> None:
    (item,) = read(
        "$ kubectl get endpointslices\n"
        + table(("NAME", "ADDRESSTYPE", "PORTS", "ENDPOINTS", "AGE"), ("web-x2x7k", "IPv6", "80,443", "fd00::1", "5d"))
    ).all(EndpointSlice)
    assert [port.port for port in item.ports] == [80, 443]
    assert item.endpoints[0].addresses == ("fd00::1",)


def test_the_default_class_is_known_by_its_mark() -> None:
    header, row, _ = CLUSTER["sc"]
    (item,) = read(f"$ kubectl get sc\n{table(header, row)}").all(StorageClass)
    assert item.metadata.annotations == {"storageclass.kubernetes.io/is-default-class": "true"}


def test_top() -> None:
    pods = table(("NAMESPACE", "NAME", "CPU(cores)", "MEMORY(bytes)"), ("data", "web", "250m", "1Gi"))
    inside = table(("POD", "NAME", "CPU(cores)", "MEMORY(bytes)"), ("web", "main", "1", "128Mi"))
    nodes = table(("NAME", "CPU(cores)", "CPU%", "MEMORY(bytes)", "MEMORY%"), ("node-a", "3900m", "97%", "7Gi", "99%"))
    new = table(("NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"), ("node-b", "100m", "2%", "1Gi", "9%"))
    found = read(
        f"$ kubectl top pods -A\n{pods}$ kubectl top pods -n data --containers\n{inside}$ kubectl top nodes\n{nodes}$ kubectl top node\n{new}"
    )
    assert [(item.namespace, item.name, item.container, item.cpu) for item in found.usage] == [
        ("data", "web", "", 250),
        ("data", "web", "main", 1000),
        ("", "node-a", "", 3900),
        ("", "node-b", "", 100),
    ]
