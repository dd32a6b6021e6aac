"""Pod runs with a Secret from before its change.

What: a Secret that the pod reads into its environment was changed after the pod started, and the pod now fails to authenticate.

Why: environment variables are read once, when the container starts.

Bad:
    env: [{name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}]      # rotated since

Good:
    kubectl rollout restart deployment/web

Ignore when: authentication fails for another reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from seakeep.contract.cause import LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.calls.dependencies import edges_of
from seakeep.facts.containers.logs import Hit, Topic, hits
from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.change import last_change, shows_writes, written_later
from seakeep.facts.workloads.podstate import containers, is_finished
from seakeep.facts.workloads.restart_repairs import read_again
from seakeep.facts.workloads.templates import template_of
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod, PodSpec
from seakeep.model.refs import Ref

# Their log tells of the clients that they refuse.
_SERVERS = frozenset(
    {"clickhouse", "elasticsearch", "kafka", "mongodb", "mysql", "opensearch", "postgresql", "rabbitmq", "redis"}
)


def find(index: Index) -> Iterable[Candidate]:
    found: dict[Ref, Candidate] = {}
    for pod in index.pods:
        started = pod.status.start_time or pod.metadata.creation_timestamp
        told = next(iter(hits(index, pod, Topic.AUTHENTICATION)), None)
        if started is None or told is None or is_finished(pod):
            continue
        for name in sorted(secrets_in_environment(_spec_of(index, pod))):
            ref = Ref("Secret", pod.namespace, name)
            written = _written(index, pod, ref, started, told)
            if written is None:
                continue
            workload = workload_of(index, pod)
            found[workload] = Candidate(
                id="stale-secret",
                object=workload,
                summary=f"{pod.name} fails to authenticate with what it read from Secret {name} when it started"
                if written.level == POSSIBLE
                else f"{pod.name} started before Secret {name} was changed, and fails to authenticate",
                evidence=(
                    told.evidence,
                    Evidence(ref, "metadata", written.what, written.time),
                    Evidence(pod.ref, "status.startTime", f"{started:%Y-%m-%d %H:%M:%S}", started),
                ),
                affects=(*(found[workload].affects if workload in found else ()), pod.ref),
                repair=Repair(
                    f"Restart {workload.kind} {workload.name} so that it reads Secret {name} again.",
                    read_again(
                        index,
                        workload,
                        ref,
                        f"{pod.name} started at {started:%H:%M:%S}, and Secret {name} was {written.what}",
                    )
                    if written.level == PROVEN
                    else None,
                ),
                confidence=written.level,
                settled_by=""
                if written.level == PROVEN
                else f"kubectl get secret {quote(name)} -n {quote(pod.namespace)} -o yaml --show-managed-fields",
            )
            break
    yield from (found[workload] for workload in sorted(found))


class _Written(Struct, frozen=True):
    """When or whether the Secret was written after the pod had read it."""

    what: str
    time: datetime | None
    level: float


def _written(index: Index, pod: Pod, ref: Ref, started: datetime, told: Hit) -> _Written | None:
    changed = last_change(index, ref)
    if changed and changed > started:
        return _Written(f"changed {changed:%Y-%m-%d %H:%M:%S}", changed, PROVEN)
    if changed and shows_writes(index, ref):
        return None
    if written_later(index, ref, pod.ref):
        return _Written("written later than the pod, by its resourceVersion", None, LIKELY)
    # Who calls a server by its name is refused there; what a server of clients writes is about those.
    workload = workload_of(index, pod)
    calls = any(edge.address.host in told.line for edge in edges_of(index, workload))
    calls = calls or (changed is None and not _serves(index, workload))
    if calls and not index.snapshot.is_absent(ref) and _never_restarted(pod):
        return _Written("read into the environment; not seen when it changed", None, POSSIBLE)
    return None


def _serves(index: Index, workload: Ref) -> bool:
    traits = index.traits.get(workload)
    return traits is not None and traits.service in _SERVERS


def _spec_of(index: Index, pod: Pod) -> PodSpec:
    """Of a pod of which only a row was shown, its workload's: what it is made from."""
    template = None if pod.spec.containers else template_of(index, workload_of(index, pod))
    return template.spec if template else pod.spec


def _never_restarted(pod: Pod) -> bool:
    """A container that starts again reads its Secrets again."""
    statuses = pod.status.container_statuses
    return bool(statuses) and all(item.state.running and not item.restart_count for item in statuses)


def secrets_in_environment(spec: PodSpec) -> set[str]:
    names = {
        source.secret_ref.name for container in containers(spec) for source in container.env_from if source.secret_ref
    }
    return names | {
        variable.value_from.secret_key_ref.name
        for container in containers(spec)
        for variable in container.env
        if variable.value_from and variable.value_from.secret_key_ref
    }


CAUSE = CauseLeaf(id="stale-secret", title="Pod runs with a Secret from before its change", reads=(Pod,), find=find)
