"""Slips of manifests that validation refuses. The full words are held against the API server by tests/conformance/test_fields.py."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import Deployment, Secret
from seakeep.model.objects.pods import HostPath, Volume
from seakeep.twin.admission.chain import admit
from seakeep.twin.admission.rejected import RejectedError
from tests.twin.admission.builders import Object, create, pod, refusal, thing, world
from tests.twin.admission.test_fields import container, workload

CPU: Object = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}
NAMED: Object = {"metric": {"name": "requests"}}


def amounts(**resources: Any) -> Object:
    return container(resources=resources)


def secure(**context: Any) -> Object:
    return container(securityContext=context)


def variable(field: str) -> Object:
    return container(env=[{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": field}}}])


def volumes(*found: Object, **fields: Any) -> Object:
    return workload(template={"volumes": [{"name": "a", **fields}, *found]})


def metric(kind: str, **source: Any) -> Object:
    spec = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "x"}, "maxReplicas": 3}
    return thing(
        "HorizontalPodAutoscaler", "h", version="autoscaling/v2", spec={**spec, "metrics": [{"type": kind, **source}]}
    )


def secret(kind: str = "Opaque", *keys: str) -> Object:
    return thing("Secret", "s", type=kind, data=dict.fromkeys(keys, "eA=="))


SLIPS: dict[str, tuple[Object, str]] = {
    "less than nothing": (
        amounts(requests={"cpu": "-1"}),
        'containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    ),
    "no such resource": (amounts(limits={"ram": "1Gi"}), 'limits[ram]: Invalid value: "ram": must be a standard resource type or fully qualified'),
    "storage of a claim": (amounts(limits={"storage": "1Gi"}), 'limits[storage]: Invalid value: "storage": must be a standard resource for containers'),
    "half a device": (amounts(limits={"example.com/gpu": "500m"}), 'limits[example.com/gpu]: Invalid value: "500m": must be an integer'),
    "a quota's name": (amounts(limits={"requests.example.com/gpu": "1"}), "doesn't follow extended resource name standard"),
    "disk of a pod": (
        workload(template={"resources": {"limits": {"ephemeral-storage": "1Gi"}}}),
        'spec.template.spec.resources.limits[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "hugepages-", "memory"',
    ),
    "privileged and not": (
        secure(privileged=True, allowPrivilegeEscalation=False),
        "securityContext: Invalid value: {…}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
    ),
    "almost privileged": (secure(capabilities={"add": ["CAP_SYS_ADMIN"]}, allowPrivilegeEscalation=False), "`capabilities.Add` CAP_SYS_ADMIN"),
    "nobody": (secure(runAsUser=-1), "securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive"),
    "no such group": (
        workload(template={"securityContext": {"supplementalGroups": [1, -1]}}),
        "spec.template.spec.securityContext.supplementalGroups[1]: Invalid value: -1: must be between",
    ),
    "another system": (
        workload(template={"os": {"name": "linux"}, "securityContext": {"windowsOptions": {}}}),
        "spec.template.spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod",
    ),
    "no such system": (workload(template={"os": {"name": "bsd"}}), 'spec.template.spec.os: Unsupported value: "bsd"'),
    "two sources": (volumes(emptyDir={}, hostPath={"path": "/x"}), "volumes[0].hostPath: Forbidden: may not specify more than 1 volume type"),
    "back": (volumes(hostPath={"path": "/a/../b"}), "volumes[0].hostPath.path: Invalid value: \"/a/../b\": must not contain '..'"),
    "whose keys": (volumes(configMap={"items": [{"key": "k", "path": "/k"}]}), '[0].path: Invalid value: "/k": must be a relative path'),
    "no name": (volumes(configMap={}), "volumes[0].configMap.name: Required value"),
    "no claim": (volumes(persistentVolumeClaim={"claimName": ""}), "volumes[0].persistentVolumeClaim.claimName: Required value"),
    "no such field": (variable("spec.replicas"), 'valueFrom.fieldRef.fieldPath: Invalid value: "spec.replicas": error converting fieldPath: field label not supported: spec.replicas'),
    "a field of others": (variable("metadata.labels"), 'fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name"'),
    "a label that is none": (variable("metadata.labels['a b']"), 'valueFrom.fieldRef: Invalid value: "a b": name part must consist'),
    "nobody to ask": (workload(template={"dnsPolicy": "None"}), "spec.template.spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"),
    "nobody at all": (workload(template={"dnsPolicy": "None", "dnsConfig": {"searches": ["a"]}}), "dnsConfig.nameservers: Required value"),
    "restarts": (
        workload(template={"initContainers": [{"name": "i", "image": "i", "restartPolicy": "Sometimes"}]}),
        'initContainers[0].restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
    ),
    "no figure": (
        metric("Resource", resource={"name": "cpu", "target": {"type": "Utilization"}}),
        "spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization",
    ),
    "nothing": (
        metric("Resource", resource={"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 0}}),
        "spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0",
    ),
    "of another type": (metric("Pods", resource=CPU), "spec.metrics[0].pods: Required value: must populate information for the given metric source"),
    "of no type": (metric("Cpu"), 'spec.metrics[0].type: Unsupported value: "Cpu": supported values: "ContainerResource", "External"'),
    "two metrics in one": (metric("Resource", resource=CPU, pods={}), "spec.metrics[0].pods: Forbidden: must populate the given metric source only"),
    "of no average": (metric("Pods", pods=NAMED | {"target": {"type": "Value", "value": "1"}}), "target.averageValue: Required value: must specify a positive"),
    "a blank": (thing("ConfigMap", "c", data={"a b": "x"}), 'data[a b]: Invalid value: "a b": a valid config key must consist of'),
    "twice": (thing("ConfigMap", "c", data={"a": "x"}, binaryData={"a": "eA=="}), 'data[a]: Invalid value: "a": duplicate of key present in binaryData'),
    "a secret's blank": (secret("Opaque", "a b"), 'data[a b]: Invalid value: "a b": a valid config key must consist of'),
    "half a pair": (secret("kubernetes.io/tls", "tls.crt"), 'Secret "s" is invalid: data[tls.key]: Required value'),
    "no login": (secret("kubernetes.io/basic-auth"), "[data[username]: Required value, data[password]: Required value]"),
    "no modes": (
        thing("PersistentVolumeClaim", "d", spec={"resources": {"requests": {"storage": "1Gi"}}}),
        "spec.accessModes: Required value: at least 1 access mode is required",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SLIPS)
def test_slips(name: str) -> None:
    item, said = SLIPS[name]
    code, message = refusal(world(), item)
    assert code == 422
    assert said in message


@pytest.mark.parametrize(
    "item",
    [
        amounts(limits={"cpu": "1", "memory": "1Gi", "ephemeral-storage": "0", "hugepages-2Mi": "4Mi"}),
        amounts(limits={"example.com/gpu": "2", "kubernetes.io/disk": "500m"}),
        secure(privileged=True, runAsUser=0, allowPrivilegeEscalation=True),
        secure(capabilities={"add": ["SYS_ADMIN"]}, allowPrivilegeEscalation=False, runAsGroup=2**31 - 1),
        workload(template={"os": {"name": "windows"}, "securityContext": {"windowsOptions": {}}}),
        volumes({"name": "b", "configMap": {"name": "c", "items": [{"key": "k", "path": "a..b/c"}]}}, hostPath={"path": "/..a"}),
        variable("metadata.labels['example.com/a']"),
        variable("metadata.annotations['Example.com/A']"),
        variable("status.podIPs"),
        workload(template={"dnsPolicy": "None", "dnsConfig": {"nameservers": ["10.0.0.10"]}}),
        workload(template={"initContainers": [{"name": "i", "image": "i", "restartPolicy": "Always"}]}),
        metric("Resource", resource=CPU),
        metric("ContainerResource", containerResource=CPU | {"container": "c"}),
        metric("Pods", pods=NAMED | {"target": {"type": "AverageValue", "averageValue": "500m"}}),
        metric("External", external=NAMED | {"target": {"type": "Value", "value": "30"}}),
        metric("Object", object=NAMED | {"describedObject": {"kind": "Service", "name": "s"}, "target": {"type": "Value", "value": "1", "averageValue": "1"}}),
        thing("ConfigMap", "c", data={"A_b-c.d": "x"}, binaryData={"e": "eA=="}),
        secret("kubernetes.io/tls", "tls.crt", "tls.key", "ca.crt"),
        secret("kubernetes.io/basic-auth", "password"),
        secret("example.com/own"),
    ],
)  # fmt: skip
def test_what_is_right(item: Object) -> None:
    create(world(), item)


def test_a_volume_of_which_something_is_wrong_cannot_be_mounted() -> None:
    mounts = [{"name": "a", "mountPath": "/a"}]
    spec: Object = {"containers": [{"name": "c", "image": "i", "volumeMounts": mounts}]}
    spec["volumes"] = [{"name": "a", "hostPath": {"path": ".."}}]
    assert refusal(world(), workload(template=spec))[1].endswith(
        "[spec.template.spec.volumes[0].hostPath.path: Invalid value: \"..\": must not contain '..', "
        'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "a"]'
    )


def test_the_type_of_a_secret_stays() -> None:
    state = world()
    old = create(state, secret())
    assert isinstance(old, Secret)
    with pytest.raises(RejectedError) as found:
        admit(state, replace(old, type="example.com/own"), old)
    assert found.value.message == ('Secret "s" is invalid: type: Invalid value: "example.com/own": field is immutable')
    assert admit(state, replace(old, keys=("a",)), old).name == "s"
    # A source that does not show it.
    assert admit(state, replace(old, type="example.com/own"), replace(old, type="")).name == "s"


FIXED = "Forbidden: field is immutable when `immutable` is set"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"data": {"mode": "slow"}}, f"data: {FIXED}"),
        ({"data": {"mode": "fast", "level": "1"}}, f"data: {FIXED}"),
        ({"data": {}}, f"data: {FIXED}"),
        ({"immutable": False}, f"immutable: {FIXED}"),
        ({"binary_data": {"x": "eA=="}}, f"binaryData: {FIXED}"),
    ],
)
def test_an_immutable_config_map_stays(change: dict[str, Any], told: str) -> None:
    state = world()
    old = create(state, thing("ConfigMap", "c", data={"mode": "fast"}, immutable=True))
    with pytest.raises(RejectedError) as found:
        admit(state, replace(old, **change), old)
    assert found.value.message == f'ConfigMap "c" is invalid: {told}'
    labelled = replace(old, metadata=replace(old.metadata, labels={"a": "b"}))
    assert admit(state, labelled, old).name == "c"
    free = replace(old, immutable=False)
    assert admit(state, replace(old, **change), free).name == "c"


def test_a_value_that_was_taken_out_of_the_source_may_be_the_same() -> None:
    state = world()
    old = create(state, thing("ConfigMap", "c", data={"password": "<redacted>"}, immutable=True))
    assert admit(state, replace(old, data={"password": "x"}), old).name == "c"


@pytest.mark.parametrize(
    ("change", "told"),
    [({"keys": ("a", "b")}, f"data: {FIXED}"), ({"immutable": False}, f"immutable: {FIXED}")],
)
def test_an_immutable_secret_stays(change: dict[str, Any], told: str) -> None:
    state = world()
    old = create(state, {**secret("Opaque", "a"), "immutable": True})
    with pytest.raises(RejectedError) as found:
        admit(state, replace(old, **change), old)
    assert found.value.message == f'Secret "s" is invalid: {told}'


def test_pods_of_a_template_that_was_taken_are_taken() -> None:
    """Of an older server, or from a source that shows only parts of it."""
    item = pod(requests={"cpus": "1"}, dnsPolicy="None", volumes=[{"name": "a", "configMap": {}}])
    assert refusal(world(), item)[0] == 422
    owner = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "d", "uid": "u", "controller": True}
    item["metadata"]["ownerReferences"] = [owner]
    create(world(), item)


def test_what_a_source_shows_of_a_volume_is_no_hindrance() -> None:
    state = world()
    new = create(state, workload())
    assert isinstance(new, Deployment)
    odd = replace(new.spec.template.spec, volumes=(Volume(name="a", host_path=HostPath()),))
    shown = replace(new, spec=replace(new.spec, template=replace(new.spec.template, spec=odd)))
    assert admit(state, replace(shown, spec=replace(shown.spec, replicas=3)), shown).name == "x"
    with pytest.raises(RejectedError, match=r"hostPath\.path: Required value"):
        admit(state, shown, new)


def test_a_template_is_not_looked_into_where_the_selector_is_none() -> None:
    """But for how the pods of a StatefulSet start anew."""
    selector = {"matchExpressions": [{"key": "a", "operator": "Is"}]}
    always = 'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'
    for kind, told in (("StatefulSet", True), ("Deployment", False)):
        item = workload(kind, {"restartPolicy": "Never", "dnsPolicy": "None"}, selector=selector, serviceName="x")
        message = refusal(world(), item)[1]
        assert (always in message, "dnsConfig" in message) == (told, False)


def test_metrics_of_older_versions_are_written_in_other_ways() -> None:
    item = metric("Resource", resource={"name": "cpu", "targetAverageUtilization": 50})
    assert refusal(world(), item)[0] == 422
    admit(world(), from_mapping(item | {"apiVersion": "autoscaling/v2beta1"}), None)
