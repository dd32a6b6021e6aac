"""The order of the plugins, and each plugin's words."""

from __future__ import annotations

from typing import Any

import pytest

from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import Deployment, Namespace, PersistentVolumeClaim, Pod
from seakeep.twin.admission.chain import admit
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.state import State
from tests.twin.admission.builders import create, create_pod, pod, quota, refusal, thing, world

_LIMITS = thing(
    "LimitRange",
    "l",
    spec={"limits": [{"type": "Container", "max": {"cpu": "1", "memory": "1Gi"}, "min": {"cpu": "100m"}}]},
)


def test_a_plain_pod_gets_the_api_servers_defaults() -> None:
    state = world()
    stored = create_pod(state, thing("Pod", "x", spec={"containers": [{"name": "c", "image": "app"}]}))
    spec = stored.spec
    assert (spec.containers[0].image_pull_policy, spec.termination_grace_period_seconds) == ("Always", 30)
    assert (spec.service_account_name, spec.priority, spec.preemption_policy) == ("default", 0, "PreemptLowerPriority")
    assert [(item.key, item.toleration_seconds) for item in spec.tolerations] == [
        ("node.kubernetes.io/not-ready", 300),
        ("node.kubernetes.io/unreachable", 300),
    ]
    assert spec.containers[0].volume_mounts[0].name == spec.volumes[0].name
    assert (stored.metadata.generation, stored.status.phase, stored.status.qos_class) == (1, "Pending", "BestEffort")


def test_limit_range_defaults_come_before_the_quota_and_are_noted() -> None:
    state = world(_LIMITS, quota("q", {"limits.cpu": "1"}))
    stored = create_pod(state, pod("a"))
    assert stored.spec.containers[0].resources.limits == {"cpu": "1", "memory": "1Gi"}
    assert stored.metadata.annotations == {
        "kubernetes.io/limit-ranger": "LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c"
    }
    assert "exceeded quota: q, requested: limits.cpu=1" in refusal(state, pod())[1]


def test_several_limits_at_once_are_listed() -> None:
    state = world(_LIMITS)
    assert refusal(state, pod(requests={"cpu": "50m"}, limits={"cpu": "2", "memory": "2Gi"})) == (
        403,
        'pods "x" is forbidden: [minimum cpu usage per Container is 100m, but request is 50m, maximum cpu usage per Container is 1, but limit is 2, maximum memory usage per Container is 1Gi, but limit is 2Gi]',
    )


def test_a_default_limit_below_the_request_is_invalid() -> None:
    state = world(_LIMITS)
    assert refusal(state, pod(requests={"cpu": "1500m"})) == (
        422,
        'Pod "x" is invalid: spec.containers[0].resources.requests: Invalid value: "1500m": must be less than or equal to cpu limit of 1',
    )


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ({"type": "Pod", "max": {"cpu": "1"}}, "maximum cpu usage per Pod is 1.  No limit is specified"),
        ({"type": "Pod", "min": {"memory": "1Gi"}}, "minimum memory usage per Pod is 1Gi.  No request is specified"),
        (
            {"type": "Container", "maxLimitRequestRatio": {"memory": "1"}, "default": {"memory": "3Gi"}},
            "memory max limit to request ratio per Container is 1, but no request is specified or request is 0",
        ),
    ],
)
def test_limits_of_pods_and_ratios(limit: dict[str, Any], message: str) -> None:
    state = world(thing("LimitRange", "l", spec={"limits": [limit]}))
    request = {"memory": "0"} if "maxLimitRequestRatio" in limit else {}
    assert refusal(state, pod(requests=request)) == (403, f'pods "x" is forbidden: {message}')


def test_claims_against_limits_and_the_default_class() -> None:
    limit = {"type": "PersistentVolumeClaim", "min": {"storage": "1Gi"}, "max": {"storage": "2Gi"}}
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"}
    plain = thing("StorageClass", "plain", "", "storage.k8s.io/v1", annotations=annotations)
    state = world(plain, thing("LimitRange", "l", spec={"limits": [limit]}))
    small, right = (
        {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}} for size in ("1Mi", "1024Mi")
    )
    assert refusal(state, thing("PersistentVolumeClaim", "d", spec=small)) == (
        403,
        'persistentvolumeclaims "d" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi',
    )
    stored = create(state, thing("PersistentVolumeClaim", "d", spec=right))
    assert isinstance(stored, PersistentVolumeClaim)
    assert (stored.spec.storage_class_name, stored.metadata.finalizers) == ("plain", ("kubernetes.io/pvc-protection",))
    assert stored.spec.resources.requests == {"storage": "1Gi"}


