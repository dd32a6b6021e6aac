"""Names, labels, ports and policies in forms that the API server does not take. The full words are held against it by tests/conformance/test_required.py."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import OwnerReference
from seakeep.twin.admission.chain import admit
from seakeep.twin.admission.rejected import RejectedError
from tests.twin.admission.builders import Object, create, pod, refusal, thing, world

LABEL = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"


def template(**spec: Any) -> Object:
    return {"metadata": {"labels": {"app": "x"}}, "spec": pod()["spec"] | spec}


def deployment(**spec: Any) -> Object:
    selector = {"matchLabels": {"app": "x"}}
    return thing("Deployment", "x", version="apps/v1", spec={"selector": selector, "template": template(**spec)})


def job(**spec: Any) -> Object:
    return thing("Job", "j", version="batch/v1", spec={"template": template(**spec)})


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (thing("Namespace", "Shop", ""), f'Namespace "Shop" is invalid: metadata.name: Invalid value: "Shop": {LABEL}'),
        (thing("Service", "a.b", spec={"ports": [{"port": 80}]}), 'Service "a.b" is invalid: metadata.name: Invalid value: "a.b": must not contain dots'),
        (thing("ConfigMap", "A"), 'metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain must consist'),
        (thing("ConfigMap", "a", labels={"x": "y" * 64}), "must be no more than 63 bytes"),
        (thing("ConfigMap", "a", labels={"x": "a b"}), 'metadata.labels: Invalid value: "a b": a valid label must be'),
        (thing("ConfigMap", "a", labels={"a/b/c": ""}), "a valid label key must consist of"),
        (thing("ConfigMap", "a", labels={"/c": ""}), 'metadata.labels: Invalid value: "/c": prefix part must be non-empty'),
        (deployment(restartPolicy="Never"), 'restartPolicy: Unsupported value: "Never": supported values: "Always"'),
        (job(), 'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'),
    ],
)  # fmt: skip
def test_forms_that_are_refused(item: Object, said: str) -> None:
    code, message = refusal(world(), item)
    assert code == 422
    assert said in message


def test_forms_that_are_taken() -> None:
    state = world()
    labels = {"app.kubernetes.io/name": "A_b.c-1", "empty": ""}
    for item in (
        thing("ConfigMap", "a.b-1", labels=labels),
        thing("Service", "1-number", spec={"ports": [{"port": 80}]}),
        job(restartPolicy="Never"),
    ):
        create(state, item)


def test_containers_of_one_name_and_ports_of_no_number() -> None:
    main = {"name": "c", "image": "i", "ports": [{"containerPort": 70000, "name": "web"}, {"name": "web"}]}
    assert refusal(world(), thing("Pod", "x", spec={"containers": [main, {"name": "c", "image": "i"}]}))[1] == (
        'Pod "x" is invalid: [spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive, '
        'spec.containers[0].ports[1].name: Duplicate value: "web", spec.containers[0].ports[1].containerPort: Required value, '
        'spec.containers[1].name: Duplicate value: "c"]'
    )


def test_volumes_of_a_wrong_name_or_of_the_same_one_and_what_mounts_them() -> None:
    names: tuple[Object, ...] = ({"name": "redis_data"}, {"name": "ok"}, {"name": "ok"}, {}, {"name": "a.b"})
    item = deployment(
        volumes=[{**name, "emptyDir": {}} for name in names],
        containers=[
            {
                "name": "c",
                "image": "redis:7",
                "volumeMounts": [{"name": name, "mountPath": f"/{name}"} for name in ("redis_data", "ok", "a.b")],
            }
        ],
    )
    _, message = refusal(world(), item)
    volumes, mounts = "spec.template.spec.volumes", "spec.template.spec.containers[0].volumeMounts"
    assert f'{volumes}[0].name: Invalid value: "redis_data": {LABEL}' in message
    assert f'{volumes}[2].name: Duplicate value: "ok", {volumes}[3].name: Required value' in message
    assert f'{volumes}[4].name: Invalid value: "a.b": must not contain dots, {mounts}[0].name: Not found' in message
    assert message.endswith(f'{mounts}[2].name: Not found: "a.b"]')


def test_fewer_replicas_than_none() -> None:
    item = thing("Deployment", "x", version="apps/v1", spec=deployment()["spec"] | {"replicas": -1})
    said = 'Deployment.apps "x" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0'
    assert refusal(world(), item) == (422, said)


def test_what_a_controller_makes_was_validated_with_its_template() -> None:
    owner = OwnerReference(api_version="batch/v1", kind="CronJob", name="c", uid="u", controller=True)
    item = from_mapping(job())
    with pytest.raises(RejectedError):
        admit(world(), item, None)
    owned = replace(item, metadata=replace(item.metadata, owner_references=(owner,)))
    assert admit(world(), owned, None).name == "j"


def test_a_change_is_asked_for_what_it_changes() -> None:
    """A label that was there in a form of old stays, and a new one has to be right."""
    state = world()
    old = create(state, thing("ConfigMap", "a"))
    odd = replace(old, metadata=replace(old.metadata, labels={"x": "a b"}))
    assert admit(state, odd, odd).labels == {"x": "a b"}
    with pytest.raises(RejectedError):
        admit(state, odd, old)
