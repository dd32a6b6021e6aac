"""Pods that are not there are a symptom, where nobody else tells of them."""

from __future__ import annotations

import pytest

from seakeep.adapters.transcript import read_transcript
from seakeep.facts.index import Index
from seakeep.facts.symptoms import symptoms
from seakeep.model.refs import Ref

SET = """\
$ kubectl describe statefulset kafka -n lake
Name:               kafka
Namespace:          lake
Selector:           app=kafka
Replicas:           {replicas}
Pods Status:        2 Running / 0 Waiting / 0 Succeeded / 0 Failed
"""
PODS = "$ kubectl get pods -n lake\nNAME      READY   STATUS    RESTARTS   AGE\nkafka-0   1/1     Running   0          59m\nkafka-1   {ready}/1     Running   0          58m\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SET.format(replicas="5 desired | 2 total") + PODS.format(ready=1), ["2 of 5 pods exist"]),
        (SET.format(replicas="5 desired | 0 total"), ["0 of 5 pods exist"]),
        (SET.format(replicas="2 desired | 2 total") + PODS.format(ready=1), []),
        (SET.replace("statefulset kafka", "rs kafka").format(replicas="2 current / 2 desired"), []),
        (SET.replace("statefulset kafka", "rs kafka").format(replicas="2 current / 5 desired"), ["2 of 5 pods exist"]),
    ],
)
def test_pods_that_do_not_exist(text: str, told: list[str]) -> None:
    assert [item.text for item in symptoms(Index(read_transcript(text, "t")))] == told


def test_a_pod_that_is_not_ready_tells_of_itself() -> None:
    text = SET.format(replicas="5 desired | 2 total") + PODS.format(ready=0)
    assert [item.object.name for item in symptoms(Index(read_transcript(text, "t")))] == ["kafka-1"]


def test_pods_that_were_not_listed_may_be_there() -> None:
    named = PODS.format(ready=1).replace("get pods -n lake", "get pod kafka-0 kafka-1 -n lake")
    assert symptoms(Index(read_transcript(SET.format(replicas="5 desired | 2 total") + named, "t"))) == ()


NODES = """\
$ kubectl get nodes -o wide
NAME   STATUS   ROLES    AGE   VERSION   INTERNAL-IP
w-1    Ready    <none>   9d    v1.31.2   10.0.0.5
w-2    Ready    <none>   9d    v1.31.2   10.0.0.6
"""
PING = "$ kubectl debug node/w-1 -- ping -c 4 {host}\nPING {host} 56(84) bytes of data.\n\n--- {host} ping statistics ---\n4 packets transmitted, 0 received, 100% packet loss, time 3060ms\n"


@pytest.mark.parametrize(("host", "target"), [("10.0.0.6", "Node//w-2"), ("w-2", "Node//w-2"), ("10.9.9.9", None)])
def test_a_check_of_a_node_tells_which_node_it_was_made_against(host: str, target: str | None) -> None:
    (found,) = symptoms(Index(read_transcript(NODES + PING.format(host=host), "t")))
    assert found.object.name == "w-1"
    assert found.target == (target and Ref(*target.split("/")))
