"""Plays CronJobs, and says which Jobs there are of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from seakeep.model.objects import Job, KubeObject
from seakeep.twin.admission.defaults import defaulted
from seakeep.twin.admission.strategy import for_create
from seakeep.twin.controller import Controller
from seakeep.twin.controllers.cron_job import CronJobs
from seakeep.twin.controllers.garbage_collector import GarbageCollector
from seakeep.twin.controllers.job import Jobs
from seakeep.twin.state import State
from tests.conformance.by_hand import Kinds, Played, Side, plain
from tests.conformance.cron_cases import Case, Step
from tests.conformance.workload_cases import Object


class CronSuite(Played[Case]):
    what = "CronJobs and their Jobs after each step of a sequence, field by field"
    kinds: Kinds = {"CronJob": "batch/v1", "Job": "batch/v1"}

    def admit(self, state: State, new: KubeObject, old: KubeObject | None) -> KubeObject:
        """A Job that the CronJob's controller makes gets its selector and defaults, as from the API server."""
        made = old is None and isinstance(new, Job) and new.spec.selector is None
        return for_create(defaulted(new)) if made else super().admit(state, new, old)

    def namespace(self, case: Case) -> str:
        return case.namespace

    def controllers(self, case: Case) -> Sequence[Controller]:
        del case
        return (CronJobs(), Jobs(), GarbageCollector())

    def play(self, side: Side, case: Case) -> list[list[Object]]:
        cron = side.create(case.cron)
        found = [side.rest()]
        for step in case.steps:
            if step.patch is not None:
                side.patch("CronJob", "it", step.patch)
            for number in step.made:
                side.create(_job(cron, number))
            self._end(side, step, found[-1])
            found.append(side.rest(step.wait))
        return found

    def _end(self, side: Side, step: Step, items: list[Object]) -> None:
        known = {item["metadata"]["name"]: item for item in items if item["kind"] == "Job"}
        for number in (*step.ended, *step.failed):
            if (job := known.get(f"by-hand-{number}")) is not None:
                status = _ended(side.now(), job, number, won=number in step.ended)
                side.patch("Job", f"by-hand-{number}", {"status": status}, status=True)

    def told(self, items: list[Object]) -> Any:
        found: dict[str, Any] = {}
        for item in items:
            if item["kind"] in {"CronJob", "Job"}:
                # What is counted of pods is not this suite's.
                said = plain(item, lambda text, uid=item["metadata"]["uid"]: text.replace(uid, "uid") if uid else text)  # type: ignore[misc]
                if item["kind"] == "Job":
                    conditions = sorted(f"{each['type']}={each['status']}" for each in said["status"]["conditions"])
                    said["status"] = conditions
                found[f"{item['kind']}/{item['metadata']['name']}"] = said
        return found

    def clean(self, side: Side, left: list[Object]) -> None:
        del left
        side.delete("CronJob", "it", propagation="Foreground")


def _job(cron: Object, number: int) -> Object:
    owner = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "name": "it",
        "uid": cron["metadata"]["uid"],
        "controller": True,
    }
    metadata = {"name": f"by-hand-{number}", "namespace": cron["metadata"]["namespace"], "ownerReferences": [owner]}
    container = {"name": "main", "image": "example/app:1"}
    pod = {"spec": {"containers": [container], "restartPolicy": "Never"}}
    # Suspended: no pods of it.
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": {"suspend": True, "template": pod}}


def _ended(now: datetime, job: Object, number: int, *, won: bool) -> Object:
    """As the Job controller says it, with a start of its own for each."""

    def stamp(ago: float) -> str:
        return (now - timedelta(seconds=ago)).strftime("%Y-%m-%dT%H:%M:%SZ")

    conditions = [dict(each) for each in job.get("status", {}).get("conditions", [])]
    for kind in ("SuccessCriteriaMet", "Complete") if won else ("FailureTarget", "Failed"):
        conditions.append({"type": kind, "status": "True", "lastTransitionTime": stamp(0), "lastProbeTime": stamp(0)})
    found: Object = {"startTime": stamp(600 - number * 10), "conditions": conditions}
    return {**found, "completionTime": stamp(0)} if won else found
