"""Plays Jobs: what the kubelets say of their pods, and what is compared."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from seakeep.twin.controller import Controller
from seakeep.twin.controllers.garbage_collector import GarbageCollector
from seakeep.twin.controllers.job import Jobs
from tests.conformance.by_hand import Kinds, Played, Side, plain
from tests.conformance.job_cases import Case, Step, of
from tests.conformance.workload_cases import Object

_ZONE = "topology.kubernetes.io/zone"
_INDEX = "batch.kubernetes.io/job-completion-index"
_UID = ("batch.kubernetes.io/controller-uid", "controller-uid")


class JobSuite(Played[Case]):
    what = "Jobs and their pods after each step of a sequence, field by field"
    kinds: Kinds = {"Job": "batch/v1", "Pod": "v1"}

    def namespace(self, case: Case) -> str:
        return case.namespace

    def controllers(self, case: Case) -> Sequence[Controller]:
        del case
        return (Jobs(), GarbageCollector())

    def play(self, side: Side, case: Case) -> list[list[Object]]:
        side.create(case.job)
        found = [side.rest()]
        for step in case.steps:
            if all(item["kind"] != "Job" for item in found[-1]):
                break  # its time to live is over
            self._do(side, step, found[-1])
            found.append(side.rest(step.wait))
        return found

    def _do(self, side: Side, step: Step, items: list[Object]) -> None:
        if step.patch is not None:
            job = next(item for item in items if item["kind"] == "Job")
            if not _is_finished(job) and not (step.what == "resize" and _is_ending(job)):
                side.patch("Job", "it", step.patch)
            return
        pods = _ordered(items)
        chosen = [pod for pod in pods if _is_ending(pod) == (step.what == "end") and not _is_over(pod)]
        for place in sorted({place for place in step.pods if place < len(chosen)}):
            _report(side, step, chosen[place])

    def told(self, items: list[Object]) -> Any:
        jobs = [_told_job(item) for item in items if item["kind"] == "Job"]
        return {"jobs": jobs, "pods": [_told_pod(pod) for pod in _ordered(items)]}

    def known(self, case: Case, texts: list[str]) -> str:
        """Which of several pods goes that are alike but for their index."""
        smaller = (
            any(step.what == "scale" for step in case.steps) and case.job["spec"].get("completionMode") == "Indexed"
        )
        if smaller and all("/pods/" in text.partition(":")[0] for text in texts):
            return "equal-pods"
        # One pod more in the twin, which ends with the others.
        parts = {text.partition(":")[0].split("/", 1)[1] for text in texts}
        return "job-batching" if case.job["spec"].get("activeDeadlineSeconds") and parts == _ONE_MORE else ""

    def clean(self, side: Side, left: list[Object]) -> None:
        side.delete("Job", "it")
        for item in left:
            if item["kind"] == "Pod":
                side.delete("Pod", item["metadata"]["name"], grace=0)


_ONE_MORE = {"jobs/0/status/failed", "jobs/0/status/terminating", "pods"}


def _report(side: Side, step: Step, pod: Object) -> None:
    """What the pod's kubelet reports next."""
    name = pod["metadata"]["name"]
    match step.what:
        case "delete":
            return side.delete("Pod", name)
        case "kill":
            return side.delete("Pod", name, grace=0)
    stamp = side.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    running: Object = {"running": {"startedAt": stamp}}
    ended: Object = {
        "terminated": {"exitCode": step.code, "reason": "Error" if step.code else "Completed", "finishedAt": stamp}
    }
    conditions = [
        each
        for each in pod.get("status", {}).get("conditions", [])
        if each["type"] not in {"Ready", "DisruptionTarget"}
    ]
    container: Object = {"name": "main", "image": "example/app:1", "imageID": "", "restartCount": 0}
    match step.what:
        case "run":
            phase, state = "Running", running
        case "restart":
            phase, state = "Running", running
            container["restartCount"] = step.code
        case "succeed":
            phase, state = "Succeeded", ended
        case "fail":
            phase, state = "Failed", ended
        case "disrupt" | "end":
            phase, state = "Failed", ended
            why = {
                "type": "DisruptionTarget",
                "status": "True",
                "reason": "EvictionByEvictionAPI",
                "message": "Eviction",
            }
            conditions += [{**why, "lastTransitionTime": stamp}] if step.what == "disrupt" else []
        case _:
            return None
    ready = phase == "Running"
    conditions.append({"type": "Ready", "status": str(ready), "lastTransitionTime": stamp})
    status = {"phase": phase, "startTime": stamp, "containerStatuses": [container | {"state": state, "ready": ready}]}
    side.patch("Pod", name, {"status": status | {"conditions": conditions}}, status=True)
    if step.what == "end":
        side.delete("Pod", name, grace=0)
    return None


def _is_ending(item: Object) -> bool:
    return item["metadata"].get("deletionTimestamp") is not None


def _is_over(pod: Object) -> bool:
    return of(pod, "status", "phase") in {"Succeeded", "Failed"}


def _is_finished(job: Object) -> bool:
    found = of(job, "status", "conditions") or ()
    return any(each["type"] in {"Complete", "Failed"} and each["status"] == "True" for each in found)


def _ordered(items: list[Object]) -> list[Object]:
    """The pods by what is told of them: those that tell the same may stand for one another."""
    return sorted(
        (item for item in items if item["kind"] == "Pod"), key=lambda pod: json.dumps(_told_pod(pod), sort_keys=True)
    )


def _told_job(job: Object) -> Any:
    said = plain(job, lambda text: _without(text, job))
    said["status"]["conditions"].sort(key=lambda each: each["type"])
    return said


def _without(text: str, job: Object) -> str:
    """Names that were generated, in messages: "pod job-1/it-0-x7k2p failed"."""
    uid, space = job["metadata"]["uid"], job["metadata"]["namespace"]
    before, found, after = text.partition(f"od {space}/it-")
    if found:
        name, _, rest = after.partition(" ")
        text = f"{before}{found}{name[: name.rfind('-') + 1]}* {rest}"
    return text.replace(uid, "uid")


def _told_pod(pod: Object) -> Any:
    said = plain(pod)
    metadata, spec, status = said["metadata"], said["spec"], said["status"]
    # On which of two equal nodes it is does not matter here, nor the node's zone, which the API server gives it.
    labels = {key: "uid" if key in _UID else value for key, value in metadata["labels"].items() if key != _ZONE}
    kept = {key: metadata.get(key) for key in ("annotations", "generateName", "finalizers")}
    return {
        "index": int(labels.get(_INDEX, -1)),
        "name": metadata["name"].rpartition("-")[0],
        "terminating": _is_ending(pod),
        "phase": status["phase"] or "Pending",
        "bound": bool(spec.get("nodeName")),
        "labels": labels,
        **kept,
        "owners": metadata["ownerReferences"],
        "hostname": spec.get("hostname"),
        "env": [each.get("env") for each in spec["containers"]],
        "conditions": sorted(
            f"{each['type']}={each['status']}" for each in status["conditions"] if each["type"] != "PodScheduled"
        ),
    }
