"""What was pasted without its commands."""

from __future__ import annotations

import pytest

from seakeep.adapters.errors import SourceError
from seakeep.adapters.files.read import read_bytes
from seakeep.model.objects import Deployment, Event, Node, Pod
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Snapshot


def read(text: str) -> Snapshot:
    return read_bytes(text.encode(), "paste")


def events(text: str) -> list[tuple[str, str, str]]:
    return [
        (event.involved_object.kind, event.involved_object.namespace, event.involved_object.name)
        for event in read(text).all(Event)
        if event.involved_object
    ]


def test_rows_of_events_are_of_the_pod_that_they_name() -> None:
    rows = (
        "Events:\n"
        "  Type     Reason       Age                From               Message\n"
        "  ----     ------       ----               ----               -------\n"
        "  Normal   Scheduled    44s                default-scheduler  Successfully assigned lake/query-0 to n-3\n"
        '  Warning  FailedMount  11s (x7 over 43s)  kubelet            MountVolume.SetUp failed for volume "tls" : secret "query-tls" not found\n'
    )
    assert set(events(rows)) == {("Pod", "lake", "query-0")}


@pytest.mark.parametrize(
    ("line", "about"),
    [
        ('Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) job-a', ("Pod", "default", "UNNAMED")),
        ('Waiting for detach for volume "pvc-2" Volume is already used by pod(s) job-a', ("Pod", "default", "UNNAMED")),
        ("0/4 nodes are available: 4 Insufficient memory.", ("Pod", "default", "UNNAMED")),
        (
            '  Warning  FailedCreate  2m6s  replicaset-controller  Error creating: pods "gate-6c69d7595f-fvqr5" is forbidden: no',
            ("ReplicaSet", "default", "gate-6c69d7595f"),
        ),
        (
            "  Warning  OOMKilling  49m   kernel-monitor, pool-1-a7  Memory cgroup out of memory: Kill process 821 (server)",
            ("Node", "", "pool-1-a7"),
        ),
    ],
)
def test_a_message_alone_tells_what_it_is_about(line: str, about: tuple[str, str, str]) -> None:
    assert events(line + "\n") == [about]


def test_the_log_is_the_one_unwell_pods() -> None:
    table = "NAME      READY   STATUS             RESTARTS   AGE\nshop-0    0/1     CrashLoopBackOff   4          9m\ncart-0    1/1     Running            0          9m\n"
    found = read("2026-03-02 10:00:01 ERROR cannot open the ledger\n\n" + table)
    assert [(log.namespace, log.pod) for log in found.logs] == [("default", "shop-0")]


def test_a_log_alone_is_nobodys_by_name() -> None:
    found = read('{"level":"info","ts":"2026-03-02T10:00:00Z","msg":"starting"}\n{"level":"error","msg":"no room"}\n')
    assert [log.pod for log in found.logs] == ["UNNAMED"]


def test_the_frame_of_a_window_is_none_of_the_log() -> None:
    found = read("│ main 2026-03-02 10:00:01 ERROR first      │\n│ main 2026-03-02 10:00:02 ERROR second     │\n")
    assert found.logs[0].text == "main 2026-03-02 10:00:01 ERROR first\nmain 2026-03-02 10:00:02 ERROR second"


def test_what_people_write_before_a_command_is_no_log() -> None:
    found = read(
        "redis: connection refused is all that our users see\n$ kubectl get pods\nNAME READY STATUS RESTARTS AGE\nshop-0 1/1 Running 0 9m\n"
    )
    assert found.logs == ()


@pytest.mark.parametrize(
    "text",
    [
        "Dear all, we have a problem: nothing works.\nPlease help.\n",
        "kind: Pod\nmetadata:\n  name: x\n   labels: {a: b}\n# 2026-03-02 10:00:01 ERROR in the manifest\n",
        '{"name": "shop", "version": 2}\n',
    ],
)
def test_other_text_is_refused_as_before(text: str) -> None:
    with pytest.raises(SourceError):
        read(text)


def test_a_log_that_writes_its_pods_name_is_that_pods() -> None:
    lines = '{"level":"error","ts":"2026-03-02T10:00:00Z","msg":"no room","logging_pod":"ledger-1"}\n'
    assert [log.pod for log in read(lines).logs] == ["ledger-1"]
    shown = "2026-03-02 10:00:01 ERROR no room\nStream closed EOF for lake/query-7d9c6b5f4-x2x7k (main)\n"
    assert [(log.namespace, log.pod) for log in read(shown).logs] == [("lake", "query-7d9c6b5f4-x2x7k")]


