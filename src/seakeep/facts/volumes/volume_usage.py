"""Volumes without space: from logs, the kubelet's figures, alerts, and claims that wait for their file system to grow."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.containers.logs import lines_of, standing_lines
from seakeep.facts.freshness import is_recent, state_evidence
from seakeep.facts.index import Index
from seakeep.facts.owners.generated_names import workload_named
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.volumes.claim_consumers import consumers
from seakeep.facts.volumes.volume_topology import claim_names
from seakeep.facts.workloads.podstate import is_ready
from seakeep.facts.workloads.templates import template_of
from seakeep.facts.workloads.told_status import told_statuses
from seakeep.model.cause import Evidence
from seakeep.model.confidence import LIKELY, POSSIBLE, PROVEN
from seakeep.model.objects import PersistentVolumeClaim, Pod
from seakeep.model.pattern import late
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Check, Depth

_FULL = late(
    r"no space left on device|ENOSPC|disk (?:is )?full|could not extend file .*: No space|Disk quota exceeded"
    r"|low[- ]disk[- ]space condition|(?:not enough|insufficient|out of) (?:free )?disk space|flood[- ]stage (?:disk )?watermark .{0,40}exceeded"
    r"|no usable temp space|disk resource limit alarm set|not enough space on (?:the )?(?:disk|device|volume)|minimum free drive threshold"
    r"|cannot reserve [^\n,]{1,40}, not enough space",
    re.IGNORECASE,
)
# A client repeats what its server says of the server's disk.
_ANOTHERS = late(
    r"when calling the \w+ operation|\b(?:S3Exception|ResponseError|ElasticsearchException|OpenSearchException|DB::Exception: Received from)\b"
)
# Places that are the node's or in memory.
_SCRATCH = late(
    r"\s(?:/tmp|/dev/shm|/var/log)\b|inotify|/var/lib/(?:kubelet|containerd|containers|docker|rancher)|/run/(?:k3s/)?containerd|ephemeral"
)
_DF = late(r"\b(?:9[89]|100)%\s+(?P<path>/\S*)")
_SYSTEM = late(r"/(?:$|\s|(?:dev|etc|proc|run|sys|tmp|boot)\b|var/(?:lib/(?:kubelet|containerd)|log|run)\b)")
# Below this share of free bytes or inodes writes fail or are about to; kubernetes-mixin calls 3 % critical.
_NOTHING_LEFT = 0.02
_ALERT = late(r"PersistentVolume(?:FillingUp|Full|InodesFillingUp)|VolumeFull|PVCFull", re.IGNORECASE)


class FullVolume(Struct, frozen=True):
    """`claim` is the workload that writes where its volumes were not shown."""

    claim: Ref
    evidence: tuple[Evidence, ...]
    affects: tuple[Ref, ...]
    confidence: float
    certain: bool = True
    resizing: bool = False


def full_volumes(index: Index) -> tuple[FullVolume, ...]:
    """One per claim; the surest evidence first."""
    best: dict[Ref, FullVolume] = {}
    for item in (
        *_figures(index),
        *_from_logs(index),
        *_from_checks(index),
        *_told(index),
        *_resizing(index),
        *_alerts(index),
    ):
        known = best.get(item.claim)
        best[item.claim] = item if known is None else _joined(known, item)
    return tuple(best[ref] for ref in sorted(best))


def _joined(known: FullVolume, more: FullVolume) -> FullVolume:
    return FullVolume(
        known.claim,
        (*known.evidence, *more.evidence),
        known.affects or more.affects,
        max(known.confidence, more.confidence),
        known.certain or more.certain,
        known.resizing and more.resizing,
    )


def _users(index: Index, claim: Ref) -> tuple[Ref, ...]:
    return tuple(pod.ref for pod in consumers(index).get((claim.namespace, claim.name), ()))


def _figures(index: Index) -> Iterator[FullVolume]:
    for kind in ("", "inodes_"):
        free, total = (
            f"kubelet_volume_stats_{kind}{'free' if kind else 'available_bytes'}",
            f"kubelet_volume_stats_{kind.rstrip('_') or 'capacity_bytes'}",
        )
        sizes = {_claim_of(sample.labels): sample.value for sample in index.snapshot.samples if sample.name == total}
        for sample in index.snapshot.samples:
            claim = _claim_of(sample.labels)
            size = sizes.get(claim, 0)
            if sample.name == free and claim.name and size > 0 and sample.value / size < _NOTHING_LEFT:
                text = f"{free} {sample.value:g} of {size:g}"
                yield FullVolume(claim, (Evidence(claim, "metric", text, sample.time),), _users(index, claim), PROVEN)


def _claim_of(labels: object) -> Ref:
    get = getattr(labels, "get", lambda _key, default: default)
    return Ref("PersistentVolumeClaim", get("namespace", ""), get("persistentvolumeclaim", ""))


def _from_logs(index: Index) -> Iterator[FullVolume]:
    for pod in index.pods:
        # Of each container's runs the newest line counts.
        told = {
            (name, previous): line
            for name, previous, line in lines_of(index, pod)
            if _FULL.search(line) and not _ANOTHERS.search(line)
        }
        for (_, previous), line in told.items():
            claim, certain = _mounted_at(pod, line)
            if claim is None and not _is_seen(index, pod) and not _SCRATCH.search(line) and _stands(index, pod, line):
                claim = _of_set(index, pod, line) or workload_of(index, pod)
            if claim is None:
                continue
            healed = previous and is_ready(pod)
            evidence = Evidence(pod.ref, "log", line.strip()[:300], None, not healed)
            yield FullVolume(
                claim, (evidence,), (pod.ref,), POSSIBLE if healed else LIKELY if not certain else PROVEN, certain
            )


def _stands(index: Index, pod: Pod, line: str) -> bool:
    """One that is ready may go on without writing: what it says among its last lines it has not got over."""
    return not is_ready(pod) or line in standing_lines(index, pod)


def _of_set(index: Index, pod: Pod, line: str) -> Ref | None:
    """Of a pod that was only listed, by its StatefulSet's template: what is mounted there and is none of its volumes is a claim of each pod."""
    workload = workload_of(index, pod)
    template = template_of(index, workload) if workload.kind == "StatefulSet" else None
    if template is None:
        return None
    volumes = {volume.name for volume in template.spec.volumes}
    mounts = {
        mount.name: mount.mount_path.rstrip("/")
        for container in template.spec.containers
        for mount in container.volume_mounts
        if mount.name not in volumes
    }
    told = [name for name, path in sorted(mounts.items()) if path and re.search(rf"{re.escape(path)}(?:/|\b|$)", line)]
    names = told or sorted(mounts)
    return Ref("PersistentVolumeClaim", pod.namespace, f"{names[0]}-{pod.name}") if len(names) == 1 else None


