"""What terminals, chats and shells do to a pasted text."""

from __future__ import annotations

import pytest

from seakeep.adapters.files.read import read_bytes
from seakeep.adapters.transcript.read import read_transcript
from seakeep.adapters.transcript.screen import cleaned, unwrapped
from seakeep.adapters.transcript.split import pairs
from seakeep.model.objects import Event, Pod
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth, Snapshot

PODS = "NAME   READY   STATUS    RESTARTS       AGE\nweb-0  0/1     Pending   2 (20s ago)    9m\n"
TEXT = f"$ kubectl get po -n shop\n{PODS}"


def read(text: str) -> Snapshot:
    return read_bytes(text.encode(), "pasted.txt")


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "".join(f"> {line}\n" for line in TEXT.splitlines()),
        "".join(f"2026-03-02T12:00:01.123Z {line}\n" for line in TEXT.splitlines()),
        TEXT.replace("web-0", "\x1b[1;32mweb-0\x1b[0m"),
        "$ kubectl get po -n shop\nNAME READY STATUS RESTARTS AGE\nweb-0 0/1 Pending 2 (20s ago) 9m\n",
        "$ kubectl get po -n shop\nNAME\tREADY\tSTATUS\tRESTARTS\tAGE\nweb-0\t0/1\tPending\t2 (20s ago)\t9m\n",
        TEXT.replace("$ kubectl", "[2026-03-02 12:00:01] kubectl"),
        TEXT.replace("$ kubectl", "➜  ~ kubectl"),
        TEXT.replace("$ kubectl get po -n shop", "(⎈|prod:shop)$ k get po"),
        f"$ kubens shop\n$ k get po\n{PODS}",
        f"$ kubectl config set-context --current --namespace=shop\n$ kubectl get po\n{PODS}",
        TEXT.replace("$ kubectl", "[ops@bastion ~]$ kubectl --context prod"),
    ],
)
def test_a_row_in_any_dress(text: str) -> None:
    pod = read(text).get(Pod, "shop", "web-0")
    assert pod is not None
    assert pod.status.phase == "Pending"
    assert pod.status.container_statuses[0].restart_count == 2


MESSAGE = 'Error creating: Internal error occurred: failed calling webhook "a.example.org": no endpoints available'


def _broken(text: str, width: int) -> str:
    return "\n".join(
        line[start : start + width] for line in text.split("\n") for start in range(0, max(len(line), 1), width)
    )


def test_lines_that_a_terminal_broke() -> None:
    text = f"$ kubectl get ev -n shop\n8m   Warning   FailedCreate   replicaset/web-5f68c47d9f   {MESSAGE}\n9m   Warning   FailedCreate   replicaset/api-5f68c47d9f   {MESSAGE}"
    assert cleaned(_broken(text, 90)) == text
    assert [event.text for event in read(_broken(text, 90)).all(Event)] == [MESSAGE, MESSAGE]


@pytest.mark.parametrize(
    "text",
    [
        # Rows of one width, none of which goes on.
        "\n".join(["NAME" + " " * 90 + "AGE", *(f"pod-{number}  1/1{' ' * 80}Running" for number in range(3))]),
        # Entries of a log that happen to be as long.
        "\n".join([f"2026-03-02 12:00:0{number} {'x' * 70}" for number in range(3)] + ["2026-03-02 end"]),
    ],
)
def test_lines_that_are_whole(text: str) -> None:
    assert cleaned(text) == text


def test_a_log_ends_at_the_same_prompt() -> None:
    text = "$ k logs web-0\n$ npm start\nError: x\n$ k get svc -n shop\nNAME   TYPE\n"
    assert pairs(text) == [("k logs web-0", "$ npm start\nError: x"), ("k get svc -n shop", "NAME   TYPE")]


def test_a_shell_on_a_machine() -> None:
    found = read(
        "root@w-5:~# journalctl -u kubelet -n 1\n"
        'Nov 25 17:41:20 w-5 kubelet[1]: "Skipping pod synchronization" err="[container runtime is down]"\n'
        "root@w-5:~# crictl ps\n"
        "FATA[0002] validate service connection: dial unix /run/containerd/containerd.sock: connect: connection refused\n"
        "root@w-5:~# systemctl is-active kubelet\nactive\n"
        "$ kubectl get no\nNAME        STATUS     ROLES    AGE   VERSION\nw-5.example.org  NotReady   <none>   9d    v1.31.2\n"
    )
    node = Ref("Node", "", "w-5.example.org")
    assert [(check.origin, check.target, check.outcome) for check in found.checks] == [
        (node, "containerd", "failed"),
        (node, "kubelet", "ok"),
    ]
    assert [(event.about, event.reason) for event in found.all(Event)] == [(node, "ContainerRuntimeDown")]


def test_a_shell_in_a_pod() -> None:
    found = read(
        '$ kubectl exec -it web-0 -n shop -- sh\nDefaulted container "web" out of: web, proxy\n'
        "/ # nc -zv db 5432\ndb (10.96.0.8:5432) open\n/ # exit\n$ nc -zv db 5432\ndb: refused\n"
    )
    assert [(check.origin, check.target, check.outcome) for check in found.checks] == [
        (Ref("Pod", "shop", "web-0"), "db", "ok")
    ]


def test_whose_log_was_read_exists() -> None:
    text = "$ kubectl logs deploy/web -n shop\nFATAL x\n"
    assert read_transcript(text, "x").depth(Ref("Pod", "shop", "web")) is Depth.NAMED
    listed = (
        text
        + "$ kubectl get po -n shop\nNAME                   READY   STATUS    RESTARTS   AGE\nweb-5d4f8b7c6d-q9q4w   1/1     Running   0          9m\n"
    )
    assert read_transcript(listed, "x").get(Pod, "shop", "web") is None


def test_a_text_without_commands() -> None:
    described = "Name:             web-0\nNamespace:        shop\nStatus:           Pending\nControlled By:    StatefulSet/web\nQoS Class:        Burstable\n"
    found = read(f"From the ticket:\n\n{PODS}\n{described}")
    assert [(pod.namespace, pod.name) for pod in found.all(Pod)] == [("shop", "web-0")]


def test_what_was_listed_by_labels_has_them() -> None:
    pod = read(f"$ kubectl get po -n shop -l app=web,tier!=db\n{PODS}").get(Pod, "shop", "web-0")
    assert pod is not None
    assert pod.labels == {"app": "web"}


def test_a_message_that_was_logged_twice_was_not_broken_at_the_windows_width() -> None:
    line = "[2026-03-02 10:00:0{}] WARN no answer from the server mill-db:5432, closing the socket and attempting reconnect"
    text = f"{line.format(1)}\nmill.UnresolvedException\n{line.format(3)}\nmill.UnresolvedException\n"
    assert unwrapped(text) == text