def test_a_controllers_log_holds_the_events_that_it_made() -> None:
    log = (
        "$ kubectl logs provisioner-0 -n store\n"
        'I0302 10:00:00.000001 1 event.go:282] Event(v1.ObjectReference{Kind:"PersistentVolumeClaim", Namespace:"lake", Name:"tables", UID:"1", APIVersion:"v1"}):'
        " type: 'Warning' reason: 'ProvisioningFailed' failed to provision volume: deadline exceeded\n"
    )
    assert events(log) == [("PersistentVolumeClaim", "lake", "tables")]


def test_the_journal_of_a_machine_is_no_pods_log() -> None:
    found = read(
        "Mar 02 10:00:00 w-4 kubelet[811]: F0302 10:00:00.1 811 server.go:198] failed to load Kubelet config file /etc/x\n"
    )
    assert found.logs == ()
    assert [event.involved_object.name for event in found.all(Event) if event.involved_object] == ["w-4"]


@pytest.mark.parametrize("command", ["microk8s.kubectl", "k3s kubectl", "minikube kubectl --"])
def test_the_kubectl_of_a_distribution(command: str) -> None:
    found = read(f"$ {command} get pods\nNAME READY STATUS RESTARTS AGE\nshop-0 1/1 Running 0 9m\n")
    assert found.lists_all("Pod", "default")


def pods(text: str) -> dict[str, tuple[str, str]]:
    """Name → phase, and what its first container waits for."""
    found = {}
    for pod in read(text).all(Pod):
        waiting = next((item.state.waiting for item in pod.status.container_statuses if item.state.waiting), None)
        found[pod.name] = (pod.status.phase, waiting.reason if waiting else "")
    return found


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ('Warning  Failed  3s (x2 over 20s)  kubelet  Failed to pull image "r.example/q:9": not found', ("Pending", "ImagePullBackOff")),
        ("Warning BackOff 9s (x8 over 2m) kubelet Back-off restarting failed container", ("Running", "CrashLoopBackOff")),
        ("Warning  Failed  4s  kubelet  spec.containers{q}: Error: couldn't find key URL in ConfigMap lake/q", ("Pending", "CreateContainerConfigError")),
        ("Warning  FailedScheduling  0/2 nodes are available: 2 Insufficient cpu.", ("Pending", "")),
        ("Normal  Started  2m  kubelet  Started container q\nWarning  Evicted  4s  kubelet, n-1  The node was low on resource: memory.", ("Failed", "")),
        ('Warning  Failed  2m  kubelet  Failed to pull image "r.example/q:9": i/o timeout\nNormal  Started  5s  kubelet  Started container q', ("Running", "")),
        ("Normal  Started  30m  kubelet  Started container q\nWarning  Unhealthy  29m  kubelet  Readiness probe failed: x", ("Running", "")),
    ],
)  # fmt: skip
def test_events_alone_tell_a_pods_state(rows: str, state: tuple[str, str]) -> None:
    assert pods(f"$ kubectl describe pod q-0 -n lake\n{rows}\n") == {"q-0": state}


def test_a_message_on_the_lines_below_its_row_belongs_to_it() -> None:
    text = '$ kubectl describe pod q-0\nEvents:\n\nWarning  FailedMount\n\nMountVolume.SetUp failed for volume "conf":\n\nconfigmap "q-conf" not found\n'
    (event,) = read(text).all(Event)
    assert event.text == 'MountVolume.SetUp failed for volume "conf": configmap "q-conf" not found'


def test_what_notes_show_behind_a_hash_was_printed() -> None:
    text = "kubectl get pods -n lake\n# NAME   READY   STATUS    RESTARTS   AGE\n# q-0    0/1     Pending   0          4m\n# why?\nkubectl get nodes\n# NAME   STATUS   ROLES    AGE   VERSION\n# n-1    Ready    <none>   4d    v1.31.0\n"
    found = read(text)
    assert [pod.ref for pod in found.all(Pod)] == [Ref("Pod", "lake", "q-0")]
    assert [node.name for node in found.all(Node)] == ["n-1"]


