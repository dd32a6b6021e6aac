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

from seakeep.contract.cause import PROVEN, CauseLeaf
from seakeep.facts.change import last_change
from seakeep.facts.index import Index
from seakeep.facts.logs import Topic, hits
from seakeep.facts.ownership import workload_of
from seakeep.facts.podstate import containers, is_finished
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
        for name in sorted(secrets_in_environment(pod.spec)):
            changed = last_change(index, Ref("Secret", pod.namespace, name))
            if changed is None or changed <= started or not told:
                continue
            workload = workload_of(index, pod)
            found[workload] = Candidate(
                id="stale-secret",
                object=workload,
                summary=f"{pod.name} started before Secret {name} was changed, and fails to authenticate",
                evidence=(
                    told[0].evidence,
                    Evidence(
                        Ref("Secret", pod.namespace, name), "metadata", f"changed {changed:%Y-%m-%d %H:%M:%S}", changed
                    ),
                    Evidence(pod.ref, "status.startTime", f"{started:%Y-%m-%d %H:%M:%S}", started),
                ),
                affects=(*(found[workload].affects if workload in found else ()), pod.ref),
                repair=Repair(f"Restart {workload.kind} {workload.name} so that it reads Secret {name} again."),
                confidence=PROVEN,
            )
            break
    yield from (found[workload] for workload in sorted(found))


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
