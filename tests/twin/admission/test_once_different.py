"""What the API server once did differently on generated requests (tests/conformance/test_admission.py)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import CronJob, Job, PersistentVolumeClaim, StatefulSet
from seakeep.model.objects.pods import Resources
from seakeep.twin.admission.chain import admit
from seakeep.twin.admission.rejected import RejectedError
from tests.twin.admission.builders import Object, create, create_pod, pod, refusal, thing, world


def template(**spec: object) -> Object:
    return {"metadata": {"labels": {"app": "made"}}, "spec": pod()["spec"] | spec}


def test_a_job_without_labels_shares_those_of_its_template() -> None:
    item = thing("Job", "j", version="batch/v1", spec={"template": template(restartPolicy="Never")})
    item["metadata"]["uid"] = "u"
    stored = create(world(), item)
    assert isinstance(stored, Job)
    own = {"app": "made", "controller-uid": "u", "job-name": "j"}
    own |= {f"batch.kubernetes.io/{name}": own[name] for name in ("controller-uid", "job-name")}
    assert stored.labels == stored.spec.template.metadata.labels == own
    assert stored.spec.selector is not None
    assert stored.spec.selector.match_labels == {"batch.kubernetes.io/controller-uid": "u"}
    item["metadata"]["labels"] = {"app": "made"}
    assert create(world(), item).labels == {"app": "made"}


def test_a_stateful_set_says_what_becomes_of_its_claims() -> None:
    size = {"requests": {"storage": "1024Mi"}}
    claim = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": size}}
    selector = {"matchExpressions": [{"key": "none", "operator": "DoesNotExist"}]}
    spec = {"selector": selector, "template": template(), "volumeClaimTemplates": [claim]}
    stored = create(world(), thing("StatefulSet", "s", version="apps/v1", spec=spec))
    assert isinstance(stored, StatefulSet)
    retention = stored.spec.persistent_volume_claim_retention_policy
    assert retention is not None
    assert (retention.when_deleted, retention.when_scaled) == ("Retain", "Retain")
    made = stored.spec.volume_claim_templates[0]
    assert (made.api_version, made.status.phase, made.spec.resources.requests) == ("v1", "Pending", {"storage": "1Gi"})


def test_apparmor_annotations_become_fields() -> None:
    item = pod()
    item["metadata"]["annotations"] = {"container.apparmor.security.beta.kubernetes.io/c": "unconfined"}
    context = create_pod(world(), item).spec.containers[0].security_context
    assert context is not None
    assert context.app_armor_profile == {"type": "Unconfined"}
    labels = {"pod-security.kubernetes.io/enforce": "baseline"}
    assert refusal(world(labels=labels), item)[1].endswith(
        'forbidden AppArmor profiles (container "c" and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io/c="unconfined"")'
    )


def test_templates_are_validated_at_their_place() -> None:
    bad = pod(requests={"cpu": "1"}, limits={"cpu": "500m"})["spec"]
    job = {"template": {"metadata": {}, "spec": bad | {"restartPolicy": "Never"}}}
    spec = {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": job}}
    assert refusal(world(), thing("CronJob", "c", version="batch/v1", spec=spec)) == (
        422,
        'CronJob.batch "c" is invalid: spec.jobTemplate.spec.template.spec.containers[0].resources.requests: Invalid value: "1": must be less than or equal to cpu limit of 500m',
    )
    good = {"template": template(restartPolicy="Never")}
    stored = create(world(), thing("CronJob", "c", version="batch/v1", spec=spec | {"jobTemplate": {"spec": good}}))
    assert isinstance(stored, CronJob)
    assert (stored.spec.successful_jobs_history_limit, stored.spec.failed_jobs_history_limit) == (3, 1)


def test_only_bound_claims_grow() -> None:
    gold = thing("StorageClass", "gold", "", "storage.k8s.io/v1", provisioner="p", allowVolumeExpansion=True)
    state = world(gold)
    spec = {"storageClassName": "gold", "accessModes": ["ReadWriteOnce"], "resources": _storage("1Gi")}
    item = thing("PersistentVolumeClaim", "d", spec=spec)
    before = create(state, item)
    assert isinstance(before, PersistentVolumeClaim)
    more = replace(before, spec=replace(before.spec, resources=_resources("2Gi")))
    with pytest.raises(RejectedError) as found:
        admit(state, more, before)
    assert found.value.message.endswith(
        "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
    )
    bound = replace(before, status=replace(before.status, phase="Bound", capacity={"storage": "1Gi"}))
    grown = admit(state, more, bound)
    assert isinstance(grown, PersistentVolumeClaim)
    assert grown.spec.resources.requests == {"storage": "2Gi"}
    with pytest.raises(RejectedError) as found:
        admit(state, replace(more, spec=replace(more.spec, resources=_resources("512Mi"))), bound)
    assert "field can not be less than status.capacity" in found.value.message


def _storage(size: str) -> Object:
    return {"requests": {"storage": size}}


def _resources(size: str) -> Resources:
    claim = from_mapping(thing("PersistentVolumeClaim", "d", spec={"resources": _storage(size)}))
    assert isinstance(claim, PersistentVolumeClaim)
    return claim.spec.resources


def test_a_user_namespace_shares_no_namespace_of_the_host() -> None:
    code, message = refusal(world(), pod(hostUsers=False, hostNetwork=True, hostPID=True))
    assert code == 422
    assert "spec.hostNetwork: Forbidden: when `hostUsers` is false" in message
    assert "spec.HostPID: Forbidden: when `hostUsers` is false" in message
