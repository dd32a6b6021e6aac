"""`kubectl describe` of the common kinds, and what its wording was in other versions."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from seakeep.adapters.transcript import read_transcript
from seakeep.model.objects import (
    CronJob,
    DaemonSet,
    Deployment,
    Endpoints,
    EndpointSlice,
    Event,
    HorizontalPodAutoscaler,
    Job,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    PodDisruptionBudget,
    ReplicaSet,
    ResourceQuota,
    Service,
    StatefulSet,
    StorageClass,
)
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth, Snapshot
from tests.adapters.transcript import samples


def read(text: str, command: str = "describe x y -n data") -> Snapshot:
    return read_transcript(f"$ kubectl {command}\n{text}", "test")


def test_a_pod() -> None:
    found = read(samples.POD, "describe pod etl-5d4f8b7c6d-q9q4w -n data")
    pod = found.get(Pod, "data", "etl-5d4f8b7c6d-q9q4w")
    assert pod is not None
    assert found.depth(pod.ref) is Depth.DESCRIBED
    assert pod.labels == {"app": "etl", "pod-template-hash": "5d4f8b7c6d"}
    assert [(item.kind, item.name) for item in pod.metadata.owner_references] == [("ReplicaSet", "etl-5d4f8b7c6d")]
    spec, status = pod.spec, pod.status
    assert (spec.node_name, spec.service_account_name, spec.node_selector) == ("node-a", "etl", {"disk": "ssd"})
    assert [(item.key, item.operator, item.effect) for item in spec.tolerations] == [
        ("dedicated", "Equal", "NoSchedule"),
        ("node.kubernetes.io/not-ready", "Exists", "NoExecute"),
    ]
    assert [(item.topology_key, item.max_skew) for item in spec.topology_spread_constraints] == [
        ("topology.kubernetes.io/zone", 1)
    ]
    (init,), (main,) = spec.init_containers, spec.containers
    assert init.command == ("sh", "-c", "until nc -z db 5432; do sleep 1; done")
    assert [port.container_port for port in main.ports] == [8080, 9090]
    assert (main.resources.limits, main.resources.requests) == (
        {"cpu": "500m", "memory": "512Mi"},
        {"cpu": "250m", "memory": "512Mi"},
    )
    assert main.liveness_probe is not None
    assert main.liveness_probe.http_get is not None
    assert (
        main.liveness_probe.http_get.path,
        main.liveness_probe.http_get.port,
        main.liveness_probe.initial_delay_seconds,
    ) == ("/live", 8080, 5)
    assert main.readiness_probe is not None
    assert main.readiness_probe.tcp_socket is not None
    assert main.startup_probe is not None
    assert main.startup_probe.exec is not None
    assert main.startup_probe.exec.command == ("cat", "/tmp/up")
    assert [
        (item.prefix, item.config_map_ref and item.config_map_ref.name, item.secret_ref and item.secret_ref.name)
        for item in main.env_from
    ] == [("", "etl-config", None), ("DB_", None, "etl-secret")]
    env = {item.name: item for item in main.env}
    assert env["KAFKA"].value == "kafka:9092"
    assert env["PASSWORD"].value_from is not None
    assert env["PASSWORD"].value_from.secret_key_ref is not None
    assert (env["PASSWORD"].value_from.secret_key_ref.name, env["PASSWORD"].value_from.secret_key_ref.key) == (
        "db",
        "password",
    )
    assert env["MODE"].value_from is not None
    assert env["MODE"].value_from.config_map_key_ref is not None
    assert env["MODE"].value_from.config_map_key_ref.optional
    assert [(item.mount_path, item.name, item.read_only, item.sub_path) for item in main.volume_mounts] == [
        ("/data", "data", False, ""),
        ("/etc/etl", "config", True, "etl.yaml"),
    ]
    volumes = {item.name: item for item in spec.volumes}
    assert volumes["data"].persistent_volume_claim is not None
    assert volumes["data"].persistent_volume_claim.claim_name == "etl-data"
    assert volumes["config"].config_map is not None
    assert volumes["config"].config_map.name == "etl"
    (state,) = status.container_statuses
    assert (state.restart_count, state.ready, state.state.waiting and state.state.waiting.reason) == (
        7,
        False,
        "CrashLoopBackOff",
    )
    assert state.last_state.terminated is not None
    assert (state.last_state.terminated.exit_code, state.last_state.terminated.reason) == (137, "OOMKilled")
    assert state.last_state.terminated.finished_at == datetime(2026, 3, 2, 11, 56, tzinfo=UTC)
    assert {item.type: item.status for item in status.conditions}["Ready"] == "False"
    events = {event.reason: event for event in found.all(Event)}
    assert (events["BackOff"].count, events["BackOff"].type, events["BackOff"].involved_object.name) == (
        66,
        "Warning",
        pod.name,
    )


# What older and newer versions print instead, and reads the same.
WORDINGS = [
    ("Created container: main", "Created container main"),
    ("kubelet            ", "kubelet, node-a    "),
    ("  PodReadyToStartContainers   True\n", ""),
    ("Service Account:  etl\n", "Priority Class Name:  high\nService Account:  etl\nRuntime Class Name:  runc\n"),
    ("Node-Selectors:    disk=ssd", "Node-Selectors:    disk=ssd\n"),
    ("    Container ID:  containerd://0123\n", "    Container ID:\n"),
    ("Status:           Running\n", "Status:           Running\nSeccompProfile:   RuntimeDefault\n"),
    ("    Ports:         8080/TCP, 9090/TCP\n", "    Ports:         8080/TCP (http), 9090/TCP (metrics)\n"),
    ("    Host Ports:    0/TCP, 0/TCP\n", "    Host Ports:    0/TCP (http), 0/TCP (metrics)\n"),
    ("Annotations:      prometheus.io/scrape: true\n", "Annotations:      cni.projectcalico.org/podIP: 10.244.1.7/32\n                  prometheus.io/scrape: true\n"),
]  # fmt: skip


@pytest.mark.parametrize(("now", "then"), WORDINGS)
def test_wordings_of_a_pod(now: str, then: str) -> None:
    assert now in samples.POD
    one, other = (
        read(text, "describe pod x -n data").get(Pod, "data", "etl-5d4f8b7c6d-q9q4w")
        for text in (samples.POD, samples.POD.replace(now, then))
    )
    assert one is not None
    assert other is not None
    assert one.status.container_statuses == other.status.container_statuses
    assert one.spec.volumes == other.spec.volumes
    assert [
        (item.env, item.resources, [port.container_port for port in item.ports]) for item in one.spec.containers
    ] == [(item.env, item.resources, [port.container_port for port in item.ports]) for item in other.spec.containers]


@pytest.mark.parametrize("sample", ["POD", "DEPLOYMENT", "SERVICE", "CLAIM", "NODE"])
def test_the_kind_is_told_without_the_command(sample: str) -> None:
    text = getattr(samples, sample)
    kinds = {"POD": "pod", "DEPLOYMENT": "deployment", "SERVICE": "svc", "CLAIM": "pvc", "NODE": "node"}
    assert read(text, f"describe {kinds[sample]} -n data").objects == read_transcript(text, "test").objects


def test_a_deployment() -> None:
    item = read(samples.DEPLOYMENT, "describe deploy etl -n data").get(Deployment, "data", "etl")
    assert item is not None
    assert (item.spec.replicas, item.status.replicas, item.status.updated_replicas, item.status.available_replicas) == (
        3,
        4,
        1,
        2,
    )
    assert item.spec.selector is not None
    assert item.spec.selector.match_labels == {"app": "etl"}
    assert [container.image for container in item.spec.template.spec.containers] == ["registry.example/etl:9"]
    assert {condition.type: condition.reason for condition in item.status.conditions} == {
        "Available": "MinimumReplicasUnavailable",
        "Progressing": "ProgressDeadlineExceeded",
    }


def test_a_service_and_its_endpoints() -> None:
    found = read(samples.SERVICE, "describe svc etl -n data")
    item = found.get(Service, "data", "etl")
    assert item is not None
    assert [(port.name, port.port, port.target_port) for port in item.spec.ports] == [
        ("http", 80, 8080),
        ("metrics", 9090, "metrics"),
    ]
    assert (item.spec.selector, item.spec.cluster_ip) == ({"app": "etl"}, "10.96.0.7")
    ends = found.get(Endpoints, "data", "etl")
    assert ends is not None
    assert [address.ip for subset in ends.subsets for address in subset.addresses] == ["10.244.1.7", "10.244.2.8"]


@pytest.mark.parametrize("shown", ["<none>", ""])
def test_a_service_without_endpoints(shown: str) -> None:
    text = re.sub(r"Endpoints:( +)10.*", rf"Endpoints:\g<1>{shown}", samples.SERVICE)
    ends = read(text, "describe svc etl -n data").get(Endpoints, "data", "etl")
    assert ends is not None
    assert ends.subsets == ()


def test_a_claim() -> None:
    found = read(samples.CLAIM, "describe pvc etl-data -n data")
    item = found.get(PersistentVolumeClaim, "data", "etl-data")
    assert item is not None
    assert (item.status.phase, item.spec.storage_class_name, item.spec.volume_name) == ("Pending", "fast", "")
    (event,) = found.all(Event)
    assert (event.reason, event.count) == ("ProvisioningFailed", 9)


def test_a_node() -> None:
    found = read(samples.NODE, "describe node node-a")
    item = found.get(Node, "", "node-a")
    assert item is not None
    assert {condition.type: (condition.status, condition.reason) for condition in item.status.conditions}["Ready"] == (
        "Unknown",
        "NodeStatusUnknown",
    )
    assert [(taint.key, taint.value, taint.effect) for taint in item.spec.taints] == [
        ("dedicated", "data", "NoSchedule"),
        ("node.kubernetes.io/unreachable", "", "NoExecute"),
    ]
    assert item.spec.unschedulable
    assert item.status.allocatable["cpu"] == "3900m"
    assert item.status.node_info is not None
    assert item.status.node_info.kubelet_version == "v1.33.1"
    assert found.depth(Ref("Pod", "data", "etl-5d4f8b7c6d-q9q4w")) is Depth.NAMED


OTHERS = {
    "sts": "Name:               db\nNamespace:          data\nSelector:           app=db\nReplicas:           3 desired | 2 total\nUpdate Strategy:    RollingUpdate\n  Partition:        0\nPods Status:        1 Running / 1 Waiting / 0 Succeeded / 0 Failed\nPod Template:\n  Labels:  app=db\n  Containers:\n   db:\n    Image:  postgres:17\nVolume Claims:\n  Name:          data\n  StorageClass:  fast\n  Capacity:      10Gi\nEvents:          <none>\n",
    "rs": 'Name:           web-5d4f8b7c6d\nNamespace:      data\nSelector:       app=web\nControlled By:  Deployment/web\nReplicas:       0 current / 2 desired\nPods Status:    0 Running / 0 Waiting / 0 Succeeded / 0 Failed\nPod Template:\n  Labels:  app=web\n  Containers:\n   web:\n    Image:  nginx\nConditions:\n  Type             Status  Reason\n  ----             ------  ------\n  ReplicaFailure   True    FailedCreate\nEvents:\n  Type     Reason        Age               From                   Message\n  ----     ------        ----              ----                   -------\n  Warning  FailedCreate  3s (x13 over 1m)  replicaset-controller  Error creating: pods "web-x" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2\n',
    "ds": "Name:           agent\nNamespace:      data\nSelector:       app=agent\nNode-Selector:  <none>\nDesired Number of Nodes Scheduled: 5\nCurrent Number of Nodes Scheduled: 4\nNumber of Nodes Scheduled with Up-to-date Pods: 4\nNumber of Nodes Scheduled with Available Pods: 3\nNumber of Nodes Misscheduled: 0\nPods Status:  3 Running / 1 Waiting / 0 Succeeded / 0 Failed\nPod Template:\n  Labels:  app=agent\n  Containers:\n   agent:\n    Image:  agent:1\nEvents:  <none>\n",
    "job": "Name:             load\nNamespace:        data\nSelector:         job-name=load\nLabels:           job-name=load\nControlled By:    CronJob/load\nParallelism:      2\nCompletions:      4\nCompletion Mode:  NonIndexed\nSuspend:          false\nBackoff Limit:    3\nStart Time:       Mon, 02 Mar 2026 11:00:00 +0000\nPods Statuses:    1 Active (0 Ready) / 2 Succeeded / 3 Failed\nPod Template:\n  Labels:  job-name=load\n  Containers:\n   load:\n    Image:  etl:9\nEvents:  <none>\n",
    "cj": "Name:                          load\nNamespace:                     data\nSchedule:                      */5 * * * *\nConcurrency Policy:            Forbid\nSuspend:                       True\nSuccessful Job History Limit:  3\nPod Template:\n  Labels:  <none>\n  Containers:\n   load:\n    Image:  etl:9\nLast Schedule Time:  Mon, 02 Mar 2026 11:00:00 +0000\nActive Jobs:         <none>\nEvents:              <none>\n",
    "pv": "Name:            pv-1\nLabels:          <none>\nFinalizers:      [kubernetes.io/pv-protection]\nStorageClass:    fast\nStatus:          Released\nClaim:           data/etl-data\nReclaim Policy:  Retain\nAccess Modes:    RWO\nVolumeMode:      Filesystem\nCapacity:        10Gi\nNode Affinity:   <none>\nMessage:\nSource:\n    Type:      CSI (a Container Storage Interface (CSI) volume source)\nEvents:        <none>\n",
    "sc": "Name:                  fast\nIsDefaultClass:        Yes\nAnnotations:           storageclass.kubernetes.io/is-default-class=true\nProvisioner:           csi.example.com\nParameters:            <none>\nAllowVolumeExpansion:  True\nMountOptions:          <none>\nReclaimPolicy:         Delete\nVolumeBindingMode:     WaitForFirstConsumer\nEvents:                <none>\n",
    "hpa": "Name:                                                  web\nNamespace:                                             data\nReference:                                             Deployment/web\nMetrics:                                               ( current / target )\n  resource cpu on pods  (as a percentage of request):  <unknown> / 80%\nMin replicas:                                          2\nMax replicas:                                          9\nDeployment pods:                                       2 current / 0 desired\nConditions:\n  Type           Status  Reason                   Message\n  ----           ------  ------                   -------\n  AbleToScale    True    SucceededGetScale        the HPA controller was able to get the target's current scale\n  ScalingActive  False   FailedGetResourceMetric  the HPA was unable to compute the replica count: no metrics returned\nEvents:          <none>\n",
    "pdb": "Name:           web\nNamespace:      data\nMin available:  2\nSelector:       app=web\nStatus:\n    Allowed disruptions:  0\n    Current:              2\n    Desired:              2\n    Total:                3\nEvents:                   <none>\n",
    "quota": "Name:            compute\nNamespace:       data\nResource         Used   Hard\n--------         ----   ----\npods             2      2\nrequests.cpu     500m   2\n",
    "ep": "Name:         web\nNamespace:    data\nLabels:       <none>\nSubsets:\n  Addresses:          10.0.0.1\n  NotReadyAddresses:  10.0.0.2,10.0.0.3\n  Ports:\n    Name     Port  Protocol\n    ----     ----  --------\n    http     8080  TCP\nEvents:  <none>\n",
    "endpointslice": "Name:         web-x2x7k\nNamespace:    data\nLabels:       kubernetes.io/service-name=web\nAddressType:  IPv4\nPorts:\n  Name     Port  Protocol\n  ----     ----  --------\n  http     8080  TCP\nEndpoints:\n  - Addresses:  10.0.0.1\n    Conditions:\n      Ready:    false\n    Hostname:   <unset>\n    TargetRef:  Pod/web-0\n    NodeName:   node-a\nEvents:         <none>\n",
}  # fmt: skip


def _one(resource: str) -> Snapshot:
    return read(OTHERS[resource], f"describe {resource} x -n data")


def test_the_other_kinds() -> None:
    stateful = _one("sts").get(StatefulSet, "data", "db")
    assert stateful is not None
    assert (stateful.spec.replicas, stateful.status.ready_replicas) == (3, 1)
    found = _one("rs")
    replicas = found.get(ReplicaSet, "data", "web-5d4f8b7c6d")
    assert replicas is not None
    assert (replicas.spec.replicas, replicas.status.replicas, replicas.metadata.owner_references[0].name) == (
        2,
        0,
        "web",
    )
    assert "exceeded quota: q" in next(found.all(Event)).message
    daemons = _one("ds").get(DaemonSet, "data", "agent")
    assert daemons is not None
    assert (daemons.status.desired_number_scheduled, daemons.status.number_ready) == (5, 3)
    job = _one("job").get(Job, "data", "load")
    assert job is not None
    assert (
        job.spec.completions,
        job.spec.backoff_limit,
        job.status.active,
        job.status.succeeded,
        job.status.failed,
    ) == (4, 3, 1, 2, 3)
    cron = _one("cj").get(CronJob, "data", "load")
    assert cron is not None
    assert (cron.spec.schedule, cron.spec.suspend) == ("*/5 * * * *", True)
    volume = _one("pv").get(PersistentVolume, "", "pv-1")
    assert volume is not None
    assert volume.spec.claim_ref is not None
    assert (volume.status.phase, volume.spec.claim_ref.name, volume.spec.persistent_volume_reclaim_policy) == (
        "Released",
        "etl-data",
        "Retain",
    )
    kind = _one("sc").get(StorageClass, "", "fast")
    assert kind is not None
    assert (kind.provisioner, kind.volume_binding_mode) == ("csi.example.com", "WaitForFirstConsumer")
    scaler = _one("hpa").get(HorizontalPodAutoscaler, "data", "web")
    assert scaler is not None
    assert (scaler.spec.min_replicas, scaler.spec.max_replicas) == (2, 9)
    assert {item.type: item.reason for item in scaler.status.conditions}["ScalingActive"] == "FailedGetResourceMetric"
    budget = _one("pdb").get(PodDisruptionBudget, "data", "web")
    assert budget is not None
    assert (budget.spec.min_available, budget.status.disruptions_allowed) == (2, 0)
    ends = _one("ep").get(Endpoints, "data", "web")
    assert ends is not None
    assert (
        [item.ip for item in ends.subsets[0].addresses],
        [item.ip for item in ends.subsets[0].not_ready_addresses],
    ) == (["10.0.0.1"], ["10.0.0.2", "10.0.0.3"])
    part = _one("endpointslice").get(EndpointSlice, "data", "web-x2x7k")
    assert part is not None
    assert (
        part.endpoints[0].conditions.ready,
        part.endpoints[0].target_ref and part.endpoints[0].target_ref.name,
        part.ports[0].port,
    ) == (False, "web-0", 8080)


def test_a_quota() -> None:
    item = _one("quota").get(ResourceQuota, "data", "compute")
    assert item is not None
    assert (item.status.used, item.status.hard) == (
        {"pods": "2", "requests.cpu": "500m"},
        {"pods": "2", "requests.cpu": "2"},
    )


@pytest.mark.parametrize(
    "statuses",
    [
        "1 Active (0 Ready) / 2 Succeeded / 3 Failed",
        "1 Active / 2 Succeeded / 3 Failed",
        "1 Running / 2 Succeeded / 3 Failed",
    ],
)
def test_wordings_of_a_job(statuses: str) -> None:
    text = OTHERS["job"].replace("1 Active (0 Ready) / 2 Succeeded / 3 Failed", statuses)
    job = read(text, "describe job load -n data").get(Job, "data", "load")
    assert job is not None
    assert (job.status.succeeded, job.status.failed) == (2, 3)


def test_several_descriptions_after_one_command() -> None:
    text = f"{samples.POD}\n\n{samples.POD.replace('q9q4w', 'zzzzz')}"
    assert len(read(text, "describe pods -n data").objects["Pod"]) == 2


def test_the_parts_of_an_object_complement_one_another() -> None:
    text = f"$ kubectl get pods -n data -o wide --show-labels\n{samples.PODS}$ kubectl describe pod etl-5d4f8b7c6d-q9q4w -n data\n{samples.POD}"
    for whole in (text, "\n$ ".join(reversed(text.removeprefix("$ ").split("\n$ "))).join(["$ ", "\n"])):
        pod = read_transcript(whole, "test").get(Pod, "data", "etl-5d4f8b7c6d-q9q4w")
        assert pod is not None
        assert pod.status.container_statuses[0].name == "main"
        assert pod.metadata.creation_timestamp is not None
