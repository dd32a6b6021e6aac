"""One small cluster in API form, and every form of source that it can be written in."""

from __future__ import annotations

import io
import json
import tarfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
import zstandard

Raw = dict[str, Any]
_CREATED = "2026-03-02T10:00:00Z"
LOG = "loading table events\nallocating 900 MB\n"
CLUSTER = {"Node", "Namespace"}


def _meta(name: str, namespace: str = "data", **more: Any) -> Raw:
    where = {"namespace": namespace} if namespace else {}
    return {"name": name, **where, "uid": f"uid-{name}", "creationTimestamp": _CREATED, **more}


def _pod(name: str, owner: str, image: str, status: Raw) -> Raw:
    owners = [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": owner, "uid": f"uid-{owner}", "controller": True}]
    app = owner.rpartition("-")[0]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": _meta(
            name, labels={"app": app, "pod-template-hash": owner.rpartition("-")[2]}, ownerReferences=owners
        ),
        "spec": {
            "nodeName": "node-a",
            "containers": [
                {
                    "name": "main",
                    "image": image,
                    "resources": {"requests": {"memory": "512Mi"}, "limits": {"memory": "512Mi"}},
                }
            ],
        },
        "status": {
            "phase": "Pending"
            if "waiting" in status.get("state", {}) and not status.get("restartCount")
            else "Running",
            "conditions": [
                {"type": kind, "status": value, "lastTransitionTime": "2026-03-02T11:55:00Z"}
                for kind, value in (("PodScheduled", "True"), ("Initialized", "True"), ("Ready", "False"))
            ],
            "containerStatuses": [{"name": "main", "ready": False, "restartCount": 0, "image": image, **status}],
        },
    }


def _workload(name: str, image: str) -> list[Raw]:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": image}]}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    status = {"replicas": 1, "unavailableReplicas": 1}
    owners = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "uid": f"uid-{name}", "controller": True}]
    return [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": _meta(name), "spec": spec, "status": status},
        {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": _meta(f"{name}-5d4f8b7c6d", ownerReferences=owners),
            "spec": spec,
            "status": {"replicas": 1},
        },
    ]


def objects() -> list[Raw]:
    """A Deployment whose container is OOM-killed, one whose image does not exist, and what is around them."""
    killed = {
        "restartCount": 7,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}},
        "lastState": {
            "terminated": {"reason": "OOMKilled", "exitCode": 137, "startedAt": "2026-03-02T11:57:00Z", "finishedAt": "2026-03-02T11:58:00Z"}
        },
    }  # fmt: skip
    missing = 'Back-off pulling image "registry.example/etl:9": ErrImagePull: rpc error: code = NotFound desc = registry.example/etl:9: not found'
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": _meta("data", ""), "status": {"phase": "Active"}},
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": _meta("node-a", ""),
            "spec": {},
            "status": {
                "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"},
                "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
            },
        },
        *_workload("loader", "loader:1"),
        *_workload("etl", "registry.example/etl:9"),
        _pod("loader-5d4f8b7c6d-x2x7k", "loader-5d4f8b7c6d", "loader:1", killed),
        _pod("etl-5d4f8b7c6d-q9q4w", "etl-5d4f8b7c6d", "registry.example/etl:9", {"state": {"waiting": {"reason": "ImagePullBackOff", "message": missing}}}),
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": _meta("loader"),
            "spec": {"selector": {"app": "loader"}, "ports": [{"port": 80, "targetPort": 8080}], "clusterIP": "10.96.0.7"},
        },
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": _meta("etl-5d4f8b7c6d-q9q4w.17a"),
            "involvedObject": {"kind": "Pod", "namespace": "data", "name": "etl-5d4f8b7c6d-q9q4w"},
            "type": "Warning",
            "reason": "Failed",
            "message": 'Failed to pull image "registry.example/etl:9": rpc error: code = NotFound desc = failed to resolve reference: registry.example/etl:9: not found',
            "count": 4,
            "firstTimestamp": "2026-03-02T11:40:00Z",
            "lastTimestamp": "2026-03-02T11:59:00Z",
        },
    ]  # fmt: skip


def by_kind(items: Iterable[Raw]) -> dict[str, list[Raw]]:
    groups: dict[str, list[Raw]] = defaultdict(list)
    for item in items:
        groups[item["kind"]].append(item)
    return dict(groups)


def listed(kind: str, items: list[Raw]) -> Raw:
    """As the API lists a kind: its items without kind and apiVersion."""
    bare = [{key: value for key, value in item.items() if key not in {"kind", "apiVersion"}} for item in items]
    return {"apiVersion": items[0]["apiVersion"], "kind": f"{kind}List", "metadata": {}, "items": bare}


def mixed(items: list[Raw]) -> Raw:
    return {"apiVersion": "v1", "kind": "List", "metadata": {}, "items": items}


def _plural(kind: str) -> str:
    return f"{kind.lower()}s"


def info_dump() -> dict[str, str]:
    """`kubectl cluster-info dump --output-directory`."""
    files = {}
    for kind, items in by_kind(objects()).items():
        path = f"{_plural(kind)}.json" if kind in CLUSTER else f"data/{_plural(kind)}.json"
        files[path] = json.dumps(listed(kind, items), indent=4)
    marks = "container main of pod data/loader-5d4f8b7c6d-x2x7k ====\n"
    files["data/loader-5d4f8b7c6d-x2x7k/logs.txt"] = f"==== START logs for {marks}{LOG}==== END logs for {marks}"
    return files


def support_bundle() -> dict[str, str]:
    files = {}
    for kind, items in by_kind(objects()).items():
        path = f"{_plural(kind)}.json" if kind in CLUSTER else f"{_plural(kind)}/data.json"
        files[f"support-bundle-2026/cluster-resources/{path}"] = json.dumps(listed(kind, items))
    files["support-bundle-2026/cluster-resources/pods/logs/data/loader-5d4f8b7c6d-x2x7k/main.log"] = LOG
    files["support-bundle-2026/cluster-resources/ingress-errors.json"] = '{"data": "ingresses is forbidden"}'
    files["support-bundle-2026/version.yaml"] = "apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\n"
    return files


def must_gather() -> dict[str, str]:
    root = "must-gather.local.1/quay-io-sha256-0"
    files = {}
    for kind, items in by_kind(objects()).items():
        if kind in CLUSTER:
            for item in items:
                path = f"cluster-scoped-resources/core/{_plural(kind)}/{item['metadata']['name']}.yaml"
                files[f"{root}/{path}"] = f"---\n{yaml.safe_dump(item)}"
        else:
            group = "apps" if "/" in items[0]["apiVersion"] else "core"
            files[f"{root}/namespaces/data/{group}/{_plural(kind)}.yaml"] = (
                f"---\n{yaml.safe_dump(listed(kind, items))}"
            )
    files[f"{root}/namespaces/data/pods/loader-5d4f8b7c6d-x2x7k/main/main/logs/current.log"] = LOG
    return files


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def packed(files: dict[str, str], form: str) -> bytes:
    """As tar, tar.gz, tar.bz2, tar.xz or tar.zst."""
    sink = io.BytesIO()
    mode = {"tar": "w", "tar.gz": "w:gz", "tar.bz2": "w:bz2", "tar.xz": "w:xz", "tar.zst": "w"}[form]
    with tarfile.open(fileobj=sink, mode=mode) as archive:  # type: ignore[call-overload]
        for name, text in files.items():
            data = text.encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    data = sink.getvalue()
    return zstandard.ZstdCompressor().compress(data) if form == "tar.zst" else data
