"""What a refusal means for the machine: bodies as kube-apiserver 1.37 sends them."""

from __future__ import annotations

from typing import Any

import pytest

from seakeep.adapters.kube.refusal import refusal
from seakeep.model.commands import Why

_CONFLICT = {
    "reason": "Conflict",
    "message": 'Apply failed with 1 conflict: conflict with "kubectl-edit" using apps/v1: .spec.replicas',
    "details": {
        "causes": [
            {
                "reason": "FieldManagerConflict",
                "message": 'conflict with "kubectl-edit" using apps/v1',
                "field": ".spec.replicas",
            }
        ]
    },
}


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (409, _CONFLICT, Why.CONFLICT),
        (409, {"reason": "AlreadyExists", "message": 'configmaps "a" already exists'}, Why.MOVED),
        (409, {"reason": "Conflict", "message": "the object has been modified"}, Why.MOVED),
        (403, {"message": 'deployments.apps "a" is forbidden: User "u" cannot patch resource'}, Why.FORBIDDEN),
        (403, {"message": 'pods "a" is forbidden: exceeded quota: q'}, Why.REJECTED),
        (403, {"message": 'configmaps "a" is forbidden: because it is being terminated'}, Why.REJECTED),
        (404, {"message": 'namespaces "n" not found'}, Why.GONE),
        (422, {"message": "the server rejected our request due to an error in our request"}, Why.MOVED),
        (422, {"message": 'Deployment.apps "a" is invalid: spec.replicas: must be greater than 0'}, Why.REJECTED),
        (400, {"message": 'admission webhook "w" denied the request: no'}, Why.REJECTED),
        (401, {"message": "Unauthorized"}, Why.UNAUTHORIZED),
        (410, {"message": "too old resource version"}, Why.SERVER),
        (429, {"message": "too many requests"}, Why.BUSY),
        (500, {"message": "etcdserver: request timed out"}, Why.SERVER),
        (503, {}, Why.SERVER),
    ],
)
def test_why(status: int, body: dict[str, Any], why: Why) -> None:
    found = refusal(status, {"Retry-After": "7"}, body)
    assert found.why is why
    assert found.message
    if why in {Why.BUSY, Why.SERVER}:
        assert found.after == 7.0


def test_a_conflict_names_fields_and_managers() -> None:
    found = refusal(409, {}, _CONFLICT)
    assert (found.message, found.managers) == ("spec.replicas", ("kubectl-edit",))


def test_a_secret_in_a_message_is_masked() -> None:
    found = refusal(422, {}, {"message": "invalid value: postgresql://app:hunter2secret@db:5432/x"})
    assert "hunter2secret" not in found.message