def test_a_comment_among_commands_stays_one() -> None:
    text = "# what runs here?\nkubectl get pods\nNAME   READY   STATUS    RESTARTS   AGE\nq-0    1/1     Running   0          4m\n"
    assert pods(text) == {"q-0": ("Running", "")}


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("Unschedulable:      false\nConditions:\n  Type    Status    LastHeartbeatTime  LastTransitionTime  Reason  Message\n  ----    ------    -----  -----  ------  -------\n  Ready   Unknown   Mon, 02 Mar 2026 11:00:00 +0000   Mon, 02 Mar 2026 11:01:00 +0000   NodeStatusUnknown   Kubelet stopped posting node status.\nAddresses:\n  Hostname:    n-7\n", Ref("Node", "", "n-7")),
        ("Status:         Failed\nReason:         Evicted\nMessage:        The node was low on resource: memory.\n", Ref("Pod", "default", "UNNAMED")),
        ("Controlled By:  Job/etl\nInit Containers:\n  fetch:\n    State:          Terminated\n      Reason:       OOMKilled\n      Exit Code:    137\n...\n", Ref("Pod", "default", "UNNAMED")),
    ],
)  # fmt: skip
def test_a_part_of_a_description_tells_its_kind(text: str, ref: Ref) -> None:
    assert read(text).find(ref) is not None


def test_a_row_of_events_below_a_listing_is_of_the_one_that_is_unwell() -> None:
    text = "$ kubectl get pods -n lake\nNAME   READY   STATUS    ...   NODE\nq-0    1/1     Running   ...   n-1\nq-1    0/1     Pending   ...   <none>\n\nWarning  FailedScheduling  9s  default-scheduler  0/1 nodes are available: 1 Too many pods.\n"
    assert ("Pod", "lake", "q-1") in events(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('Error from server (Forbidden): error when creating "q.yaml": pods "q-0" is forbidden: exceeded quota: team,\nrequested: pods=1, used: pods=2, limited: pods=2\n', "q-0"),
        ('$ oc describe deployment q -n lake\n[...]\nError creating: pods "q-6d5f-x2x4z" is forbidden: violates PodSecurity "baseline:latest": privileged\n', "q-6d5f-x2x4z"),
        ('$ oc adm drain n-1 --ignore-daemonsets\nerror when evicting pods/"q-0" -n "lake" (will retry after 5s): Cannot evict pod as it would violate the pod\'s disruption budget.\n', "q-0"),
        ("There are pending pods when an error occurred: Cannot evict pod as it would violate the pod's disruption budget.\npod/q-0\n", "q-0"),
    ],
)  # fmt: skip
def test_refusals_are_events_of_what_was_refused(text: str, name: str) -> None:
    (event,) = read(text).all(Event)
    assert event.involved_object
    assert event.involved_object.name == name
    assert "used: pods=2" in event.text or "quota" not in event.text


def test_a_pod_that_a_drain_evicted_after_all_is_not_refused() -> None:
    refused = 'error when evicting pods/"q-0" -n "lake" (will retry after 5s): Cannot evict pod as it would violate the pod\'s disruption budget.\n'
    nodes = "$ kubectl get nodes\nNAME   STATUS   ROLES    AGE   VERSION\nn-1    Ready    <none>   4d    v1.31.0\n"
    assert events(f"{nodes}$ kubectl drain n-1\n{refused}") == [("Pod", "lake", "q-0")]
    assert events(f"{nodes}$ kubectl drain n-1\n{refused}pod/q-0 evicted\nnode/n-1 drained\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "> NAME    READY   STATUS    RESTARTS   AGE\n> shop-0  0/1     Pending   0          9m\n",
        "`NAME    READY   STATUS    RESTARTS   AGE\nshop-0  0/1     Pending   0          9m`\n",
        "NAME                READY   STATUS    RESTARTS   AGE\nshop-0   0/1        Pending       0     9m\n",
    ],
)
def test_a_table_in_the_dress_of_a_mail_or_a_page(text: str) -> None:
    assert [pod.status.phase for pod in read(text).all(Pod)] == ["Pending"]


def test_deployments_as_kubectl_listed_them_once() -> None:
    found = read(
        "NAME                  DESIRED   CURRENT   UP-TO-DATE   AVAILABLE   AGE\ndeployment.apps/hub   2         2         2            1           6m\n"
    )
    (hub,) = found.all(Deployment)
    assert (hub.spec.replicas, hub.status.ready_replicas) == (2, 1)


def test_a_provisioners_log_knows_the_claim_by_its_uid() -> None:
    log = (
        'I0302 10:00:00.1 1 event.go:285] Event(v1.ObjectReference{Kind:"PersistentVolumeClaim", Namespace:"lake", Name:"tables", UID:"d4bc-660d", APIVersion:"v1"}):'
        " type: 'Normal' reason: 'Provisioning' External provisioner is provisioning volume\n"
        'E0302 10:02:30.1 1 controller.go:957] error syncing claim "d4bc-660d": failed to provision volume: deadline exceeded\n'
    )
    told = [(event.reason, event.about.name) for event in read(log).all(Event)]
    assert ("ProvisioningFailed", "tables") in told


