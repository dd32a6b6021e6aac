"""Fields of workloads and of what stands beside them. The full words are held against the API server by tests/conformance/test_fields.py."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import (
    Deployment,
    Job,
    KubeObject,
    OwnerReference,
    PersistentVolumeClaim,
    ReplicaSet,
    Service,
    StatefulSet,
)
from seakeep.model.objects.storage import ClaimSpec
from seakeep.model.objects.workloads import RollingUpdate, Strategy
from seakeep.twin.admission.chain import admit
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.admission.rules.cron_schedules import fault
from seakeep.twin.state import State
from tests.twin.admission.builders import Object, create, pod, refusal, thing, world

LABELS = {"app": "x"}
OWNED = (OwnerReference(api_version="apps/v1", kind="Deployment", name="d", uid="u", controller=True),)
CLAIM: Object = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}
CLAIM["spec"]["resources"] = {"requests": {"storage": "1Gi"}}


def workload(kind: str = "Deployment", template: Object | None = None, **spec: Any) -> Object:
    own = {"metadata": {"labels": LABELS}, "spec": pod()["spec"] | (template or {})}
    return thing(kind, "x", version="apps/v1", spec={"selector": {"matchLabels": LABELS}, "template": own} | spec)


def container(**fields: Any) -> Object:
    return workload(template={"containers": [{"name": "c", "image": "i", **fields}]})


def job(**spec: Any) -> Object:
    template = {"spec": pod()["spec"] | {"restartPolicy": "Never"}}
    return thing("Job", "j", version="batch/v1", spec={"template": template} | spec)


def refused(state: State, new: KubeObject, old: KubeObject) -> str:
    with pytest.raises(RejectedError) as found:
        admit(state, new, old)
    assert found.value.code == 422
    return found.value.message


def changed(item: Object, **spec: Any) -> tuple[State, KubeObject, KubeObject]:
    """A world with the object, the object with other fields, and as it was."""
    state = world()
    old = create(state, item)
    return state, replace(old, spec=replace(old.spec, **spec)), old  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (
            workload(strategy={"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}),
            "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0",
        ),
        (
            workload("DaemonSet", updateStrategy={"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}),
            "spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0",
        ),
        (
            workload(strategy={"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}),
            "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
        ),
        (workload(minReadySeconds=600), "Invalid value: 600: must be greater than minReadySeconds"),
        (
            workload("StatefulSet", updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": -1}}),
            "spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0",
        ),
        (
            container(livenessProbe={"httpGet": {"port": 80}, "successThreshold": 2}),
            "spec.template.spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1",
        ),
        (container(env=[{"name": "a=b"}]), "printable ASCII characters other than '='"),
        (
            thing("PodDisruptionBudget", "b", version="policy/v1", spec={"minAvailable": 1, "maxUnavailable": 1}),
            "minAvailable and maxUnavailable cannot be both set",
        ),
        (
            thing(
                "HorizontalPodAutoscaler",
                "h",
                version="autoscaling/v2",
                spec={"scaleTargetRef": {"kind": "Deployment", "name": "x"}, "minReplicas": 5, "maxReplicas": 3},
            ),
            "spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`",
        ),
        (job(completionMode="Indexed"), None),
        (job(completionMode="Indexed", parallelism=2), "spec.completions: Required value: when completion mode is"),
        (thing("Service", "s", spec={}), 'Service "s" is invalid: spec.ports: Required value'),
        (
            thing("Service", "s", spec={"ports": [{"port": 80}, {"port": 81}]}),
            "[spec.ports[0].name: Required value, spec.ports[1].name: Required value]",
        ),
    ],
)
def test_what_is_wrong_from_the_start(item: Object, said: str | None) -> None:
    if said is None:
        create(world(), item)
        return
    code, message = refusal(world(), item)
    assert code == 422
    assert said in message


def test_a_selector_does_not_change() -> None:
    state, new, old = changed(workload())
    assert isinstance(new, Deployment)
    labels = LABELS | {"v": "2"}
    template = replace(new.spec.template, metadata=replace(new.spec.template.metadata, labels=labels))
    selector = replace(new.spec.selector, match_labels=labels)  # type: ignore[type-var]
    moved = replace(new, spec=replace(new.spec, selector=selector, template=template))
    assert refused(state, moved, old).endswith(
        'spec.selector: Invalid value: {"matchLabels":{"app":"x","v":"2"}}: field is immutable'
    )
    unknown = replace(old, spec=replace(new.spec, selector=None))
    assert admit(state, moved, unknown).name == "x"  # a table does not show what it selects


def test_a_template_that_is_no_longer_selected() -> None:
    state, new, old = changed(workload())
    assert isinstance(new, Deployment)
    assert isinstance(old, Deployment)
    other = replace(new.spec.template, metadata=replace(new.spec.template.metadata, labels={"app": "y"}))
    lost = replace(new, spec=replace(new.spec, template=other))
    assert "`selector` does not match template `labels`" in refused(state, lost, old)
    assert admit(state, replace(lost, spec=replace(lost.spec, replicas=3)), lost).name == "x"  # nor did it before


def test_claims_of_a_stateful_set_are_mounted_and_stay_as_they_are() -> None:
    mounts = [{"name": "data", "mountPath": "/data"}]
    own = {"containers": [{"name": "c", "image": "i", "volumeMounts": mounts}]}
    item = workload("StatefulSet", own, serviceName="x", volumeClaimTemplates=[CLAIM])
    state, new, old = changed(item, service_name="y", pod_management_policy="Parallel")
    assert refused(state, new, old).endswith(
        '[spec.serviceName: Invalid value: "y": field is immutable, spec.podManagementPolicy: Invalid value: "Parallel": field is immutable]'
    )
    assert isinstance(old, StatefulSet)
    claim = old.spec.volume_claim_templates[0]
    block = replace(claim, spec=replace(claim.spec, volume_mode="Block"))
    grown = replace(old, spec=replace(old.spec, volume_claim_templates=(block,)))
    assert "spec.volumeClaimTemplates: Invalid value: […]: field is immutable" in refused(state, grown, old)
    bare = replace(
        old.spec.template.spec, containers=(replace(old.spec.template.spec.containers[0], image_pull_policy=""),)
    )
    template = replace(old.spec.template, spec=bare)
    partly = replace(old, spec=replace(old.spec, template=template, service_name="", volume_claim_templates=()))
    assert admit(state, grown, partly).name == "x"  # what left out the pull policy may have left out these


def test_a_job_is_made_anew_unless_it_has_not_started() -> None:
    state, new, old = changed(job(completions=2))
    assert isinstance(new, Job)
    pods = new.spec.template.spec
    other = replace(pods, containers=(replace(pods.containers[0], image="other"),))
    moved = replace(new, spec=replace(new.spec, template=replace(new.spec.template, spec=other)))
    assert "spec.template: Invalid value: {…}: field is immutable" in refused(state, moved, old)
    assert "spec.completions: Invalid value: 3: field" in refused(
        state, replace(new, spec=replace(new.spec, completions=3)), old
    )
    assert admit(state, replace(new, spec=replace(new.spec, parallelism=3, backoff_limit=1)), old).name == "j"
    placed = replace(pods, node_selector={"zone": "a"})
    placed_job = replace(new, spec=replace(new.spec, template=replace(new.spec.template, spec=placed)))
    assert "spec.template" in refused(state, placed_job, old)
    waiting = replace(new, spec=replace(new.spec, suspend=True))
    assert admit(state, replace(placed_job, spec=replace(placed_job.spec, suspend=True)), waiting).name == "j"


def test_a_budget_may_select_others() -> None:
    item = thing("PodDisruptionBudget", "b", version="policy/v1", spec={"minAvailable": 1, "selector": {}})
    state, new, old = changed(item, selector=None)
    assert admit(state, new, old).name == "b"


def test_the_address_of_a_service_stays_until_it_needs_none() -> None:
    item = thing("Service", "s", spec={"ports": [{"port": 80}], "clusterIP": "10.96.0.7"})
    state, new, old = changed(item, cluster_ip="10.96.0.8")
    assert 'spec.clusterIPs[0]: Invalid value: ["10.96.0.8"]: may not change once set' in refused(state, new, old)
    assert isinstance(old, Service)
    external = replace(old, spec=replace(old.spec, type="ExternalName", external_name="example.com"))
    stored = admit(state, external, old)
    assert isinstance(stored, Service)
    assert stored.spec.cluster_ip == ""


def test_what_was_wrong_before_is_no_hindrance() -> None:
    """The API server that stored it had its reasons, or the source shows only parts of it."""
    state, new, old = changed(
        workload(), strategy=Strategy(rolling_update=RollingUpdate(max_surge=0, max_unavailable=0))
    )
    assert "may not be 0" in refused(state, new, old)
    assert isinstance(new, Deployment)
    assert admit(state, replace(new, spec=replace(new.spec, replicas=4)), new).name == "x"


def test_what_a_source_leaves_out_is_no_change() -> None:
    """Neither defaults of a pod that was described, nor the containers of a workload's row."""
    state = world()
    shown = from_mapping(thing("Pod", "p", spec={"containers": [{"name": "c", "image": "i"}]}))
    labelled = replace(shown, metadata=replace(shown.metadata, labels={"a": "b"}))
    assert admit(state, labelled, shown).labels == {"a": "b"}
    row = ReplicaSet(api_version="apps/v1", metadata=replace(shown.metadata, owner_references=OWNED))
    assert admit(state, replace(row, spec=replace(row.spec, replicas=2)), row).name == "p"


