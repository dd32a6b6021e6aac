"""Deployments and their ReplicaSets, ReplicationControllers, Jobs and CronJobs."""

from __future__ import annotations

from seakeep.model.objects import CronJob, Deployment, Job, ReplicaSet, ReplicationController
from seakeep.testing.testbed.replay.fates import Fates
from seakeep.testing.testbed.replay.manifest import manifest
from seakeep.testing.testbed.replay.restore.writes import Writes

# Labels that hold the owner's UID.
UID_LABELS = ("controller-uid", "batch.kubernetes.io/controller-uid")


def restore(writes: Writes, fates: Fates) -> None:
    snapshot = writes.snapshot
    for item in snapshot.all(Deployment):
        writes.create(manifest(fates.on(item)), item)
    for each in snapshot.all(ReplicaSet):
        writes.create_owned(manifest(fates.on(each)), each)
    writes.all(ReplicationController)
    for job in snapshot.all(Job):
        _job(writes, fates, job)
    for cron in snapshot.all(CronJob):
        wanted = manifest(cron)
        wanted["spec"]["suspend"] = True
        writes.create(wanted, cron)
        writes.leave_out("CronJob", "suspended: its schedule goes by the clock on the wall")


def _job(writes: Writes, fates: Fates, job: Job) -> None:
    if any(item.type in {"Complete", "Failed"} and item.status == "True" for item in job.status.conditions):
        writes.leave_out("Job", "it has ended")
        return
    wanted = manifest(fates.on(job))
    if not wanted["spec"].get("manualSelector"):
        wanted["spec"].pop("selector", None)
        labels = wanted["spec"]["template"].get("metadata", {}).get("labels", {})
        for name in UID_LABELS:
            labels.pop(name, None)
    writes.create_owned(wanted, job)
