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

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.containers.crashes import by_workload, crashes
from seakeep.facts.containers.logs import Topic, hits
from seakeep.facts.index import Index
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podstate import container_named
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod
from seakeep.model.pattern import late

# Where servers keep their data by custom, which is where volumes are mounted.
_DATA = late(
    r"(?P<path>/(?:data|bitnami|var/lib/(?:postgresql|mysql|kafka|grafana|prometheus|rabbitmq|neo4j|elasticsearch|zookeeper|clickhouse|redis|mongodb?|influxdb)|usr/share/elasticsearch/data|var/opt/\w+|opt/(?:\w+/)?data|prometheus|loki|consul/data|vault/data|home/jovyan|opt/airflow/logs)(?:/[\w.-]+)*)"
)


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
                if not paths and (place := _DATA.search(hit.line)):
                    path = place["path"]
                if not path or path.startswith("/var/run/secrets"):
                    continue
                yield Candidate(
                    id="volume-permission-denied",
                    object=workload,
                    summary=f"container {name} may not write to {path}",
                    evidence=(
                        hit.evidence,
                        *([Evidence(crash.pod.ref, f"spec.containers[{name}].volumeMounts", path)] if seen else []),
                        *crash.evidence[:2],
                    ),
                    affects=tuple(item.pod.ref for item in group),
                    repair=Repair(
                        f"Set fsGroup in the pod's securityContext to the group of container {name}, or mount {path} writable."
                    ),
                    confidence=PROVEN if seen else LIKELY,
                    settled_by=""
                    if seen
                    else f"kubectl get pod {quote(crash.pod.name)} -n {quote(crash.pod.namespace)} -o jsonpath='{{.spec.containers[*].volumeMounts}} {{.spec.securityContext}}'",
                )
                break


CAUSE = CauseLeaf(id="volume-permission-denied", title="Volume may not be written", reads=(Pod,), find=find)