def _told(index: Index) -> Iterator[FullVolume]:
    """What an operator says of the instances that it runs."""
    for item in told_statuses(index):
        if _FULL.search(item.line) and not _SCRATCH.search(item.line):
            yield FullVolume(item.resource, (item.evidence,), (item.resource,), LIKELY, certain=False)


def _is_seen(index: Index, pod: Pod) -> bool:
    """Whether its volumes were shown."""
    return bool(pod.spec.volumes or pod.spec.containers) or index.snapshot.depth(pod.ref) > Depth.TABLE


def _from_checks(index: Index) -> Iterator[FullVolume]:
    """`df` inside a pod, or a write there that failed."""
    for check in index.snapshot.checks:
        if check.origin.kind != "Pod":
            continue
        pod = index.snapshot.get(Pod, check.origin.namespace, check.origin.name)
        if pod is None or not _is_seen(index, pod):
            yield from _of_unseen(index, check)
            continue
        mounts = {
            mount.mount_path.rstrip("/"): mount.name
            for container in pod.spec.containers
            for mount in container.volume_mounts
        }
        full = next((match for match in _DF.finditer(check.detail) if match["path"].rstrip("/") in mounts), None)
        claims = claim_names(pod.spec)
        if not mounts and len(claims) == 1:  # only listed: what is no part of the image or the node is the claim
            full = next((match for match in _DF.finditer(check.detail) if not _SYSTEM.match(match["path"])), None)
        if full and not mounts:
            found: tuple[Ref | None, bool] = (Ref("PersistentVolumeClaim", pod.namespace, claims[0]), False)
        elif full:
            name = mounts[full["path"].rstrip("/")]
            volume = next(
                (item for item in pod.spec.volumes if item.name == name and item.persistent_volume_claim), None
            )
            claim = volume.persistent_volume_claim.claim_name if volume and volume.persistent_volume_claim else ""
            found = (Ref("PersistentVolumeClaim", pod.namespace, claim), True) if claim else (None, False)
        else:
            found = _mounted_at(pod, check.detail) if _FULL.search(check.detail) else (None, False)
        if found[0]:
            text = full[0] if full else check.detail[:300]
            level = PROVEN if found[1] else LIKELY
            yield FullVolume(found[0], (Evidence(pod.ref, "check", text, check.time),), (pod.ref,), level, found[1])


