"""Kubelets: order of containers, probes over time, crash loops, memory, dependencies, the end."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from itertools import pairwise

import pytest
from msgspec.structs import replace

from seakeep.model.objects import Container, Pod
from seakeep.model.refs import Ref
from seakeep.twin.controller import View
from seakeep.twin.kubelet.faults import Fault
from seakeep.twin.state import State
from seakeep.twin.world import Twin
from tests.twin.builders import Object, alone, node
from tests.twin.workload_worlds import get, ready, workload, world

NODES = [node("a", cpu="16")]


def ready_at(twin: Twin) -> float:
    return next(step.at for step in twin.steps if step.object.name == "web" and step.why == "kubelet: containers are ready")  # fmt: skip


def crash(view: View, pod: Pod) -> Fault:
    del view, pod
    return Fault(crashes=True, lives=2.0, exit_code=3)


@pytest.mark.parametrize(
    ("probes", "seconds"),
    [
        ({}, 2.0),
        ({"readinessProbe": {"periodSeconds": 10, "initialDelaySeconds": 5}}, 6.0),
        ({"readinessProbe": {"periodSeconds": 10, "successThreshold": 3}}, 31.0),
        ({"startupProbe": {"periodSeconds": 3}, "readinessProbe": {"periodSeconds": 5}}, 6.0),
    ],
)
def test_ready_when_the_probes_first_find_it_up(probes: Object, seconds: float) -> None:
    twin = world([*NODES, alone(containers=[{"name": "main", "image": "x", **probes}])])
    twin.settle()
    assert ready_at(twin) == seconds


def test_init_containers_in_order_then_sidecars_beside_the_rest() -> None:
    inits = [{"name": "one", "image": "x"}, {"name": "proxy", "image": "x", "restartPolicy": "Always"}, {"name": "two", "image": "x"}]  # fmt: skip
    twin = world([*NODES, alone(initContainers=inits)])
    twin.settle(within=1.5)
    states = {item.name: item.state for item in get(twin, Pod).status.init_container_statuses}
    assert states["one"].running is not None
    assert states["two"].waiting is not None
    twin.settle()
    states = {item.name: item.state for item in get(twin, Pod).status.init_container_statuses}
    assert states["proxy"].running is not None
    assert states["one"].terminated is not None
    assert ready_at(twin) == 4.0  # 1 s to start, 1 s for each init container, 1 s for the application


def test_a_crash_loop_backs_off_up_to_five_minutes() -> None:
    twin = world([*NODES, alone()], faults=crash)
    assert twin.settle() is None  # it would go on for ever
    twin.settle(within=3600)
    starts = [step.at for step in twin.steps if step.object.kind == "Pod" and step.why == "kubelet: containers have started"]  # fmt: skip
    pauses = [round(after - before - 2.0) for before, after in pairwise(starts)]
    assert pauses[:8] == [0, 10, 20, 40, 80, 160, 300, 300]
    status = get(twin, Pod).status.container_statuses[0]
    assert (status.last_state.terminated.exit_code, status.ready) == (3, False)
    assert status.restart_count >= 10


def test_more_memory_than_the_limit_is_an_out_of_memory_kill() -> None:
    def memory(state: State, pod: Pod, container: Container) -> int | None:
        del pod, container
        return 300 * 1024 * 1024

    box = {"name": "main", "image": "x", "resources": {"limits": {"memory": "256Mi"}}}
    twin = world([*NODES, alone(containers=[box])], memory=memory)
    twin.settle(within=60)
    last = get(twin, Pod).status.container_statuses[0].last_state.terminated
    assert (last.reason, last.exit_code) == ("OOMKilled", 137)
    assert ready(twin) == 0


def test_a_liveness_probe_kills_what_starts_too_slowly() -> None:
    probe = {"initialDelaySeconds": 0, "periodSeconds": 1, "failureThreshold": 1}
    twin = world([*NODES, alone(containers=[{"name": "main", "image": "x", "livenessProbe": probe}])])
    twin.settle(within=120)
    status = get(twin, Pod).status.container_statuses[0]
    assert status.restart_count > 2
    assert status.last_state.terminated.exit_code == 137


def test_the_end_takes_the_hook_and_the_stop_but_not_more_than_the_grace_period() -> None:
    hook = {"preStop": {"exec": {"command": ["sh", "-c", "sleep 20; quit"]}}}
    slow = [{"name": "main", "image": "x", "lifecycle": hook}]
    for grace, seconds in ((30, 21.0), (10, 10.0)):
        twin = world([*NODES, alone(containers=slow, terminationGracePeriodSeconds=grace)])
        twin.settle()
        before = twin.elapsed
        twin.delete(get(twin, Pod).ref)
        twin.settle()
        assert twin.elapsed - before == seconds


def test_ready_only_when_what_it_needs_answers() -> None:
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "db", "namespace": "shop"}, "spec": {"selector": {"app": "db"}}}  # fmt: skip
    needs = {Ref("Deployment", "shop", "web"): (Ref("Service", "shop", "db"),)}
    twin = world([*NODES, service, workload("Deployment", replicas=2), workload("StatefulSet", "db", 1)], needs=needs)
    twin.settle()
    assert ready(twin) == 3
    database = get(twin, Pod, "db-0")
    twin.delete(database.ref)
    twin.settle(within=0.0)
    assert ready(twin) == 0
    twin.settle()
    assert ready(twin) == 3


def test_what_needs_itself_starts() -> None:
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"selector": {"app": "web"}}}  # fmt: skip
    needs = {Ref("Deployment", "shop", "web"): (Ref("Service", "shop", "web"),)}
    twin = world([*NODES, service, workload("Deployment", replicas=2)], needs=needs)
    twin.settle()
    assert ready(twin) == 2


def test_a_lost_kubelet_does_nothing() -> None:
    twin = world([*NODES, alone()])
    twin.settle()
    twin.state.silent = {"a": twin.now}
    twin.delete(get(twin, Pod).ref)
    twin.settle()
    pod = get(twin, Pod)
    assert pod.metadata.deletion_timestamp is not None
    assert replace(pod.metadata, deletion_timestamp=None).name == "web"


def test_addresses_are_of_the_nodes_range_where_its_pods_have_theirs_from_there() -> None:
    near = node("a", cpu="16")
    near["spec"] = {"podCIDR": "10.244.7.0/28"}
    twin = world([near, workload("Deployment", replicas=12)])
    twin.settle()
    addresses = [pod.status.pod_ip for pod in twin.state.all(Pod)]
    assert len(set(addresses)) == 12
    assert all(ip_address(item) in ip_network("10.244.7.0/28") for item in addresses)
    assert not {"10.244.7.0", "10.244.7.1", "10.244.7.15"} & set(addresses)
