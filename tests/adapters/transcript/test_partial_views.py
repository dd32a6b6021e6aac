"""Parts of objects: what grep, head and tail left of a description or a manifest, and single fields by jsonpath, custom columns and jq."""

from __future__ import annotations

from datetime import timedelta

import pytest

from seakeep.adapters.transcript.paths import columns, expression, fields, steps
from seakeep.adapters.transcript.read import read_transcript
from seakeep.model.objects import (
    Deployment,
    Event,
    Namespace,
    Node,
    PersistentVolumeClaim,
    Pod,
    Secret,
    Service,
)
from seakeep.model.snapshot import Depth, Snapshot

POD = "crane-6c4d7f8b9-2bxkm"


def read(text: str) -> Snapshot:
    return read_transcript(text, "test")


def pod_of(text: str) -> Pod:
    found = read(text).get(Pod, "depot", POD)
    assert found is not None
    return found


EVENTS = f"""$ kubectl describe pod {POD} -n depot | tail -4
Events:
  Type     Reason   Age                 From     Message
  ----     ------   ----                ----     -------
  Warning  BackOff  32s (x6 over 77s)   kubelet  Back-off restarting failed container crane in pod {POD}_depot(30bb)
"""


def test_the_tail_of_a_description_is_of_the_pod_that_was_asked_for() -> None:
    (event,) = read(EVENTS).all(Event)
    assert (event.about.name, event.about.namespace, event.reason, event.count) == (POD, "depot", "BackOff", 6)


def test_rows_of_events_whose_heading_grep_took() -> None:
    line = "  Warning  Failed  41s (x4 over 2m9s)   kubelet            Error: ErrImagePull"
    found = read(f"$ kubectl describe po {POD} -n depot | grep -i fail\n{line}\n")
    assert [event.text for event in found.all(Event)] == ["Error: ErrImagePull"]
    assert "Warning" not in {pod.name for pod in found.all(Pod)}


@pytest.mark.parametrize(
    "said",
    [
        f"Successfully assigned depot/{POD} to n1",
        f"Back-off restarting failed container crane in pod {POD}_depot(30bb)",
    ],
)
def test_by_labels_the_events_tell_whose_they_are(said: str) -> None:
    row = f"  Normal  Any  3m  kubelet  {said}"
    found = read(
        f"$ kubectl describe pods -n depot -l app=crane | grep -A5 ^Events\nEvents:\n  Type  Reason  Age  From  Message\n  ----  ----  ----  ----  ----\n{row}\n"
    )
    assert [event.about.name for event in found.all(Event)] == [POD]


def test_by_labels_a_pod_that_was_listed_stands_for_all() -> None:
    listed = f"$ kubectl get pods -n depot\nNAME   READY   STATUS   RESTARTS   AGE\ncrane-6c4d7f8b9-2zzzz   1/1     Running   0   2d\n{POD}   0/1     Running   0   2d\n"
    asked = "$ kubectl describe pods -n depot -l app=crane | grep Warning\n  Warning  Unhealthy  9s (x60 over 10m)  kubelet  Readiness probe failed: EOF\n"
    for text in (listed + asked, asked + listed):
        assert [event.about.name for event in read(text).all(Event)] == [POD]


def test_lines_of_a_container_whose_name_was_cut_away() -> None:
    pod = pod_of(f"""$ kubectl describe pod {POD} -n depot | grep -E 'Liveness|Exit|Started|Finished|Restart|ClaimName|Port:'
    Port:           8080/TCP
      Started:      Mon, 02 Mar 2026 11:58:41 +0000
      Exit Code:    137
      Started:      Mon, 02 Mar 2026 11:57:00 +0000
      Finished:     Mon, 02 Mar 2026 11:58:40 +0000
    Restart Count:  8
    Liveness:       http-get http://:8080/live delay=20s timeout=1s period=10s #success=1 #failure=3
    ClaimName:  data-crane-0
""")
    (container,) = pod.spec.containers
    (status,) = pod.status.container_statuses
    assert container.liveness_probe is not None
    assert container.liveness_probe.initial_delay_seconds == 20
    assert [port.container_port for port in container.ports] == [8080]
    assert status.restart_count == 8
    assert status.state.running is not None
    ended = status.last_state.terminated
    assert ended is not None
    assert ended.started_at is not None
    assert ended.finished_at is not None
    assert (ended.exit_code, ended.finished_at - ended.started_at) == (137, timedelta(seconds=100))
    (volume,) = pod.spec.volumes
    assert volume.persistent_volume_claim is not None
    assert volume.persistent_volume_claim.claim_name == "data-crane-0"


def test_two_containers_without_names() -> None:
    pod = pod_of(f"""$ kubectl describe pod {POD} -n depot | grep -E 'Image:|Ready:'
    Image:          depot/crane:1
    Ready:          True
    Image:          depot/mesh:2
    Ready:          False
""")
    assert [item.image for item in pod.spec.containers] == ["depot/crane:1", "depot/mesh:2"]
    assert [status.ready for status in pod.status.container_statuses] == [True, False]


