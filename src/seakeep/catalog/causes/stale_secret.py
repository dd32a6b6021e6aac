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

from seakeep.contract.cause import POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.containers.logs import Topic, hits
from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.change import last_change
from seakeep.facts.workloads.podstate import containers, is_finished
from seakeep.facts.workloads.restart_repairs import read_again
from seakeep.facts.workloads.templates import template_of
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod, PodSpec
from seakeep.model.refs import Ref


def find(index: Index) -> Iterable[Candidate]:
    found: dict[Ref, Candidate] = {}
    for pod in index.pods:
        started = pod.status.start_time or pod.metadata.creation_timestamp
        if started is None or is_finished(pod):
            continue
        told = hits(index, pod, Topic.AUTHENTICATION)
        for name in sorted(secrets_in_environment(_spec_of(index, pod))):
            changed = last_change(index, Ref("Secret", pod.namespace, name))
            ref = Ref("Secret", pod.namespace, name)
            unseen = changed is None and not index.snapshot.is_absent(ref) and _never_restarted(pod)
            if not told or not (unseen or (changed and changed > started)):
                continue
            workload = workload_of(index, pod)
            when = (
                f"changed {changed:%Y-%m-%d %H:%M:%S}"
                if changed
                else "read into the environment; not seen when it changed"
            )
            found[workload] = Candidate(
                id="stale-secret",
                object=workload,
                summary=f"{pod.name} started before Secret {name} was changed, and fails to authenticate"
                if changed
                else f"{pod.name} fails to authenticate with what it read from Secret {name} when it started",
                evidence=(
                    told[0].evidence,
                    Evidence(ref, "metadata", when, changed),
                    Evidence(pod.ref, "status.startTime", f"{started:%Y-%m-%d %H:%M:%S}", started),
                ),
                affects=(*(found[workload].affects if workload in found else ()), pod.ref),
                repair=Repair(
                    f"Restart {workload.kind} {workload.name} so that it reads Secret {name} again.",
                    read_again(
                        index, workload, ref, f"{pod.name} started at {started:%H:%M:%S}, and Secret {name} was {when}"
                    )
                    if changed
                    else None,
                ),
                confidence=PROVEN if changed else POSSIBLE,
                settled_by="" if changed else f"kubectl get secret {quote(name)} -n {quote(pod.namespace)}",
            )
            break
    yield from (found[workload] for workload in sorted(found))


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
