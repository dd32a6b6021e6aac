"""A live cluster into a snapshot: objects, events, usage, logs of what is unhealthy, and what could not be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.errors import ObservationError, UsageError
from seakeep.adapters.files.jsons import bulk_load
from seakeep.adapters.kube.connect import connect
from seakeep.adapters.kube.discovery import GroupKind, NotKubernetesError, Resource, discover
from seakeep.adapters.kube.limits import Limits
from seakeep.adapters.kube.lister import Lister
from seakeep.adapters.kube.podlogs import LogReader
from seakeep.adapters.kube.transport import StatusError, Transport
from seakeep.adapters.kube.usage import GROUP as METRICS
from seakeep.adapters.kube.usage import read_usage
from seakeep.adapters.kube.wanted import owners, wanted
from seakeep.model.objects import APIService, Namespace
from seakeep.model.snapshot import Snapshot, Unread

# Owners of owners: a Deployment's operator may itself be installed by a custom resource.
_ROUNDS = 3


def observe(
    *,
    context: str | None = None,
    kubeconfig: Path | None = None,
    namespaces: Sequence[str] = (),
    logs: bool = True,
    limits: Limits | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Snapshot:
    """Everything that the credentials may read; what they may not is in `unread`.

    Raises UsageError where no cluster is named, ObservationError where nothing of it can be read.
    """
    connection = connect(context, kubeconfig)
    limits = limits or Limits()
    transport = Transport(connection, limits)
    pool = ThreadPoolExecutor(limits.workers, thread_name_prefix="seakeep-read")
    assembly = Assembly(f"cluster {connection.name}")
    try:
        with bulk_load():
            assembly.server_version = _version(transport)
            lister = Lister(transport, limits, pool, progress, tuple(dict.fromkeys(namespaces)))
            served = discover(transport, lambda kind, reason: assembly.unread.append(Unread(kind, "", reason)))
            _objects(lister, served, connection.namespace, assembly)
        assembly.taken_at = (transport.server_time or datetime.now(UTC)).replace(microsecond=0)
        if _measures(served, assembly):
            progress("Reading usage")
            usage, unread = read_usage(transport, lister.namespaces)
            assembly.usage += usage
            assembly.unread += unread
        if logs:
            LogReader(transport, limits, progress).read(assembly, pool)
    finally:
        # Also after Ctrl-C: what is under way gives up soon, and what waits is not begun.
        transport.close()
        pool.shutdown(wait=True, cancel_futures=True)
    return assembly.snapshot()


def _measures(served: Mapping[GroupKind, Resource], assembly: Assembly) -> bool:
    """Whether somebody is registered to tell usage, even one that does not answer and so tells of no kinds."""
    registered = (item.name for item in assembly.all(APIService.__name__))
    return any(group == METRICS for group, _ in served) or any(name.endswith(f".{METRICS}") for name in registered)


def _version(transport: Transport) -> str:
    """The first request of all. Raises ObservationError where what answers is no API server."""
    try:
        found = msgspec.json.decode(transport.get("/version"))
        return str(found["gitVersion"])
    except StatusError as error:
        if error.status == 403:
            return ""
        raise ObservationError(
            f"the API server does not say its version: {error.reason}", "Is the address of the context right?"
        ) from error
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        raise NotKubernetesError from error


def _objects(lister: Lister, served: Mapping[GroupKind, Resource], own: str, assembly: Assembly) -> None:
    _require_namespaces(lister, served)
    chosen = wanted(served)
    first = [item for item in chosen if item.kind == "Namespace"]
    lister.read(first, assembly)
    known = [item.name for item in assembly.all(Namespace.__name__)]
    lister = replace(lister, fallback=_fallback(known, own, lister.limits.fallback_namespaces))
    read = [*first, *(item for item in chosen if item.kind != "Namespace")]
    lister.read(read[len(first) :], assembly)
    refused = {item.kind for item in assembly.unread if item.reason == "forbidden"}
    if all(item.kind in refused and not assembly.all(item.kind) for item in read):
        raise ObservationError(
            "the credentials may read nothing of this cluster",
            "Bind them to a reading role: docs/how-to/own-cluster.md has one.",
        )
    left = lister.limits.owner_kinds
    for _ in range(_ROUNDS):
        more = owners(assembly, read, served)[:left]
        lister.read(more, assembly)
        read += more
        left -= len(more)
    if lister.namespaces:
        _beside(lister, served, assembly)


def _require_namespaces(lister: Lister, served: Mapping[GroupKind, Resource]) -> None:
    """A namespace that is not there would read as one in which nothing is wrong."""
    resource = served.get(("", "Namespace"))
    for name in lister.namespaces if resource else ():
        try:
            lister.transport.get(f"{resource.path()}/{name}" if resource else "")
        except StatusError as error:
            if error.status == 404:
                raise UsageError(f"the cluster has no namespace {name[:80]!r}") from error


def _fallback(known: Sequence[str], own: str, most: int) -> tuple[str, ...]:
    """Namespaces to try one by one: all, or where they cannot be listed (or are too many) the context's own."""
    return tuple(known) if 0 < len(known) <= most else (own or "default",)


def _beside(lister: Lister, served: Mapping[GroupKind, Resource], assembly: Assembly) -> None:
    """Of nodes, which have no namespace: their leases, and events about them."""
    for key, namespace, selector in (
        (("coordination.k8s.io", "Lease"), "kube-node-lease", ""),
        (("coordination.k8s.io", "Lease"), "kube-system", ""),
        (("", "Event"), "default", "involvedObject.kind=Node"),
    ):
        if key in served and namespace not in lister.namespaces:
            lister.read_some(served[key], namespace, assembly, selector)