def test_a_part_and_a_row_complement_one_another() -> None:
    row = f"$ kubectl get pods -n depot\nNAME   READY   STATUS   RESTARTS   AGE\n{POD}   0/1     CrashLoopBackOff   3   2d\n"
    part = f"""$ kubectl describe pod {POD} -n depot | head -40 | grep -A9 ^Containers
Containers:
  crane:
    Image:          depot/crane:1
    Last State:     Terminated
      Exit Code:    2
    Ready:          False
    Restart Count:  3
"""
    for text in (row + part, part + row):
        (status,) = pod_of(text).status.container_statuses
        assert (status.name, status.restart_count) == ("crane", 3)
        assert status.state.waiting is not None
        assert status.state.waiting.reason == "CrashLoopBackOff"
        assert status.last_state.terminated is not None
        assert status.last_state.terminated.exit_code == 2


def test_nothing_is_concluded_from_what_a_filter_took() -> None:
    found = read(
        "$ kubectl describe deploy crane -n depot | grep -A4 Conditions:\nConditions:\n  Type           Status  Reason\n  ----           ------  ------\n  Available      False   MinimumReplicasUnavailable\n"
    )
    deployment = found.get(Deployment, "depot", "crane")
    assert deployment is not None
    assert deployment.spec.replicas is None
    assert [item.type for item in deployment.status.conditions] == ["Available"]
    assert found.depth(deployment.ref) is Depth.TABLE


def test_a_node_s_conditions_and_a_service_s_lines() -> None:
    found = read("""$ kubectl describe node n1 | grep -A4 ^Conditions
Conditions:
  Type             Status  LastHeartbeatTime                 LastTransitionTime                Reason                       Message
  ----             ------  -----------------                 ------------------                ------                       -------
  DiskPressure     True    Mon, 02 Mar 2026 11:57:00 +0000   Mon, 02 Mar 2026 11:50:00 +0000   KubeletHasDiskPressure       kubelet has disk pressure
$ kubectl describe svc crane -n depot | grep -E 'Selector|Port'
Selector:                 app=crane
Port:                     http  80/TCP
TargetPort:               8080/TCP
""")
    node = found.get(Node, "", "n1")
    service = found.get(Service, "depot", "crane")
    assert node is not None
    assert service is not None
    assert [(item.type, item.status) for item in node.status.conditions] == [("DiskPressure", "True")]
    assert not node.status.allocatable
    assert service.spec.selector == {"app": "crane"}
    assert [port.target_port for port in service.spec.ports] == [8080]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (".spec.containers[0].ports", ("spec", "containers", 0, "ports")),
        (".items[*].metadata.name", ("items", -1, "metadata", "name")),
        (r".status.allocatable.nvidia\.com/gpu", ("status", "allocatable", "nvidia.com/gpu")),
        ('.status.conditions[?(@.type=="Ready")].status', ("status", "conditions", "?type=Ready", "status")),
        ("['metadata']['name']", ("metadata", "name")),
        (".spec | length", None),
        ("", None),
    ],
)
def test_steps(path: str, wanted: tuple[str | int, ...] | None) -> None:
    assert steps(path) == wanted


@pytest.mark.parametrize(
    ("output", "line", "wanted"),
    [
        ("jsonpath='{.spec}'", "kubectl get po x", "{.spec}"),
        ("json", "kubectl get po x -o json | jq '.spec.nodeName'", ".spec.nodeName"),
        ("json", "kubectl get po x -o json | jq -r .spec", ".spec"),
        ("json", "kubectl get po x -o json | jq '.items | length'", ""),
        ("yaml", "kubectl get po x -o yaml", ""),
    ],
)
def test_expression(output: str, line: str, wanted: str) -> None:
    assert expression(output, line) == wanted


def test_fields_of_one_object() -> None:
    (found,) = fields("{.spec.containers[*].ports}", '[{"containerPort":80}] [{"containerPort":90}]', "x")
    assert [item["ports"][0]["containerPort"] for item in found["spec"]["containers"]] == [80, 90]
    (found,) = fields("{.status.readyReplicas}", "3", "x")
    assert found["status"] == {"readyReplicas": 3}
    assert list(fields("{.spec.nodeName}", "", "x")) == []
    (found,) = fields("{.spec.a}/{.spec.b}", "1/2", "x")
    assert found["spec"] == {"a": "1", "b": "2"}
    (found,) = fields(
        '{range .status.containerStatuses[*]}{.name}{" "}{.ready}{"\\n"}{end}', "web true\nproxy false", "x"
    )
    assert [(item["name"], item["ready"]) for item in found["status"]["containerStatuses"]] == [
        ("web", True),
        ("proxy", False),
    ]


def test_a_range_of_objects() -> None:
    asked = r'{range .items[*]}{.metadata.name}{"\t"}{.status.phase}{"\n"}{end}'
    found = list(fields(asked, "a\tRunning\nb\tPending\n", ""))
    assert [(item["metadata"]["name"], item["status"]["phase"]) for item in found] == [
        ("a", "Running"),
        ("b", "Pending"),
    ]


