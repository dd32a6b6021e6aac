"""Small worlds of workloads, with every controller of workloads and kubelets that can be told what fails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace as changed
from typing import Any

from msgspec.structs import replace

from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import KubeObject, Pod, Workload
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.controller import View
from seakeep.twin.controllers.claims import Claims, failing_classes
from seakeep.twin.controllers.cron_job import CronJobs
from seakeep.twin.controllers.daemon_set import DaemonSets
from seakeep.twin.controllers.deployment import Deployments
from seakeep.twin.controllers.job import Jobs
from seakeep.twin.controllers.replica_set import ReplicaSets
from seakeep.twin.controllers.stateful_set import StatefulSets
from seakeep.twin.kubelet.faults import Fault, Faults, Recorded
from seakeep.twin.kubelet.kubelet import Kubelet
from seakeep.twin.settings import Settings
from seakeep.twin.state import State
from seakeep.twin.world import Twin
from tests.twin.builders import START, Object, admit_all, snapshot, suffixes

QUICK = changed(Settings(), pod_start=1.0, app_start=1.0, app_stop=1.0, init_run=1.0, job_run=5.0)


def world(objects: Iterable[Object], *, faults: Faults | None = None, refuse: bool = False, **kubelet: Any) -> Twin:
    """`refuse`: the API server takes no new pod."""

    def none(state: State, new: KubeObject, old: KubeObject | None) -> KubeObject:
        del state
        if isinstance(new, Pod) and old is None:
            raise RejectedError(403, f'pods "{new.metadata.generate_name}" is forbidden: exceeded quota: q')
        return new

    shown = snapshot(objects)
    kubelets = Kubelet(faults=faults or Recorded(shown), **kubelet)
    controllers = (
        Deployments(), ReplicaSets(), StatefulSets(), DaemonSets(), CronJobs(), Jobs(),
        Claims(failing_classes(shown)), kubelets,
    )  # fmt: skip
    found = Twin(shown, controllers, now=START, suffix=suffixes(), admit=none if refuse else admit_all, settings=QUICK)
    found.start_controllers()
    return found


def workload(kind: str, name: str = "web", replicas: int = 3, **spec: Any) -> Object:
    container = {"name": "main", "image": "example/app:1", "resources": {"requests": {"cpu": "100m"}}}
    wanted: Object = {
        "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}},
        **({} if kind == "DaemonSet" else {"replicas": replicas}),
        **spec,
    }
    metadata = {"name": name, "namespace": "shop", "uid": f"{kind}-{name}", "generation": 1}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": wanted}


def job(name: str = "load", **spec: Any) -> Object:
    template = {
        "metadata": {"labels": {"job": name}},
        "spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "example/job:1"}]},
    }
    wanted = {"selector": {"matchLabels": {"job": name}}, "template": template, **spec}
    metadata = {"name": name, "namespace": "shop", "uid": f"job-{name}"}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": wanted}


def get(twin: Twin, kind: type[KubeObject], name: str = "web") -> Any:
    found = twin.state.get(kind, "shop", name)
    assert found is not None
    return found


def change(twin: Twin, kind: type[Workload], name: str = "web", **spec: Any) -> None:
    item = get(twin, kind, name)
    twin.update(replace(item, spec=replace(item.spec, **spec)))


def roll(twin: Twin, kind: type[Workload], image: str, name: str = "web") -> None:
    item = get(twin, kind, name)
    container = replace(item.spec.template.spec.containers[0], image=image)
    spec = replace(item.spec.template.spec, containers=(container,))
    change(twin, kind, name, template=replace(item.spec.template, spec=spec))


def pods(twin: Twin) -> dict[str, str]:
    """Image by pod."""
    return {pod.name: pod.spec.containers[0].image for pod in twin.state.all(Pod)}


def ready(twin: Twin) -> int:
    return sum(is_ready(pod) for pod in twin.state.all(Pod))


def said(item: Any) -> dict[str, tuple[str, str]]:
    return {each.type: (each.status, each.reason) for each in item.status.conditions}


def bad_image(view: View, pod: Pod) -> Fault | None:
    del view
    bad = pod.spec.containers[0].image.endswith(":bad")
    return Fault(reason="ImagePullBackOff", message="no such image") if bad else None