@pytest.mark.parametrize(
    "line",
    [
        '{"json":{"exec":"a1"},"level":"warning","msg":"cannot launch"}',
        "<Error> Application: cannot load metadata",
        "=ERROR REPORT==== 2-Mar-2026::11:22:34 ===",
        'Message: pods "a-1" is forbidden: exceeded quota: team, requested: pods=1, used: pods=3, limited: pods=3',
    ],
)
def test_what_logs_look_like(line: str) -> None:
    assert read(line + "\n").logs


def test_a_container_that_has_no_log_yet_says_why() -> None:
    found = read(
        "$ kubectl logs agent-768c7844b4-b2frc -n lab\n"
        'Error from server (BadRequest): container "agent" in pod "agent-768c7844b4-b2frc" is waiting to start: CreateContainerConfigError\n'
        'Error: secret "key" not found\n'
    )
    (pod,) = found.all(Pod)
    waiting = pod.status.container_statuses[0].state.waiting
    assert waiting is not None
    assert (pod.namespace, waiting.reason, waiting.message) == (
        "lab",
        "CreateContainerConfigError",
        'secret "key" not found',
    )


def test_a_state_that_was_moved_is_read_and_the_log_above_it_too() -> None:
    found = read(
        "2026-03-02 10:00:01 INFO configured\n\n   Last State:    Terminated\n     Reason:      OOMKilled\n     Exit Code:   137\n"
    )
    assert [log.text for log in found.logs] == ["2026-03-02 10:00:01 INFO configured"]
    (pod,) = found.all(Pod)
    last = pod.status.container_statuses[0].last_state.terminated
    assert last is not None
    assert last.reason == "OOMKilled"


def test_a_log_is_of_the_first_of_replicas_that_ail_alike() -> None:
    table = "NAME      READY   STATUS             RESTARTS   AGE\nring-0    1/1     Running            0          9m\nring-1    0/1     CrashLoopBackOff   4          9m\nring-2    0/1     CrashLoopBackOff   4          9m\n"
    assert [log.pod for log in read("2026-03-02 10:00:01 ERROR no seeds\n\n" + table).logs] == ["ring-1"]


def test_a_row_that_was_printed_before_the_kubelet_said_why_yields_to_its_events() -> None:
    text = '$ kubectl get pods -n lake\nNAME   READY   STATUS              RESTARTS   AGE\nq-0    0/1     ContainerCreating   0          5s\n$ kubectl describe pod q-0 -n lake | tail -1\n  Warning  Failed  2s (x3 over 20s)  kubelet  Error: failed to start container "q": exec: "ash": executable file not found in $PATH\n'
    assert pods(text) == {"q-0": ("Pending", "RunContainerError")}


def test_other_lines_below_a_table_of_nodes_are_no_nodes() -> None:
    text = "$ kubectl get nodes\nNAME   STATUS   ROLES    AGE   VERSION\nn-1    Ready    <none>   4d    v1.31.0\n\nplan:\nnode-plan   upgrade   v1.32.0   False   DeadlineExceeded\n"
    assert [node.name for node in read(text).all(Node)] == ["n-1"]


def test_what_a_grep_left_of_an_event_is_of_the_pod_that_was_described() -> None:
    text = '$ kubectl describe pod q-0 -n lake | grep Error:\nError: secret "q-auth" not found\n'
    assert pods(text) == {"q-0": ("Pending", "CreateContainerConfigError")}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("# Brew pod hangs - 0/6 nodes are available: 6 Insufficient cpu.", "FailedScheduling"),
        ("The events tab says “0/6 nodes are available: 6 Insufficient cpu”", "FailedScheduling"),
        ('    "message": "0/6 nodes are available: 6 Insufficient cpu.",', "FailedScheduling"),
        ("Warning FailedScheduling <invalid> (x3 over 9s) default-scheduler 0/6 nodes are available: 6 Insufficient cpu", "FailedScheduling"),
        ('It hangs in CreateContainerConfigError: secret "brew-key" not found', "Failed"),
        ('CreateContainerConfigError: secret "brew-key" not found', "Failed"),
        ('Error: secrets "brew-key" not found', "Failed"),
        ('# [brew] "brew": executable file not found in $PATH', "Failed"),
    ],
)  # fmt: skip
def test_a_message_that_only_the_cluster_words_so_is_known_in_a_sentence(line: str, reason: str) -> None:
    (event,) = read(f"Hello,\n\n{line}\n\nPlease help.\n").all(Event)
    assert (event.reason, event.type) == (reason, "Warning")
    assert not event.text.endswith(('"', ",", "”"))


