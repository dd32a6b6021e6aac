"""What the API server refuses of a manifest that is not complete, and what kube-scheduler says of pods whose claims are not: the same words in the twin. A few fixed cases, which always run in full."""

from __future__ import annotations

import time
from typing import Any

import pytest

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import Pod
from seakeep.testing.testbed import ControlPlane
from seakeep.testing.testbed.api import ApiError
from seakeep.twin.admission.chain import admit
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.world import Twin
from tests.conformance.fidelity import record
from tests.conformance.preemption_play import START
from tests.twin.builders import admit_all

Object = dict[str, Any]
SPACE = "required"
MAIN: Object = {"name": "main", "image": "example/app:1"}
MOUNT = {"name": "data", "mountPath": "/data"}


def pod(name: str, **spec: Any) -> Object:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": SPACE}, "spec": spec}


def deployment(name: str, **spec: Any) -> Object:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": spec}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": SPACE},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }


MANIFESTS = [
    pod("no-image", containers=[{"name": "main"}]),
    pod("no-image-twice", containers=[{"name": "main"}, MAIN | {"name": "other"}, {"name": "third"}]),
    pod("no-name", containers=[{"image": "example/app:1"}]),
    pod("neither", containers=[{"command": ["sleep"]}]),
    pod("no-containers", containers=[]),
    pod("init-without-image", containers=[MAIN], initContainers=[{"name": "first"}]),
    pod("no-volume", containers=[MAIN | {"volumeMounts": [MOUNT]}]),
    pod("too-much", containers=[{"name": "main", "resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}}]),
    pod("complete", containers=[MAIN | {"volumeMounts": [MOUNT]}], volumes=[{"name": "data", "emptyDir": {}}]),
    deployment("template-without-image", containers=[{"name": "main"}]),
    deployment("template-without-containers", containers=[]),
    deployment("template-without-volume", containers=[MAIN | {"volumeMounts": [MOUNT, MOUNT | {"name": "b"}]}]),
    deployment("template-complete", replicas=0, containers=[MAIN]),
]
# Names, labels, ports and policies in forms that the API server does not take; some of them just do.
PORTS = [{"containerPort": 80, "name": "web"}, {"containerPort": 70000, "name": "web"}, {"name": "none"}]
ODD_PORTS = [
    {"containerPort": 80, "name": name} for name in ("Web_1", "80", "a--b", "-a-", "longer-than-fifteen", "fine")
]


def of(kind: str, name: str, version: str, labels: Object | None = None, **rest: Any) -> Object:
    metadata: Object = {"name": name, "namespace": SPACE}
    if labels is not None:
        metadata["labels"] = labels
    return {"apiVersion": version, "kind": kind, "metadata": metadata} | rest


def labelled(name: str, labels: Object) -> Object:
    return of("ConfigMap", name, "v1", labels)


def job(name: str, **spec: Any) -> Object:
    return of("Job", name, "batch/v1", spec={"template": {"spec": {"containers": [MAIN]} | spec}})


def template_labels(name: str, **labels: str) -> Object:
    found = deployment(name, containers=[MAIN])
    metadata = found["spec"]["template"]["metadata"]
    metadata["labels"] = metadata["labels"] | labels  # the selector's are the same dict
    return found


MANIFESTS += [
    pod("Upper_case", containers=[MAIN]),
    pod("with.dots", containers=[MAIN]),
    pod("-dash", containers=[MAIN]),
    pod("x" * 254, containers=[MAIN]),
    pod(
        "bad-container-names", containers=[MAIN | {"name": "Main_1"}, MAIN | {"name": "a.b"}, MAIN | {"name": "y" * 64}]
    ),
    pod("same-names", containers=[MAIN, MAIN], initContainers=[MAIN, MAIN | {"name": "first"}]),
    pod("ports", containers=[MAIN | {"ports": PORTS}]),
    pod("odd-ports", containers=[MAIN | {"ports": ODD_PORTS}]),
    pod("host-port", containers=[MAIN | {"ports": [{"containerPort": 80, "hostPort": 65536}]}]),
    of("StatefulSet", "has.dots", "apps/v1", spec=deployment("a", containers=[MAIN])["spec"] | {"serviceName": "a"}),
    of("Service", "has.dots", "v1", spec={"ports": [{"port": 80}]}),
    of("Service", "1-begins-with-a-number", "v1", spec={"ports": [{"port": 80}]}),
    of("ConfigMap", "Config", "v1"),
    of("ServiceAccount", "has_underscores", "v1"),
    of(
        "PersistentVolumeClaim",
        "Data",
        "v1",
        spec={"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    ),
    labelled("good-labels", {"a": "", "example.com/b": "A_b.c-1", "9": "9"}),
    labelled("bad-value", {"a": "white space"}),
    labelled("long-value", {"a": "z" * 64}),
    labelled("bad-key", {"a b": "1"}),
    labelled("empty-prefix", {"/a": "1"}),
    labelled("empty-name", {"example.com/": "1"}),
    labelled("bad-prefix", {"Example/a": "1"}),
    labelled("two-slashes", {"a/b/c": "1"}),
    labelled("long-key", {"k" * 64: "1"}),
    template_labels("template-label", team="platform team"),
    deployment("restarts-never", containers=[MAIN], restartPolicy="Never"),
    of(
        "DaemonSet",
        "restarts-on-failure",
        "apps/v1",
        spec=deployment("a", containers=[MAIN], restartPolicy="OnFailure")["spec"],
    ),
    job("restarts-always"),
    job("restarts-never", restartPolicy="Never"),
    of(
        "CronJob",
        "cron-restarts-always",
        "batch/v1",
        spec={"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": {"spec": {"containers": [MAIN]}}}}},
    ),
]
CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}


def claim(name: str, **spec: Any) -> Object:
    metadata = {"name": name, "namespace": SPACE}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": CLAIM | spec}


def using(name: str, *claims: str) -> Object:
    volumes = [{"name": f"v{n}", "persistentVolumeClaim": {"claimName": each}} for n, each in enumerate(claims)]
    return pod(name, containers=[MAIN], volumes=volumes)


CLASS = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "required-local"},
    "provisioner": "kubernetes.io/no-provisioner",
    "volumeBindingMode": "WaitForFirstConsumer",
}
CLAIMS = [claim("unbound", storageClassName=""), claim("waits", storageClassName="required-local")]
WAITING = [
    using("claim-missing", "none-such"),
    using("second-missing", "waits", "none-such"),
    using("claim-unbound", "unbound"),
    using("no-volume-to-bind", "waits"),
]


