"""How long a start takes is measured on clusters; on the twin it is a guess, of which no rule may make a finding."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.facts.index import Index
from seakeep.facts.probes.probe_actions import start_of
from seakeep.facts.workloads.podspecs import judged_of
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Snapshot
from tests.twin.builders import Object, node, replica_set, twin


def _asked() -> Object:
    item = replica_set("web", 2)
    probe = {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 10, "initialDelaySeconds": 30}
    item["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] = probe
    return item


def test_a_start_on_the_twin_is_no_measurement() -> None:
    found = twin([node("a"), _asked()])
    found.settle()
    pods = list(found.state.all(Pod))
    assert len(pods) == 2
    assert all(is_ready(pod) for pod in pods)
    seen = Snapshot("twin", found.now, objects=found.state.objects())
    assert _start(seen) is None
    # What a kubelet says is one.
    timed = {(pod.namespace, pod.name): _timed(pod) for pod in pods}
    assert _start(replace(seen, objects={**seen.objects, "Pod": timed})) is not None


def _start(seen: Snapshot) -> object:
    index = Index(seen)
    entry = judged_of(index, Ref("ReplicaSet", "shop", "web"))
    return start_of(index, entry, entry.spec.containers[0])


def _timed(pod: Pod) -> Pod:
    ready = next(item for item in pod.status.conditions if item.type == "Ready")
    others = tuple(item for item in pod.status.conditions if item.type != "ContainersReady")
    conditions = (*others, replace(ready, type="ContainersReady"))
    return replace(pod, status=replace(pod.status, conditions=conditions))
