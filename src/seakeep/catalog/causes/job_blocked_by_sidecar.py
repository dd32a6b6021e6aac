"""Job never completes because of a sidecar.

What: the Job's own container has ended, and another container of the pod keeps running.

Why: a mesh proxy or agent that was injected as an ordinary container never ends by itself.

Bad:
    containers: [{name: etl}, {name: istio-proxy}]

Good:
    initContainers: [{name: istio-proxy, restartPolicy: Always}]

Ignore when: the sidecar ends a moment later.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.containers.companions import runs_for_ever
from seakeep.facts.index import Index
from seakeep.facts.workloads.planned import planned
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import CronJob, Job

# A sidecar may take this long to notice.
MOMENT = timedelta(minutes=1)


def find(index: Index) -> Iterable[Candidate]:
    # A pod tells its Job's name, whether the Job itself was looked at or not.
    for job, pods in sorted(index.pods_by_workload.items()):
        for pod in pods if job.kind == "Job" else ():
            statuses = pod.status.container_statuses
            done = [item.name for item in statuses if item.state.terminated and item.state.terminated.exit_code == 0]
            running = [item.name for item in statuses if item.state.running]
            ended = [
                item.state.terminated.finished_at
                for item in statuses
                if item.state.terminated and item.state.terminated.finished_at
            ]
            if not done or not running or len(done) + len(running) < len(statuses):
                continue
            if ended and index.now - max(ended) < MOMENT:
                continue
            yield Candidate(
                id="job-blocked-by-sidecar",
                object=job,
                summary=f"{', '.join(done)} of {pod.name} has ended, but {', '.join(running)} keeps the pod running",
                evidence=(
                    Evidence(
                        pod.ref, "status.containerStatuses", f"ended: {', '.join(done)}; running: {', '.join(running)}"
                    ),
                ),
                affects=(pod.ref,),
                repair=Repair(
                    f"Make {', '.join(running)} a native sidecar (an init container with restartPolicy Always), or let the Job end it."
                ),
                confidence=PROVEN,
            )
            break
    for item in planned(index):
        companions = [part.name for part in item.spec.containers if runs_for_ever(part)]
        if item.ref.kind not in {"Job", "CronJob"} or not companions or len(companions) == len(item.spec.containers):
            continue
        names = ", ".join(companions)
        yield Candidate(
            id="job-blocked-by-sidecar",
            object=item.ref,
            summary=f"container {names} of {item.ref.kind} {item.ref.name} never ends, so its pods never complete",
            evidence=(Evidence(item.item.ref, f"{item.path}.containers", names),),
            affects=(item.ref,),
            repair=Repair(f"Make {names} a native sidecar (an init container with restartPolicy Always)."),
            confidence=LIKELY,
        )


CAUSE = CauseLeaf(
    id="job-blocked-by-sidecar", title="Job never completes because of a sidecar", reads=(Job, CronJob), find=find
)
