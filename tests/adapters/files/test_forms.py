"""The same objects through every form of source give the same causes."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from seakeep.adapters.files import skz
from seakeep.adapters.files.read import read_bytes, read_path
from seakeep.adapters.open import open_source
from seakeep.app.check import diagnose_snapshot
from seakeep.cli.options import today
from seakeep.model.platform import Intent
from seakeep.model.snapshot import Snapshot, Unread
from tests.adapters.files import cluster
from tests.adapters.program import seakeep

EXPECTED = {("oom-killed", "Deployment/data/loader"), ("image-not-found", "Deployment/data/etl")}


def causes(snapshot: Snapshot) -> set[tuple[str, str]]:
    found = diagnose_snapshot(snapshot, Intent(), today()).causes
    return {(cause.candidate.id, "/".join(cause.candidate.object)) for cause in found}


def _dumps() -> dict[str, bytes]:
    items = cluster.objects()
    by_kind = [cluster.listed(kind, group) for kind, group in cluster.by_kind(items).items()]
    whole = cluster.mixed(items)
    commands = {
        f"kubectl get {kind.lower()} -A -o json": cluster.listed(kind, group)
        for kind, group in cluster.by_kind(items).items()
    }
    logs = cluster.info_dump()["data/loader-5d4f8b7c6d-x2x7k/logs.txt"]
    return {
        "List as JSON": json.dumps(whole, indent=4).encode(),
        "List on one line": json.dumps(whole).encode(),
        "List as YAML": yaml.safe_dump(whole).encode(),
        "YAML documents": yaml.safe_dump_all(items).encode(),
        "YAML documents of lists": yaml.safe_dump_all(by_kind).encode(),
        "array": json.dumps(items).encode(),
        "JSON lines": b"\n".join(json.dumps(item).encode() for item in items),
        "JSON documents": "\n".join(json.dumps(item, indent=2) for item in by_kind).encode(),
        "cluster-info dump on stdout": "".join(json.dumps(item, indent=4) + "\n" + logs for item in by_kind).encode(),
        "byte order mark": b"\xef\xbb\xbf" + json.dumps(whole).encode(),
        "UTF-16 of PowerShell": json.dumps(whole).encode("utf-16"),
        "UTF-16 YAML": yaml.safe_dump(whole).encode("utf-16"),
        "CRLF": yaml.safe_dump(whole).replace("\n", "\r\n").encode(),
        "transcript, JSON": json.dumps(commands).encode(),
        "transcript, JSON texts": json.dumps({key: json.dumps(value) for key, value in commands.items()}).encode(),
        "transcript, list": json.dumps([{"command": key, "output": value} for key, value in commands.items()]).encode(),
        "transcript, JSON manifests": "".join(f"$ {key}\n{json.dumps(value, indent=4)}\n" for key, value in commands.items()).encode(),
        "transcript, YAML manifests": "".join(
            f"$ {key.replace('json', 'yaml')}\n{yaml.safe_dump(value)}" for key, value in commands.items()
        ).encode(),
    }  # fmt: skip


DUMPS = _dumps()


@pytest.mark.parametrize("form", DUMPS)
def test_a_file(form: str) -> None:
    assert causes(read_bytes(DUMPS[form], "dump")) == EXPECTED


@pytest.mark.parametrize("form", ["List as JSON", "List as YAML", "UTF-16 of PowerShell", "transcript, JSON"])
def test_stdin(form: str) -> None:
    done = seakeep("diagnose", "-", "-o", "json", stdin=DUMPS[form])
    assert done.code == 12
    assert {cause["id"] for cause in json.loads(done.out)["causes"]} == {cause for cause, _ in EXPECTED}


def test_a_shells_substitution(tmp_path: Path) -> None:
    """`seakeep diagnose <(kubectl get … -o json)` names a pipe."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(DUMPS["List as JSON"],))
    writer.start()
    assert causes(read_path(str(pipe))) == EXPECTED
    writer.join()


FOLDERS: dict[str, Callable[[], dict[str, str]]] = {
    "cluster-info dump": cluster.info_dump,
    "support bundle": cluster.support_bundle,
    "must-gather": cluster.must_gather,
}


@pytest.mark.parametrize("form", FOLDERS)
def test_a_folder_and_its_archives(form: str, tmp_path: Path) -> None:
    files = FOLDERS[form]()
    found = read_path(str(cluster.write(tmp_path / "bundle", files)))
    assert causes(found) == EXPECTED
    assert [(log.pod, log.container, log.text) for log in found.logs] == [
        ("loader-5d4f8b7c6d-x2x7k", "main", cluster.LOG)
    ]
    for packing in ("tar", "tar.gz", "tar.bz2", "tar.xz", "tar.zst"):
        archive = tmp_path / f"bundle.{packing}"
        archive.write_bytes(cluster.packed(files, packing))
        again = read_path(str(archive))
        assert again.objects == found.objects, packing
        assert again.logs == found.logs, packing
        assert again.unread == found.unread, packing


def test_what_a_support_bundle_was_refused_is_unread(tmp_path: Path) -> None:
    found = read_path(str(cluster.write(tmp_path, cluster.support_bundle())))
    assert Unread("ingress", "data", "ingresses is forbidden") in found.unread


def test_logs_of_a_dump_on_stdout_belong_to_their_containers() -> None:
    found = read_bytes(DUMPS["cluster-info dump on stdout"], "dump")
    assert {(log.namespace, log.pod, log.container, log.text) for log in found.logs} == {
        ("data", "loader-5d4f8b7c6d-x2x7k", "main", cluster.LOG)
    }


def test_a_log_line_that_looks_like_an_object_is_none() -> None:
    fake = json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "forged", "namespace": "data"}})
    marks = "container main of pod data/x ====\n"
    text = f"{json.dumps(cluster.mixed(cluster.objects()), indent=4)}\n==== START logs for {marks}{fake}\n==== END logs for {marks}"
    found = read_bytes(text.encode(), "dump")
    assert ("data", "forged") not in found.objects["Pod"]


@pytest.mark.parametrize("form", ["List as JSON", "transcript, JSON manifests", "cluster-info dump on stdout"])
def test_a_snapshot_of_ours_is_the_same(form: str, tmp_path: Path) -> None:
    (tmp_path / "dump").write_bytes(DUMPS[form])
    found = open_source(str(tmp_path / "dump"))
    skz.write(found, tmp_path / "first.skz")
    again = open_source(str(tmp_path / "first.skz"))
    assert again == found
    skz.write(again, tmp_path / "second.skz")
    assert (tmp_path / "second.skz").read_bytes() == (tmp_path / "first.skz").read_bytes()
    assert causes(again) == EXPECTED


def test_plain_manifests_have_no_state_and_no_faults(tmp_path: Path) -> None:
    manifest = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": "nginx:1.29"}]}}},
    }  # fmt: skip
    cluster.write(
        tmp_path, {"web.yaml": yaml.safe_dump(manifest), "README.txt": "no manifest", ".git/config.yaml": "kind: X"}
    )
    found = read_path(str(tmp_path))
    assert found.intent_only
    assert causes(found) == set()
