"""Whose row and whose log it is, where the recorder's command does not say."""

from __future__ import annotations

from seakeep.adapters.transcript.read import read_transcript
from seakeep.model.objects import Pod

PODS = """$ kubectl get pods -n depot --show-labels
NAME                     READY   STATUS    RESTARTS   AGE   LABELS
crane-0                  1/1     Running   0          2d    app=crane,tier=yard
gate-6c4d7f8b9-2bxkm     1/1     Running   0          2d    app=gate,tier=door,pod-template-hash=6c4d7f8b9
gate-6c4d7f8b9-w8qzt     1/1     Running   0          2d    app=gate,tier=door,pod-template-hash=6c4d7f8b9
"""
DEPLOYMENTS = """$ kubectl get deploy -n depot -o wide
NAME   READY   UP-TO-DATE   AVAILABLE   AGE   CONTAINERS   IMAGES        SELECTOR
gate   2/2     2            2           2d    gate         acme/gate:1   app=gate,tier=door
"""


def _logs(command: str, *before: str) -> list[tuple[str, str]]:
    text = "\n".join((f"$ kubectl logs {command} -n depot", "ERROR no database", *before))
    return [(log.namespace, log.pod) for log in read_transcript(text, "transcript").logs]


def test_a_selector_that_one_pod_has() -> None:
    assert _logs("-l tier=yard", PODS) == [("depot", "crane-0")]


def test_a_selector_that_several_pods_of_one_workload_have() -> None:
    assert _logs("--selector=tier=door", PODS, DEPLOYMENTS) == [("depot", "gate")]


def test_a_selector_alone_names_the_workload_by_custom() -> None:
    assert _logs("-lapp=gate") == [("depot", "gate")]
    other = "$ kubectl get ns\nNAME    STATUS   AGE\ndepot   Active   9d\n"
    assert _logs("-l tier=door", other) == []
    assert _logs("-l 'app!=gate'", other) == []


def _described(name: str) -> str:
    return f"$ kubectl describe pod {name} -n depot\nName:             {name}\nNamespace:        depot\nStatus:           Running\nIP:               10.0.0.9\n"


def _rows(name: str) -> str:
    return f"$ kubectl get pods\nNAME   READY   STATUS   RESTARTS   AGE\n{name}   0/1     CrashLoopBackOff   3   2d\n"


def _places(name: str) -> list[str]:
    snapshot = read_transcript(_described(name) + _rows(name), "transcript")
    return [pod.namespace for pod in snapshot.all(Pod)]


def test_a_generated_name_is_one_pod() -> None:
    assert _places("gate-6c4d7f8b9-2bxkm") == ["depot"]


def test_a_name_of_choice_may_be_two() -> None:
    assert _places("crane-0") == ["default", "depot"]