def test_columns_of_choice() -> None:
    spec = "NAME:.metadata.name,WHY:.status.containerStatuses[*].state.waiting.reason"
    found = list(columns(spec, "NAME  WHY\na  <none>\nb  CrashLoopBackOff,ErrImagePull\n"))
    assert found[0] == {"metadata": {"name": "a"}}
    assert [item["state"]["waiting"]["reason"] for item in found[1]["status"]["containerStatuses"]] == [
        "CrashLoopBackOff",
        "ErrImagePull",
    ]
    assert list(columns(spec, "OTHER  HEAD\na  b\n")) == []


def test_a_container_s_state_by_jsonpath_and_by_jq() -> None:
    ended = '{"terminated":{"exitCode":137,"reason":"OOMKilled"}}'
    for command in (
        "-o jsonpath='{.status.containerStatuses[0].lastState}'",
        "-o json | jq '.status.containerStatuses[0].lastState'",
    ):
        pod = pod_of(f"$ kubectl get pod {POD} -n depot {command}\n{ended}\n")
        (status,) = pod.status.container_statuses
        assert status.last_state.terminated is not None
        assert status.last_state.terminated.reason == "OOMKilled"


def test_a_pod_of_which_only_the_phase_was_asked_for_is_not_unready() -> None:
    found = read(
        "$ kubectl get po -n depot -o custom-columns=NAME:.metadata.name,S:.status.phase\nNAME   S\ncrane-0   Running\n"
    )
    (pod,) = found.all(Pod)
    assert (pod.status.phase, pod.status.container_statuses) == ("Running", ())


def test_values_of_secrets_are_never_kept() -> None:
    found = read(
        "$ kubectl get secret s -n depot -o jsonpath='{.data.password}'\naHVudGVyMg==\n$ kubectl get ns\nNAME   STATUS   AGE\ndepot  Active   1d\n"
    )
    assert "aHVudGVyMg" not in repr(found.objects)
    assert found.get(Secret, "depot", "s") is not None


def test_a_piece_of_a_manifest_goes_where_it_belongs() -> None:
    pod = pod_of(f"""$ kubectl get pod {POD} -n depot -o yaml | grep -A5 'env:'
  - env:
    - name: DB_HOST
      value: db
    image: depot/crane:1
    name: crane
$ kubectl get pod {POD} -n depot -o yaml | grep -A3 resources:
    resources:
      limits:
        memory: 64Mi
""")
    (container,) = pod.spec.containers
    assert (container.name, container.image, container.env[0].value) == ("crane", "depot/crane:1", "db")
    assert container.resources.limits == {"memory": "64Mi"}


def test_pieces_that_fit_nowhere_are_left_out() -> None:
    found = read(
        f"$ kubectl get pod {POD} -n depot -o yaml | grep -i time\n    terminationGracePeriodSeconds: 30\n$ kubectl get ns\nNAME   STATUS   AGE\ndepot  Active   1d\n"
    )
    assert found.get(Pod, "depot", POD) is None
    assert found.get(Namespace, "", "depot") is not None


def test_labels_as_columns() -> None:
    found = read(
        "$ kubectl get nodes -L gpu.type,topology.kubernetes.io/zone\nNAME   STATUS   ROLES    AGE   VERSION   GPU.TYPE   ZONE\nn1     Ready    <none>   9d    v1.31.1   a100       eu-1\nn2     Ready    <none>   9d    v1.31.1              eu-1\n"
    )
    labels = {node.name: dict(node.metadata.labels) for node in found.all(Node)}
    assert labels == {
        "n1": {"gpu.type": "a100", "topology.kubernetes.io/zone": "eu-1"},
        "n2": {"topology.kubernetes.io/zone": "eu-1"},
    }


def test_a_field_selector_tells_the_node() -> None:
    found = read(
        f"$ kubectl get pods -n depot --field-selector spec.nodeName=n1\nNAME   READY   STATUS   RESTARTS   AGE\n{POD}   1/1     Running   0   2d\n"
    )
    assert [pod.spec.node_name for pod in found.all(Pod)] == ["n1"]


def test_a_drain_s_refusals_are_events_about_the_pods() -> None:
    found = read(
        '$ kubectl drain n1\nerror when evicting pods/"pg-0" -n "db" (will retry after 5s): Cannot evict pod as it would violate the pod\'s disruption budget.\nerror when evicting pods/"pg-0" -n "db" (will retry after 5s): Cannot evict pod as it would violate the pod\'s disruption budget.\n'
    )
    assert [(event.about.name, event.reason) for event in found.all(Event)] == [("pg-0", "FailedEviction")]


def test_a_claim_s_events_below_the_rest_that_sed_left() -> None:
    found = read("""$ kubectl describe pvc data -n depot | sed -n '/Used By/,$p'
Used By:       crane-0
Events:
  Type     Reason              Age   From                         Message
  ----     ------              ----  ----                         -------
  Warning  ProvisioningFailed  9s    persistentvolume-controller  storageclass.storage.k8s.io "fast" not found
""")
    assert [event.about.kind for event in found.all(Event)] == ["PersistentVolumeClaim"]
    assert all(found.depth(item.ref) is not Depth.DESCRIBED for item in found.all(PersistentVolumeClaim))