def test_a_claim_that_a_controller_makes_may_lack_what_its_source_lacked() -> None:
    shown = {"metadata": {"name": "data"}, "spec": {}}
    state = world(workload("StatefulSet", serviceName="x", volumeClaimTemplates=[shown]))
    claim = PersistentVolumeClaim(spec=ClaimSpec(storage_class_name=""))
    named = replace(claim, api_version="v1", metadata=replace(claim.metadata, name="data-x-0", namespace="shop"))
    assert admit(state, named, None).name == "data-x-0"
    other = thing("PersistentVolumeClaim", "data-x-y", spec={})
    assert refusal(state, other)[1].endswith(
        "[spec.accessModes: Required value: at least 1 access mode is required, spec.resources[storage]: Required value]"
    )
    odd = thing("PersistentVolumeClaim", "e", spec=CLAIM["spec"] | {"accessModes": ["Often"]})
    assert 'accessModes: Unsupported value: "Often"' in refusal(state, odd)[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
        ("60 * * * *", "end of range (60) above maximum (59): 60"),
        ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
        ("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"),
        ("*/0 * * * *", "step of range should be a positive number: */0"),
        ("x * * * *", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'),
        ("@noon", "unrecognized descriptor: @noon"),
        ("*/15 0-12/3 ? JAN-DEC Mon", ""),
        ("@every 1h30m", ""),
        ("TZ=UTC 0 0 * * *", ""),
    ],
)
def test_schedules(text: str, said: str) -> None:
    assert fault(text) == said