def test_accounts_classes_and_namespaces_that_are_missing() -> None:
    state = world()
    assert refusal(state, pod(serviceAccountName="robot")) == (
        403,
        'pods "x" is forbidden: error looking up service account shop/robot: serviceaccount "robot" not found',
    )
    assert refusal(state, pod(priorityClassName="high")) == (
        403,
        'pods "x" is forbidden: no PriorityClass with name high was found',
    )
    assert refusal(state, thing("ConfigMap", "m", "elsewhere")) == (404, 'namespaces "elsewhere" not found')
    state.put(from_mapping(thing("Namespace", "old", "", status={"phase": "Terminating"})))
    assert refusal(state, thing("ConfigMap", "m", "old")) == (
        403,
        'configmaps "m" is forbidden: unable to create new content in namespace old because it is being terminated',
    )


def test_what_was_not_read_is_not_missing() -> None:
    state = State({})
    stored = create_pod(state, pod(serviceAccountName="robot", priorityClassName="high"))
    assert (stored.spec.service_account_name, stored.spec.priority) == ("robot", None)


def test_a_name_that_is_still_to_be_generated_is_its_prefix_until_the_strategy_has_run() -> None:
    item = pod("web-abcde", serviceAccountName="robot")
    item["metadata"]["generateName"] = "web-"
    assert refusal(world(), item)[1].startswith('pods "web-" is forbidden: error looking up')
    item["spec"].pop("serviceAccountName")
    assert refusal(world(quota("q", {"pods": "0"})), item)[1].startswith('pods "web-abcde" is forbidden: exceeded')


def test_restricted_lists_every_breach() -> None:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    assert refusal(world(labels=labels), pod()) == (
        403,
        (
            'pods "x" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), '
            'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), '
            'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
        ),
    )
    template = {"metadata": {"labels": {"app": "d"}}, "spec": pod()["spec"]}
    spec = {"selector": {"matchLabels": {"app": "d"}}, "template": template}
    stored = create(world(labels=labels), thing("Deployment", "d", version="apps/v1", spec=spec))
    assert isinstance(stored, Deployment)


def test_a_namespace_needs_labels_that_mean_something() -> None:
    item = thing("Namespace", "n", "", labels={"pod-security.kubernetes.io/enforce": "strict"})
    assert refusal(world(), item) == (
        422,
        'Namespace "n" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted',
    )
    stored = create(world(), thing("Namespace", "n", ""))
    assert isinstance(stored, Namespace)
    assert (stored.labels, stored.status.phase) == ({"kubernetes.io/metadata.name": "n"}, "Active")


def test_an_update_keeps_status_and_counts_generations() -> None:
    state = world()
    before = create_pod(state, pod())
    wanted = from_mapping(pod())
    assert isinstance(wanted, Pod)
    with pytest.raises(RejectedError) as found:
        admit(state, from_mapping(pod(hostname="other")), before)
    assert found.value.message.startswith('Pod "x" is invalid: spec: Forbidden: pod updates may not change fields')


def test_a_webhook_that_nobody_answers() -> None:
    hook = {
        "name": "check.example.com",
        "failurePolicy": "Fail",
        "timeoutSeconds": 5,
        "clientConfig": {"service": {"name": "checker", "namespace": "tools", "path": "/check"}},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
    }
    configuration = thing("ValidatingWebhookConfiguration", "w", "", "admissionregistration.k8s.io/v1", webhooks=[hook])
    state = world(configuration)
    head = 'Internal error occurred: failed calling webhook "check.example.com": failed to call webhook: Post "https://checker.tools.svc:443/check?timeout=5s": '
    assert refusal(state, pod()) == (500, f'{head}service "checker" not found')
    state.put(from_mapping(thing("Service", "checker", "tools", spec={"selector": {"app": "checker"}})))
    assert refusal(state, pod()) == (500, f'{head}no endpoints available for service "checker"')
    create(state, thing("ConfigMap", "m"))
    hook["failurePolicy"] = "Ignore"
    create(world(configuration), pod())


def test_quantities_that_are_none() -> None:
    assert refusal(world(), pod(requests={"cpu": "lots"}))[0] == 400
