"""Faults that a snapshot shows stay until their cause is repaired."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from seakeep.model.objects import ConfigMap, Deployment, Metadata, Pod
from seakeep.model.objects.pods import (
    Capabilities,
    Container,
    EnvFrom,
    Handler,
    Lifecycle,
    LocalReference,
    PodSpec,
    Probe,
    SecretVolume,
    SecurityContext,
    TcpSocket,
    Volume,
)
from seakeep.model.refs import Ref
from seakeep.twin.controller import View
from seakeep.twin.kubelet.faults import Fault, Recorded, depends
from seakeep.twin.world import Twin
from tests.twin.builders import Object, node
from tests.twin.workload_worlds import change, get, ready, roll, workload, world

NODES = [node("a", cpu="16")]
WAITING = {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "example/app:1"'}
MISSING = {"reason": "CreateContainerConfigError", "message": 'configmap "settings" not found'}
LOOP = {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}
SETTINGS = [{"configMapRef": {"name": "settings"}}]


def shown(waiting: Object, env_from: Any = (), last: Object | None = None, restarts: int = 0) -> list[Object]:
    """A Deployment of two whose pods are both in this state."""
    deployment = workload("Deployment", replicas=2)
    deployment["spec"]["template"]["spec"]["containers"][0]["envFrom"] = list(env_from)
    healthy = world([*NODES, deployment])
    healthy.settle()
    state = {"name": "main", "image": "example/app:1", "ready": False, "restartCount": restarts, "state": {"waiting": waiting}, "lastState": last or {}}  # fmt: skip
    found: list[Object] = list(NODES)
    import msgspec

    for kind, group in healthy.state.objects().items():
        for item in group.values():
            raw = msgspec.to_builtins(item, str_keys=True)
            if kind == "Pod":
                raw["status"]["containerStatuses"] = [state]
                raw["status"]["conditions"] = [{"type": "Ready", "status": "False"}]
                raw["status"]["phase"] = "Pending" if waiting is not LOOP else "Running"
            if kind != "Node":
                found.append(raw)
    return found


def reasons(twin: Twin) -> list[str]:
    return sorted(
        status.state.waiting.reason if status.state.waiting else "running"
        for pod in twin.state.all(Pod)
        for status in pod.status.container_statuses
    )


def test_new_pods_of_the_same_template_fail_the_same_way() -> None:
    twin = world(shown(WAITING))
    change(twin, Deployment, replicas=3)
    twin.delete(next(twin.state.all(Pod)).ref)
    twin.settle()
    assert reasons(twin) == ["ImagePullBackOff"] * 3
    messages = {s.state.waiting.message for p in twin.state.all(Pod) for s in p.status.container_statuses if s.state.waiting}  # fmt: skip
    assert messages == {WAITING["message"]}


def test_another_image_repairs_it_another_label_does_not() -> None:
    twin = world(shown(WAITING))
    item = get(twin, Deployment)
    template = item.spec.template
    labels = {**template.metadata.labels, "team": "a"}
    change(twin, Deployment, template=replace(template, metadata=replace(template.metadata, labels=labels)))
    twin.settle()
    assert ready(twin) == 0
    roll(twin, Deployment, "example/app:2")
    twin.settle()
    assert (ready(twin), reasons(twin)) == (2, ["running", "running"])


def test_the_missing_object_repairs_the_pods_that_wait_for_it() -> None:
    twin = world(shown(MISSING, SETTINGS))
    twin.settle()
    assert ready(twin) == 0
    twin.create(ConfigMap(api_version="v1", metadata=Metadata(name="settings", namespace="shop"), data={"a": "b"}))
    twin.settle()
    assert ready(twin) == 2


def test_a_crash_loop_goes_on_and_counts() -> None:
    ended = {"terminated": {"exitCode": 1, "reason": "Error", "startedAt": "2026-03-02T07:59:00Z", "finishedAt": "2026-03-02T07:59:10Z"}}  # fmt: skip
    twin = world(shown(LOOP, last=ended, restarts=9))
    twin.settle(within=1200)
    counts = [pod.status.container_statuses[0].restart_count for pod in twin.state.all(Pod)]
    assert counts == [13, 13]
    assert ready(twin) == 0


def stuck() -> list[Object]:
    """A pod whose init container has been running for an hour, and the database that it waits for."""
    pod: Object = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "shop", "uid": "web"},
        "spec": {"nodeName": "a", "initContainers": [{"name": "wait", "image": "x"}], "containers": [{"name": "main", "image": "x"}]},
        "status": {
            "phase": "Pending",
            "startTime": "2026-03-02T07:00:00Z",
            "initContainerStatuses": [{"name": "wait", "state": {"running": {"startedAt": "2026-03-02T07:00:00Z"}}}],
            "containerStatuses": [{"name": "main", "state": {"waiting": {"reason": "PodInitializing"}}}],
        },
    }  # fmt: skip
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "db", "namespace": "shop"}, "spec": {"selector": {"app": "db"}}}  # fmt: skip
    return [*NODES, pod, service]


def test_an_init_container_that_does_not_end_goes_on_until_what_it_waits_for_answers() -> None:
    twin = world(stuck())
    twin.settle(within=600)
    assert ready(twin) == 0
    assert get(twin, Pod).status.init_container_statuses[0].state.running is not None
    needs = {Ref("Pod", "shop", "web"): (Ref("Service", "shop", "db"),)}
    twin = world([*stuck(), workload("StatefulSet", "db", 1)], needs=needs)
    twin.settle(within=600)
    assert ready(twin) == 2


def test_what_is_well_stays_well() -> None:
    first = world([*NODES, workload("Deployment", replicas=2)])
    first.settle()
    assert ready(first) == 2
    twin = world(shown(WAITING)[:1])
    assert reasons(twin) == []


def test_a_probe_that_is_added_repairs_nothing_and_one_that_kills_may() -> None:
    ended = {"terminated": {"exitCode": 137, "reason": "Error", "startedAt": "2026-03-02T07:59:00Z", "finishedAt": "2026-03-02T07:59:10Z"}}  # fmt: skip
    twin = world(shown(LOOP, last=ended, restarts=9))
    probe(twin, "readiness_probe", 8080)
    twin.settle(within=30)
    assert ready(twin) == 0
    objects = shown(LOOP, last=ended, restarts=9)
    for item in objects:
        spec = item.get("spec", {})
        spec = spec["template"]["spec"] if "template" in spec else spec
        for container in spec.get("containers", ()):
            container["livenessProbe"] = {"tcpSocket": {"port": 1}}
    twin = world(objects)
    twin.settle(within=30)
    assert ready(twin) == 0
    probe(twin, "liveness_probe", 8080)
    twin.settle(within=60)
    assert ready(twin) == 2


def probe(twin: Twin, name: str, port: int) -> None:
    item = get(twin, Deployment)
    container = replace(item.spec.template.spec.containers[0], **{name: Probe(tcp_socket=TcpSocket(port=port))})
    spec = replace(item.spec.template.spec, containers=(container,))
    change(twin, Deployment, template=replace(item.spec.template, spec=spec))


def test_hardening_repairs_no_crash() -> None:
    ended = {"terminated": {"exitCode": 1, "reason": "Error", "startedAt": "2026-03-02T07:59:00Z", "finishedAt": "2026-03-02T07:59:10Z"}}  # fmt: skip
    twin = world(shown(LOOP, last=ended, restarts=9))
    item = get(twin, Deployment)
    spec = item.spec.template.spec
    hardened = replace(
        spec.containers[0],
        lifecycle=Lifecycle(pre_stop=Handler(sleep={"seconds": 5})),
        security_context=SecurityContext(allow_privilege_escalation=False, capabilities=Capabilities(drop=("ALL",))),
    )
    change(twin, Deployment, template=replace(item.spec.template, spec=replace(spec, containers=(hardened,))))
    twin.settle(within=900)
    pods = list(twin.state.all(Pod))
    assert pods
    assert all(Recorded(twin.snapshot)(_view(twin), pod) is not None for pod in pods)
    other = replace(hardened, security_context=SecurityContext(run_as_user=999))
    item = get(twin, Deployment)
    change(twin, Deployment, template=replace(item.spec.template, spec=replace(spec, containers=(other,))))
    twin.settle(within=900)
    assert ready(twin) == 2


def _view(twin: Twin) -> View:
    return View(twin.state, twin.now, twin.settings, twin.refused, lambda: "x")


@pytest.mark.parametrize(("user", "same"), [(1000, True), (0, False), (1001, False)])
def test_to_name_the_images_own_user_repairs_nothing(user: int, same: bool) -> None:
    before = Container(name="main", image="docker.io/apache/superset:4.1.2")
    after = replace(before, security_context=SecurityContext(run_as_user=user, run_as_non_root=user > 0))
    fault = Fault("main", "CrashLoopBackOff", crashes=True)
    old, new = (depends(PodSpec(containers=(each,)), fault) for each in (before, after))
    assert (old == new) is same


def pod_spec(context: SecurityContext | None = None, volumes: tuple[Volume, ...] = (), **container: Any) -> PodSpec:
    return PodSpec(containers=(Container(name="main", image="example/app:1", **container),), security_context=context, volumes=volumes)  # fmt: skip


TLS = Volume(name="tls", secret=SecretVolume(secret_name="shop-tls"))
SCRATCH = Volume(name="scratch", empty_dir={})
NO_ESCALATION = SecurityContext(allow_privilege_escalation=False, capabilities=Capabilities(drop=("ALL",)))
DEFAULT_PROFILE = SecurityContext(seccomp_profile={"type": "RuntimeDefault"}, run_as_non_root=True)
MISSING_MAP = Fault("main", "CreateContainerConfigError", 'configmap "settings" not found')
ROOT = Fault("main", "CreateContainerConfigError", "container has runAsNonRoot and image will run as root")
NO_SECRET = Fault(
    "main", "ContainerCreating", 'MountVolume.SetUp failed for volume "tls" : secret "shop-tls" not found'
)


@pytest.mark.parametrize(
    ("fault", "before", "after", "same"),
    [
        (MISSING_MAP, pod_spec(), pod_spec(DEFAULT_PROFILE, security_context=NO_ESCALATION), True),
        (MISSING_MAP, pod_spec(), pod_spec(env_from=(EnvFrom(config_map_ref=LocalReference(name="others")),)), False),
        (ROOT, pod_spec(DEFAULT_PROFILE), pod_spec(DEFAULT_PROFILE, security_context=NO_ESCALATION), True),
        (ROOT, pod_spec(DEFAULT_PROFILE), pod_spec(replace(DEFAULT_PROFILE, run_as_user=1000)), False),
        (ROOT, pod_spec(DEFAULT_PROFILE), pod_spec(), False),
        (NO_SECRET, pod_spec(volumes=(TLS,)), pod_spec(DEFAULT_PROFILE, (TLS, SCRATCH)), True),
        (NO_SECRET, pod_spec(volumes=(TLS,)), pod_spec(DEFAULT_PROFILE), False),
        (NO_SECRET, pod_spec(volumes=(TLS,)), pod_spec(SecurityContext(fs_group=1000), (TLS,)), False),
    ],
)
def test_hardening_repairs_nothing_that_keeps_a_container_from_being_made(
    fault: Fault, before: PodSpec, after: PodSpec, same: bool
) -> None:
    assert (depends(before, fault, (), before) == depends(after, fault, (), before)) is same