def test_what_is_decoded_is_what_is_judged() -> None:
    """A source of a variable or a backend that the model does not keep is not missing."""
    create(
        world(),
        container(env=[{"name": "A", "valueFrom": {"fileKeyRef": {"path": "p", "volumeName": "v", "key": "k"}}}]),
    )
    backend = {"resource": {"kind": "Bucket", "name": "b", "apiGroup": "example.com"}}
    rules = [{"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]
    found = from_mapping(thing("Ingress", "i", version="networking.k8s.io/v1", spec={"rules": rules}))
    assert admit(world(), found, None).name == "i"


@pytest.mark.parametrize(
    "item",
    [
        thing("CronJob", "c", version="batch/v1", spec={"schedule": f"{'9' * 9999} * * * *"}),
        workload(strategy={"rollingUpdate": {"maxSurge": 0, "maxUnavailable": f"{'9' * 9999}%"}}),
        thing(
            "LimitRange",
            "l",
            spec={
                "limits": [
                    {
                        "type": "Container",
                        "min": {"cpu": "1n"},
                        "max": {"cpu": "1e400"},
                        "maxLimitRequestRatio": {"cpu": "1e600"},
                    }
                ]
            },
        ),
        thing(
            "HorizontalPodAutoscaler",
            "h",
            version="autoscaling/v2",
            spec={
                "maxReplicas": 0,
                "minReplicas": 0,
                "metrics": [{"type": []}],
                "behavior": {"scaleUp": {"policies": [1, {"type": {}}]}},
            },
        ),
    ],
)
def test_figures_beyond_all_bounds_are_refused(item: Object) -> None:
    assert refusal(world(), item)[0] == 422
