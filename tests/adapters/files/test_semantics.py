"""Unknown is not absent: what a source lists whole, what it was told does not exist, and what could not be read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.files.read import read_bytes
from seakeep.model.objects import Pod, Secret
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth, Snapshot, Unread
from tests.adapters.files import cluster

CLAIM = Ref("PersistentVolumeClaim", "data", "gone")


def _read(value: Any) -> Snapshot:
    return read_bytes(json.dumps(value).encode(), "dump")


def _pod(name: str, namespace: str = "data", **more: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace, "uid": name}, **more}


def test_a_list_says_that_others_of_its_kind_are_absent_in_its_namespace() -> None:
    found = _read(cluster.listed("Pod", [_pod("a"), _pod("b")]))
    assert found.is_absent(Ref("Pod", "data", "c"))
    assert not found.is_absent(Ref("Pod", "data", "a"))
    assert not found.is_absent(Ref("Pod", "other", "c"))
    assert not found.is_absent(CLAIM)


def test_a_list_over_several_namespaces_is_of_all() -> None:
    found = _read(cluster.listed("Pod", [_pod("a"), _pod("b", "other")]))
    assert found.is_absent(Ref("Pod", "third", "c"))


@pytest.mark.parametrize("value", [_pod("a"), [_pod("a")]])
def test_an_object_alone_says_nothing_of_others(value: Any) -> None:
    assert not _read(value).is_absent(Ref("Pod", "data", "c"))


def test_what_a_source_does_not_show_is_unknown_in_a_snapshot_of_ours_too() -> None:
    from seakeep.adapters.files import skz

    found = _read(cluster.mixed([_pod("a"), _pod("b", "other")]))
    again = read_bytes(skz.encode(found), "x.skz")
    assert again.is_absent(Ref("Pod", "third", "c"))
    assert not again.is_absent(CLAIM)


@pytest.mark.parametrize(
    ("command", "printed", "whole"),
    [
        ("kubectl get pvc -n data", "No resources found in data namespace.", True),
        ("kubectl get pvc -A", "No resources found", True),
        ("kubectl get pvc -n data -l app=x", "No resources found in data namespace.", False),
        ("kubectl get pvc -n other", "No resources found in other namespace.", False),
        ("kubectl get pvc -n data | grep web", "", False),
        ("kubectl get pvc gone -n data", 'Error from server (NotFound): persistentvolumeclaims "gone" not found', True),
        ("kubectl get pvc other -n data", 'Error from server (NotFound): persistentvolumeclaims "other" not found', False),
        ("kubectl get pvc -n data", 'Error from server (Forbidden): persistentvolumeclaims is forbidden: User "x"', False),
        ("kubectl get pvc -n data", "Unable to connect to the server: dial tcp 10.0.0.1:6443: i/o timeout", False),
        ("kubectl get pvc -n data", "NAME   STATUS   VOLUME   CAPACITY   ACCESS MODES   STORAGECLASS   AGE\na      Bound    pv-1     1Gi        RWO            standard       5d", True),
        ("kubectl get pvc a -n data", "NAME   STATUS   VOLUME   CAPACITY   ACCESS MODES   STORAGECLASS   AGE\na      Bound    pv-1     1Gi        RWO            standard       5d", False),
    ],
)  # fmt: skip
def test_what_a_transcript_says_of_an_object_that_it_does_not_show(command: str, printed: str, whole: bool) -> None:
    pods = (
        "$ kubectl get pods -n data\nNAME   READY   STATUS    RESTARTS   AGE\nweb    1/1     Running   0          5d\n"
    )
    found = read_bytes(f"{pods}$ {command}\n{printed}\n".encode(), "transcript")
    assert found.is_absent(CLAIM) is whole
    assert (Unread("PersistentVolumeClaim", "data", "forbidden") in found.unread) is ("Forbidden" in printed)


@pytest.mark.parametrize("printed", ["No resources found in data namespace.", '{"kind": "List", "items": []}'])
def test_that_there_is_nothing_is_an_observation(printed: str) -> None:
    form = " -o json" if "{" in printed else ""
    found = read_bytes(f"$ kubectl get pvc -n data{form}\n{printed}\n".encode(), "transcript")
    assert found.is_absent(CLAIM)


def test_of_two_reports_the_deeper_stays_and_of_equal_ones_the_later() -> None:
    assembly = Assembly("test")
    for label, depth in (
        ("described", Depth.DESCRIBED),
        ("row", Depth.TABLE),
        ("first", Depth.FULL),
        ("second", Depth.FULL),
    ):
        assembly.add_raw(_pod("a") | {"metadata": {"name": "a", "namespace": "data", "labels": {"from": label}}}, depth)
        expected = "described" if label == "row" else label
        pod = assembly.snapshot().get(Pod, "data", "a")
        assert pod is not None
        assert pod.labels == {"from": expected}


def test_what_cannot_be_read_is_named_and_the_rest_kept() -> None:
    odd = [_pod("a"), {"apiVersion": "v1", "kind": "Pod", "metadata": {}}, "text", {"apiVersion": "v1"}]
    found = _read(cluster.mixed(odd))
    assert list(found.objects["Pod"]) == [("data", "a")]
    assert found.unread


@pytest.mark.parametrize("version", ["v1", "v2", "example.com/v1", ""])
def test_values_of_secrets_are_never_decoded(version: str) -> None:
    applied = '{"stringData":{"password":"canary-7c1"}}'
    secret = {
        "apiVersion": version,
        "kind": "Secret",
        "metadata": {"name": "db", "namespace": "data", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": applied}},
        "data": {"password": "Y2FuYXJ5LTdjMQ=="},
        "stringData": {"user": "canary-7c1"},
    }  # fmt: skip
    for value in (secret, cluster.mixed([secret]), cluster.listed("Secret", [secret])):
        found = _read(value)
        item = found.get(Secret, "data", "db")
        assert item is not None
        assert item.keys == ("password", "user")
        assert "canary-7c1" not in repr(found)
        assert "Y2FuYXJ5" not in repr(found)


def test_what_has_a_phase_is_of_a_cluster_whatever_was_cut_out_of_its_metadata() -> None:
    bare = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "data"}, "spec": {}}
    assert not _read({**bare, "status": {"phase": "Running"}}).intent_only
    assert _read({**bare, "status": {}}).intent_only
