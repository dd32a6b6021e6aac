"""A live cluster into a snapshot: lists page by page, logs of what is unhealthy, usage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.decode import DecodeError, from_mapping
from seakeep.adapters.files.jsons import bulk_load
from seakeep.adapters.kube.transport import StatusError, Transport
from seakeep.model.objects import CLUSTER_SCOPED, STRUCTS, Pod
from seakeep.model.quantity import QuantityError, milli, value
from seakeep.model.snapshot import EVERYWHERE, Depth, Log, Snapshot, Unread, Usage

_PAGE = 500
_LOG_LINES = 300
_LOG_BYTES = 512 * 1024
_LOG_PODS = 200
# API groups of the operators whose resources own pods or explain why there are none.
_OPERATORS = frozenset(
    {
        "kafka.strimzi.io", "core.strimzi.io", "postgresql.cnpg.io", "elasticsearch.k8s.elastic.co", "ray.io", "sparkoperator.k8s.io", "argoproj.io",
        "gateway.networking.k8s.io", "networking.istio.io", "security.istio.io", "cert-manager.io", "keda.sh", "monitoring.coreos.com", "acid.zalan.do", "flink.apache.org",
    }
)  # fmt: skip
_METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


def observe(
    *,
    context: str | None = None,
    kubeconfig: Path | None = None,
    namespaces: Sequence[str] = (),
    logs: bool = True,
    progress: Callable[[str], None] = lambda _: None,
) -> Snapshot:
    """Everything that the credentials may read; what they may not is in `unread`. Raises ObservationError where nothing can be read."""
    transport = Transport.connect(context, kubeconfig)
    assembly = Assembly(f"cluster {context}" if context else "cluster")
    assembly.taken_at = datetime.now(UTC).replace(microsecond=0)
    version = msgspec.json.decode(transport.get("/version"))
    assembly.server_version = str(version.get("gitVersion", ""))
    with bulk_load():
        for path, api_version, kind, namespaced in _resources(transport, assembly):
            progress(f"Reading {kind}")
            for where in namespaces if namespaced and namespaces else ("",):
                _list(transport, assembly, path, api_version, kind, where)
    progress("Reading usage")
    _usage(transport, assembly)
    if logs:
        _logs(transport, assembly, progress)
    return assembly.snapshot()


def _resources(transport: Transport, assembly: Assembly) -> Iterator[tuple[str, str, str, bool]]:
    """(path, apiVersion, kind, namespaced) of what the server serves of the kinds that Seakeep knows, and of operators' resources."""
    wanted = {(group, kind) for group, kind in STRUCTS if group not in {"events.k8s.io", "metrics.k8s.io"}}
    groups = msgspec.json.decode(transport.get("/apis")).get("groups", [])
    versions = [("/api/v1", "v1")] + [
        (f"/apis/{item['preferredVersion']['groupVersion']}", item["preferredVersion"]["groupVersion"])
        for item in groups
    ]
    for path, version in versions:
        group = version.rpartition("/")[0]
        if group not in _OPERATORS and not any(group == known for known, _ in wanted):
            continue
        try:
            resources = msgspec.json.decode(transport.get(path)).get("resources", [])
        except StatusError as error:
            assembly.unread.append(Unread(f"API group {group}", "", error.reason))
            continue
        for item in resources:
            if "/" in item["name"] or "list" not in item.get("verbs", ()):
                continue
            if (group, item["kind"]) in wanted or group in _OPERATORS:
                yield f"{path}|{item['name']}", version, item["kind"], bool(item.get("namespaced"))


def _list(transport: Transport, assembly: Assembly, path: str, api_version: str, kind: str, namespace: str) -> None:
    base, _, name = path.partition("|")
    target = f"{base}/namespaces/{namespace}/{name}" if namespace else f"{base}/{name}"
    accept = _METADATA_ONLY if kind == "Secret" else "application/json"
    query: dict[str, Any] = {"limit": _PAGE}
    restarts = 0
    while True:
        try:
            page = msgspec.json.decode(transport.get(target, query, accept))
        except StatusError as error:
            if error.status == 410 and restarts < 3:
                restarts += 1
                query = {"limit": _PAGE}
                continue
            assembly.unread.append(Unread(kind, namespace, error.reason))
            return
        except msgspec.DecodeError:
            assembly.unread.append(Unread(kind, namespace, "the answer is not valid JSON"))
            return
        for item in page.get("items") or ():
            _add(assembly, {**item, "apiVersion": api_version, "kind": kind})
        token = (page.get("metadata") or {}).get("continue")
        if not token:
            break
        query = {"limit": _PAGE, "continue": token}
    assembly.listed(kind, EVERYWHERE if kind in CLUSTER_SCOPED or not namespace else namespace)


def _add(assembly: Assembly, raw: dict[str, Any]) -> None:
    try:
        # Of a Secret only the metadata was asked for: that its keys are unknown must not read as "has none".
        assembly.add(from_mapping(raw), Depth.TABLE if raw["kind"] == "Secret" else Depth.FULL)
    except DecodeError as error:
        assembly.unread.append(Unread(raw["kind"], "", error.reason))


def _usage(transport: Transport, assembly: Assembly) -> None:
    for name in ("nodes", "pods"):
        try:
            items = msgspec.json.decode(transport.get(f"/apis/metrics.k8s.io/v1beta1/{name}")).get("items", [])
        except (StatusError, msgspec.DecodeError) as error:
            reason = error.reason if isinstance(error, StatusError) else "not valid JSON"
            assembly.unread.append(
                Unread("metrics", "", "metrics-server is not installed" if reason == "not served" else reason)
            )
            return
        for item in items:
            where = item["metadata"].get("namespace", "")
            parts = (
                [("", item["usage"])]
                if name == "nodes"
                else [(part["name"], part["usage"]) for part in item.get("containers", ())]
            )
            for container, used in parts:
                try:
                    assembly.usage.append(
                        Usage(where, item["metadata"]["name"], container, milli(used["cpu"]), value(used["memory"]))
                    )
                except (QuantityError, KeyError):
                    continue


def _logs(transport: Transport, assembly: Assembly, progress: Callable[[str], None]) -> None:
    from seakeep.facts.index import Index
    from seakeep.facts.symptoms import is_unwell

    index = Index(assembly.snapshot())
    unwell = [pod for pod in index.pods if is_unwell(index, pod) or _restarted(pod)][:_LOG_PODS]
    refused = False
    for pod in unwell:
        progress(f"Reading logs of {pod.namespace}/{pod.name}")
        for status in (*pod.status.init_container_statuses, *pod.status.container_statuses):
            for previous in (True, False):
                if (
                    refused
                    or (previous and not status.restart_count)
                    or (not previous and not (status.state.running or status.state.terminated))
                ):
                    continue
                query = {
                    "container": status.name,
                    "tailLines": _LOG_LINES,
                    "limitBytes": _LOG_BYTES,
                    "previous": str(previous).lower(),
                }
                try:
                    body = transport.get(f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}/log", query, "*/*")
                except StatusError as error:
                    if error.status == 403:
                        refused = True
                        assembly.unread.append(Unread("logs", "", "forbidden"))
                    continue
                assembly.logs.append(
                    Log(pod.namespace, pod.name, status.name, previous, body.decode("utf-8", "replace"))
                )


def _restarted(pod: Pod) -> bool:
    return any(status.restart_count for status in (*pod.status.init_container_statuses, *pod.status.container_statuses))