@pytest.mark.engine("kubernetes")
def test_incomplete_manifests_are_refused_in_the_same_words(still_plane: ControlPlane) -> None:
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE}}
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": SPACE}}
    still_plane.apply(space)
    _until(lambda: any(each["metadata"]["name"] == "default" for each in _find(still_plane, "ServiceAccount")))
    assembly = Assembly("conformance")
    for item in (space, account):
        assembly.add_raw(item)
    twin = Twin(assembly.snapshot(), (), now=START, suffix=str, admit=admit)
    apart = []
    for manifest in MANIFESTS:
        one, other = _real(still_plane, manifest), _twin(twin, manifest)
        if one != other:
            apart.append(f"{manifest['metadata']['name']}: {one} and not {other}")
    record(
        "required-fields",
        cases=len(MANIFESTS),
        compared={"requests": len(MANIFESTS)},
        differences={"": len(apart)} if apart else {},
        what="manifests that lack an image, a name, containers or a volume, or have names, labels, ports or policies of a wrong form: accepted or refused, the code and text of a refusal",
    )
    assert not apart, "\n".join(apart)


@pytest.mark.engine("kubernetes")
def test_what_is_said_of_pods_without_their_claims(still_plane: ControlPlane) -> None:
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE}}
    still_plane.apply([space, CLASS, *CLAIMS])
    _until(lambda: any(each["metadata"]["name"] == "default" for each in _find(still_plane, "ServiceAccount")))
    for item in WAITING:
        still_plane.api.request("POST", still_plane.api.path("v1", "Pod", SPACE), item)
    names = {item["metadata"]["name"] for item in WAITING}
    _until(lambda: all(_message(each) for each in _find(still_plane, "Pod") if each["metadata"]["name"] in names))
    said = {
        each["metadata"]["name"]: _message(each)
        for each in _find(still_plane, "Pod")
        if each["metadata"]["name"] in names
    }
    nodes = [{"apiVersion": "v1", "kind": "Node", **each} for each in still_plane.api.find("v1", "Node")]
    assembly = Assembly("conformance")
    for item in (*nodes, space, CLASS, *CLAIMS, *WAITING):
        assembly.add_raw(item)
    twin = Twin(assembly.snapshot(), (), now=START, suffix=str, admit=admit_all)
    twin.settle()
    ours = {item.name: next((c.message for c in item.status.conditions), "") for item in twin.state.all(Pod)}
    apart = [f"{name}: {said[name]!r} and not {ours[name]!r}" for name in sorted(said) if said[name] != ours[name]]
    record(
        "claims-of-pods",
        cases=len(WAITING),
        compared={"messages": len(said)},
        differences={"": len(apart)} if apart else {},
        what="what the PodScheduled condition says of pods whose claims are missing or unbound",
    )
    for name in names:
        still_plane.api.delete("v1", "Pod", name, SPACE)
    assert apart == []


def _real(plane: ControlPlane, manifest: Object) -> tuple[int, str]:
    try:
        plane.api.request("POST", plane.api.path(manifest["apiVersion"], manifest["kind"], SPACE), manifest)
    except ApiError as error:
        return error.status, error.server_message
    return 201, ""


def _twin(twin: Twin, manifest: Object) -> tuple[int, str]:
    try:
        twin.create(from_mapping(manifest))
    except RejectedError as error:
        return error.code, error.message
    return 201, ""


def _find(plane: ControlPlane, kind: str) -> list[Object]:
    found: list[Object] = plane.api.find("v1", kind, SPACE)
    return found


def _message(item: Object) -> str:
    conditions = item.get("status", {}).get("conditions", [])
    return next((str(each.get("message", "")) for each in conditions if each["type"] == "PodScheduled"), "")


def _until(holds: Any) -> None:
    for _ in range(120):
        if holds():
            return
        time.sleep(0.25)
    raise AssertionError("it did not come to that")