def test_rows_of_events_of_old_releases_name_their_objects() -> None:
    rows = (
        "9m          9m           4         brew.15d4c86fa90b6dba     StatefulSet                                      Warning   FailedCreate        statefulset                                            create Pod brew-0 in StatefulSet brew failed error: no\n"
        "2018-10-02 18:28:51 +0000 UTC   2018-10-02 18:22:35 +0000 UTC   26        mash-0.1559ddbdd931a91c    Pod                         Warning   FailedScheduling              default-scheduler                 0/8 nodes are available: 8 Insufficient memory.\n"
    )
    assert sorted(events(rows)) == [("Pod", "default", "mash-0"), ("StatefulSet", "default", "brew")]


def test_what_a_write_was_answered_in_somebodys_own_words() -> None:
    text = 'When I run\nkubectl apply -f brew.yaml, it says:\n\n"brew.yaml": Internal error occurred: failed calling webhook "vbrew.example.io": Post "https://brew.ops.svc:443/check": dial tcp 10.1.1.1:443: connect: connection refused\n\nWhy?\n'
    assert any("vbrew.example.io" in event.text for event in read(text).all(Event))


def test_a_trace_whose_lines_lost_their_indentation_is_a_log() -> None:
    table = "kubectl get pods\nNAME READY STATUS RESTARTS AGE\nbrew-0 0/1 CrashLoopBackOff 6 5h32m\n"
    trace = "java.nio.channels.UnresolvedAddressException\nat sun.nio.ch.Net.checkAddress(Net.java:101)\n[main] ERROR brew.Cluster - gone\n"
    assert [log.pod for log in read(f"{table}\nits log is\n{trace}").logs] == ["brew-0"]


POD = "\n\n```\nNAME      READY   STATUS             RESTARTS   AGE\nshop-0    0/1     CrashLoopBackOff   4          9m\n```\n"


def test_blank_lines_do_not_end_the_log_of_a_block() -> None:
    block = "```\n10:00:01.04 INFO starting\n\n*** the ledger is of another kind ***\nat line 3\n```\n\nNo idea what that means.\n"
    (log,) = read(f"It ends so:\n{block}{POD}").logs
    assert "at line 3" in log.text
    assert "No idea" not in log.text


def test_what_only_a_program_writes_is_a_log_in_any_sentence() -> None:
    limit = (
        "It says `ERROR: bootstrap checks failed\n[1]: max virtual memory areas vm.max_map_count [65530] is too low`"
    )
    table = "$ oc get pods\nNAME      READY   STATUS             RESTARTS   AGE\nshop-0    0/1     CrashLoopBackOff   4          9m\n"
    assert [log.pod for log in read(f"{limit}\n\n{table}").logs] == ["shop-0"]
    assert read(f"It says that the memory maps do not suffice.\n\n{table}").logs == ()


def test_a_plus_in_a_sentence_is_no_prompt() -> None:
    pods = "NAME      READY   STATUS    RESTARTS   AGE\nshop-0    1/1     Running   4          9m\n"
    assert [pod.name for pod in read(f"++ kubectl get pods\n{pods}").all(Pod)] == ["shop-0"]
    told = read(f"We run openshift + oc get pods -n till, and this:\n\n$ kubectl get pods -n shop\n{pods}")
    assert told.complete == {("Pod", "shop")}


def test_what_somebody_tells_of_such_a_line_is_no_log() -> None:
    table = "$ oc get pods\nNAME      READY   STATUS             RESTARTS   AGE\nshop-0    0/1     CrashLoopBackOff   4          9m\n"
    told = "Last week we had max virtual memory areas vm.max_map_count [65530] is too low, and our admin raised it."
    assert read(f"{told}\n\n{table}").logs == ()
    right = 'It was User "system:serviceaccount:shop:till" cannot list resource "pods" until Monday.'
    assert read(f"{right}\n\n{table}").logs == ()


def test_a_message_in_a_sentence_ends_where_the_next_one_begins() -> None:
    told = "Still got 0/9 nodes are available: 6 node(s) had volume node affinity conflict. How do I fix that?\n"
    (event,) = read(told).all(Event)
    assert event.text == "0/9 nodes are available: 6 node(s) had volume node affinity conflict."