def _of_unseen(index: Index, check: Check) -> Iterator[FullVolume]:
    """`df` in a pod whose volumes were not shown: what is no part of the image or the node is one of them."""
    full = next((match for match in _DF.finditer(check.detail) if not _SYSTEM.match(match["path"])), None)
    if full:
        evidence = Evidence(check.origin, "check", full[0], check.time)
        yield FullVolume(workload_named(index, check.origin), (evidence,), (check.origin,), LIKELY, certain=False)


def _mounted_at(pod: Pod, line: str) -> tuple[Ref | None, bool]:
    """The claim whose mount path the line mentions; else the pod's only claim."""
    by_volume = {
        volume.name: volume.persistent_volume_claim.claim_name
        for volume in pod.spec.volumes
        if volume.persistent_volume_claim
    }
    mounts = sorted(
        (
            (mount.mount_path.rstrip("/"), mount.name)
            for container in pod.spec.containers
            for mount in container.volume_mounts
            if mount.mount_path.rstrip("/")
        ),
        reverse=True,
    )
    path = next(((path, name) for path, name in mounts if re.search(rf"{re.escape(path)}(?:/|\b|$)", line)), None)
    if path:
        claim = by_volume.get(path[1])
        return (Ref("PersistentVolumeClaim", pod.namespace, claim), True) if claim else (None, False)
    names = claim_names(pod.spec)
    if len(set(names)) != 1 or _SCRATCH.search(line):
        return None, False
    return Ref("PersistentVolumeClaim", pod.namespace, names[0]), False


def _resizing(index: Index) -> Iterator[FullVolume]:
    for claim in index.snapshot.all(PersistentVolumeClaim):
        for item in claim.status.conditions:
            if item.type == "FileSystemResizePending" and item.status == "True":
                found = state_evidence(
                    claim,
                    "status.conditions[FileSystemResizePending]",
                    item.message or "True",
                    item.last_transition_time,
                )
                yield FullVolume(claim.ref, (found,), _users(index, claim.ref), POSSIBLE, resizing=True)


def _alerts(index: Index) -> Iterator[FullVolume]:
    for alert in index.snapshot.alerts:
        claim = _claim_of(alert.labels)
        if claim.name and alert.state == "firing" and _ALERT.search(alert.name):
            text = (
                f"{alert.name}: {alert.annotations.get('description') or alert.annotations.get('summary') or ''}".strip(
                    ": "
                )[:300]
            )
            yield FullVolume(
                claim,
                (Evidence(claim, "alert", text, alert.starts_at, is_recent(index, None)),),
                _users(index, claim),
                LIKELY,
            )
