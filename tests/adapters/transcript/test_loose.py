"""What was pasted without its commands."""

from __future__ import annotations

import pytest

from seakeep.adapters.errors import SourceError
from seakeep.adapters.files.read import read_bytes
from seakeep.model.objects import Event
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
