"""Volume may not be written.

What: a container fails with `Permission denied` on a path where a volume is mounted.

Why: the process runs as a user whom the volume's owner does not let in, and no fsGroup changes that; or the mount is read-only.

Bad:
    securityContext: {runAsUser: 1001}           # volume owned by root

Good:
    securityContext: {runAsUser: 1001, fsGroup: 1001}

Ignore when: never while the service is meant to run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.containers.crashes import by_workload, crashes
from seakeep.facts.containers.heard import heard
from seakeep.facts.containers.logs import Topic, hits
from seakeep.facts.index import Index
from seakeep.facts.shell_words import named, quote
from seakeep.facts.workloads.podstate import container_named
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod
from seakeep.model.pattern import late

# Where servers keep their data by custom, which is where volumes are mounted.
_DATA = late(
    r"(?P<path>/(?:data|(?<!/opt/)bitnami|var/lib/(?:postgresql|mysql|kafka|grafana|prometheus|rabbitmq|neo4j|elasticsearch|zookeeper|clickhouse|redis|mongodb?|influxdb)|usr/share/(?:elastic|open)search/data|var/opt/\w+|opt/(?:\w+/)?data|prometheus|loki|consul/data|vault/data|home/jovyan|opt/airflow/logs)(?:/[\w.-]+)*)"
)

# What servers call the files that they keep, where they do not say where.
_KEPT = late(
    r"append[- ]only file|\bAOF\b|\bRDB\b|data director(?:y|ies)|data[ -]?dir\b|\bWAL\b|node locks?|log\.dirs?\b",
    re.IGNORECASE,
)

# Of the image's own file system, that is another cause.
_READ_ONLY = late(r"read-only file system|EROFS", re.IGNORECASE)


def find(index: Index) -> Iterable[Candidate]:
    for (workload, name), group in by_workload(crashes(index)).items():
        for crash in group:
            container = container_named(crash.pod, name)
            paths = (
                sorted({mount.mount_path for mount in container.volume_mounts}, key=len, reverse=True)
                if container
                else []
            )
            for hit in hits(index, crash.pod, Topic.PERMISSION):
                path = next((path for path in paths if len(path) > 1 and path in hit.line), "")
                seen = bool(path)
                unmounted = bool(paths) and not seen
                if not seen and (place := _DATA.search(hit.line)):
                    path = place["path"]
                elif not paths and _KEPT.search(hit.line):
                    path = "its data"
                if not path or path.startswith("/var/run/secrets") or (unmounted and _READ_ONLY.search(hit.line)):
                    continue
                yield Candidate(
                    id="volume-permission-denied",
                    object=workload,
                    summary=f"container {name} may not write to {path}"
                    + (", where no volume is mounted" if unmounted else ""),
                    evidence=(
                        hit.evidence,
                        *([Evidence(crash.pod.ref, f"spec.containers[{name}].volumeMounts", path)] if seen else []),
                        *crash.evidence[:2],
                    ),
                    affects=tuple(item.pod.ref for item in group),
                    repair=Repair(
                        f"Mount a volume at {path} that container {name} may write to (fsGroup), or run it as the user that its image is made for."
                        if unmounted
                        else f"Set fsGroup in the pod's securityContext to the group of container {name}, or mount {path} writable."
                    ),
                    confidence=PROVEN if seen else LIKELY,
                    settled_by=""
                    if seen or unmounted
                    else f"kubectl get pod {named(crash.pod)} -o jsonpath='{{.spec.containers[*].volumeMounts}} {{.spec.securityContext}}'",
                )
                break
    yield from _by_log_alone(index)


def _by_log_alone(index: Index) -> Iterable[Candidate]:
    """Of pods of which nothing but the log was shown: it ends because its data may not be touched."""
    for item in heard(index):
        hit = item.on(Topic.PERMISSION)
        place = _DATA.search(hit.line) if hit else None
        if hit is None or item.hits[0].topic is not Topic.PERMISSION or not (place or _KEPT.search(hit.line)):
            continue
        path = place["path"] if place else "its data"
        yield Candidate(
            id="volume-permission-denied",
            object=item.workload,
            summary=f"its log ends because it may not write to {path}",
            evidence=(hit.evidence,),
            affects=(item.pod.ref,),
            repair=Repair(
                f"Set fsGroup in the pod's securityContext to the group that the container runs as, or mount {path} writable."
            ),
            confidence=LIKELY if place else POSSIBLE,
            settled_by=f"kubectl get pods -n {quote(item.pod.namespace)} -o jsonpath='{{.items[*].spec.securityContext}} {{.items[*].spec.containers[*].volumeMounts}}'",
        )


CAUSE = CauseLeaf(id="volume-permission-denied", title="Volume may not be written", reads=(Pod,), find=find)
