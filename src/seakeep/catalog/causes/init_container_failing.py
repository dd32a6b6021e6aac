"""Init container does not finish.

What: an init container crashes or keeps waiting, so the pod's own containers never start.

Why: it waits for a service that does not answer, or its command fails.

Bad:
    Init:CrashLoopBackOff, Init:Error, or Init:0/1 for an hour

Good:
    Init containers: Completed

Ignore when: the thing that it waits for is about to come.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from seakeep.contract.cause import LIKELY, POSSIBLE, CauseLeaf
from seakeep.facts.containers.logs import hits
from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.shell_words import named, quote
from seakeep.facts.workloads.podstate import is_finished, is_ready, is_sidecar, status_column
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod

# An init container that runs longer than this waits for something rather than working.
PATIENCE = timedelta(minutes=2)


def find(index: Index) -> Iterable[Candidate]:
    for pod in index.pods:
        if is_ready(pod) or is_finished(pod):
            continue
        sidecars = {container.name for container in pod.spec.init_containers if is_sidecar(container)}
        for status in pod.status.init_container_statuses:
            state = status.state
            created = pod.metadata.creation_timestamp
            long = created is not None and index.now - created > PATIENCE
            crashed = bool(state.terminated and state.terminated.exit_code) or bool(
                state.waiting and "BackOff" in state.waiting.reason and "Image" not in state.waiting.reason
            )
            waits = bool(state.running) and long and status.name not in sidecars
            if not crashed and not waits:
                continue
            what = "fails" if crashed else "still waits"
            yield Candidate(
                id="init-container-failing",
                object=workload_of(index, pod),
                summary=f"{_called(status.name)} of {pod.name} {what}",
                evidence=(
                    Evidence(pod.ref, f"status.initContainerStatuses[{status.name}]", status_column(pod)),
                    *(hit.evidence for hit in hits(index, pod)[:2]),
                ),
                affects=(pod.ref,),
                repair=Repair(f"Find out from its log what {_called(status.name)} waits for or fails on."),
                # A row tells neither which container it is nor what it met.
                confidence=LIKELY if _is_named(status.name) else POSSIBLE,
                settled_by=f"kubectl logs {named(pod)} -c {quote(status.name)}"
                if _is_named(status.name)
                else f"kubectl describe pod {named(pod)}",
            )
            break


def _is_named(name: str) -> bool:
    """A row of `kubectl get pods` tells that an init container fails, not which."""
    return not name.startswith("#")


def _called(name: str) -> str:
    return f"init container {name}" if _is_named(name) else "an init container"


CAUSE = CauseLeaf(
    id="init-container-failing", title="Init container does not finish", reads=(Pod,), find=find, generic=True
)
