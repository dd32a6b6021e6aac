"""What is backed up, as far as the cluster shows it: snapshots, schedules of Velero, K8up and CloudNativePG, and CronJobs that back something up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from seakeep.facts.calls.dependencies import edges_of
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.volumes.held_data import Held
from seakeep.facts.volumes.volume_topology import claim_names
from seakeep.model.objects import CronJob, Unstructured
from seakeep.model.refs import Ref

_WORDS = re.compile(r"backup|back-up|pg_?dump|mysqldump|mongodump|restic|kopia|borg|wal-?g\b|barman|snapshot|mc mirror")
_RECENT = timedelta(days=30)
_EVERY = ("", "*")


def is_covered(index: Index, entry: Held) -> bool:
    """Whether anything seen backs the claim up, or the workload that holds it."""
    claim = entry.claim
    if (claim.namespace, claim.name) in _snapshotted(index) or _scheduled(index, claim.namespace):
        return True
    if any(key.startswith(("recurring-job.longhorn.io/", "recurring-job-group.longhorn.io/")) for key in claim.labels):
        return True
    if (claim.namespace, claim.labels.get("cnpg.io/cluster", "")) in _clusters(index):
        return True
    reached = _by_cron_jobs(index)
    return (claim.namespace, claim.name) in reached or any(ref in reached for ref in entry.users)


@once
def unclear(index: Index) -> Mapping[str, str]:
    """Namespace → a CronJob that backs up what cannot be told."""
    return {item.namespace: item.name for item in _backing_up(index) if not set(_reached(index, item))}


@once
def tools(index: Index) -> tuple[str, ...]:
    """The backup services that run here and whose schedules are not in the snapshot, though they may be in the cluster."""
    seen = any(True for _ in _custom(index, "Schedule", "velero.io/")) or index.snapshot.lists_all("Schedule", "*")
    running = {traits.service for traits in index.traits.values()} & {"velero"}
    return () if seen else tuple(sorted(running))


# As they are called in a manifest, and as `kubectl get` was asked for them where it printed a table.
_NAMES = ("Schedule", "schedules", "VolumeSnapshot", "volumesnapshots", "ScheduledBackup", "scheduledbackups")


@once
def rows(index: Index) -> tuple[str, ...]:
    """Schedules and snapshots of which a table's row is all that was shown: there is something, and not for what."""
    found = [
        f"{item.kind} {item.namespace}/{item.name}"
        for kind in _NAMES
        for item in index.snapshot.of_kind(kind)
        if isinstance(item, Unstructured) and not isinstance(item.spec, Mapping)
    ]
    return tuple(sorted(found))


def _custom(index: Index, kind: str, group: str) -> Iterator[Mapping[str, Any]]:
    for item in index.snapshot.of_kind(kind):
        if isinstance(item, Unstructured) and item.api_version.startswith(group) and isinstance(item.spec, Mapping):
            yield {"namespace": item.namespace, "born": item.metadata.creation_timestamp, **item.spec}


@once
def _snapshotted(index: Index) -> frozenset[tuple[str, str]]:
    """A snapshot of long ago is no backup."""
    found = set()
    for spec in _custom(index, "VolumeSnapshot", "snapshot.storage.k8s.io/"):
        source = spec.get("source")
        if isinstance(source, Mapping) and spec["born"] is not None and index.now - spec["born"] <= _RECENT:
            found.add((spec["namespace"], str(source.get("persistentVolumeClaimName", ""))))
    return frozenset(found)


def _scheduled(index: Index, namespace: str) -> bool:
    return any(space in _EVERY or space == namespace for space in _spaces(index)) and namespace not in _left_out(index)


@once
def _spaces(index: Index) -> frozenset[str]:
    """Namespaces whose volumes a schedule backs up; "*" for all."""
    found = {spec["namespace"] for spec in _custom(index, "Schedule", "k8up.io/") if spec.get("backup")}
    for template in _templates(index):
        found.update(str(space) for space in template.get("includedNamespaces") or ("*",))
    return frozenset(found)


@once
def _left_out(index: Index) -> frozenset[str]:
    """Namespaces that every schedule of all namespaces leaves out."""
    wide = [item for item in _templates(index) if set(item.get("includedNamespaces") or ("*",)) & set(_EVERY)]
    excluded = [frozenset(str(space) for space in item.get("excludedNamespaces") or ()) for item in wide]
    return frozenset.intersection(*excluded) - _spaces(index) if excluded else frozenset()


def _templates(index: Index) -> Iterator[Mapping[str, Any]]:
    """Of Velero's schedules that are not paused and that take volumes along."""
    for spec in _custom(index, "Schedule", "velero.io/"):
        template = spec.get("template")
        if spec.get("paused") is True or not isinstance(template, Mapping):
            continue
        files = template.get("defaultVolumesToFsBackup") is True or template.get("snapshotMoveData") is True
        if template.get("snapshotVolumes") is not False or files:
            yield template


@once
def _clusters(index: Index) -> frozenset[tuple[str, str]]:
    """CloudNativePG clusters with a schedule of their own."""
    found = set()
    for spec in _custom(index, "ScheduledBackup", "postgresql.cnpg.io/"):
        cluster = spec.get("cluster")
        if spec.get("suspend") is not True and isinstance(cluster, Mapping):
            found.add((spec["namespace"], str(cluster.get("name", ""))))
    return frozenset(found)


@once
def _by_cron_jobs(index: Index) -> frozenset[Ref | tuple[str, str]]:
    return frozenset(part for item in _backing_up(index) for part in _reached(index, item))


def _backing_up(index: Index) -> Iterator[CronJob]:
    for item in index.snapshot.all(CronJob):
        spec = item.spec.job_template.spec.template.spec
        texts = (item.name, *(text for part in spec.containers for text in (part.image, *part.command, *part.args)))
        if not item.spec.suspend and any(_WORDS.search(text.lower()) for text in texts):
            yield item


def _reached(index: Index, item: CronJob) -> Iterator[Ref | tuple[str, str]]:
    """The claims that it mounts, and the workloads behind the Services that it addresses."""
    yield from ((item.namespace, name) for name in claim_names(item.spec.job_template.spec.template.spec))
    for edge in edges_of(index, item.ref):
        yield from edge.backends
