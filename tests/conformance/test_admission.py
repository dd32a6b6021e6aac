"""The twin's admission against the API server's, on generated requests. `make conformance` plays many more."""

from __future__ import annotations

import os
import time

import pytest

from seakeep.adapters.decode import from_mapping
from seakeep.testing.testbed import ControlPlane
from seakeep.testing.testbed.api import ApiError
from seakeep.twin.admission.chain import admit
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.state import State
from tests.conformance.admission_cases import CLASSES, GLOBAL_DEFAULT, RUNTIMES, Object
from tests.conformance.admission_play import Played, play
from tests.conformance.fidelity import record

pytestmark = pytest.mark.engine("kubernetes")
# Eight requests a case, more or less: 900 by default.
CASES = int(os.environ.get("SEAKEEP_CONFORMANCE_CASES", "1200")) // 10
# Cases that once differed.
KEPT = (0, 3, 10, 12, 13, 14, 21, 22, 25, 149, 171, 212, 243, 278, 281, 296, 311, 347, 402, 406, 416, 438, 445, 632)
# What the generator must have made the API server say, so that agreement means something.
WORDS = (
    "exceeded quota",
    "failed quota",
    "violates PodSecurity",
    "minimum",
    "maximum",
    "max limit to request ratio",
    "service account",
    "no PriorityClass",
    "RuntimeClass",
    "must not be provided in pod spec",
    "must be less than or equal to",
    "pod updates may not",
)


def _record(cases: int, found: Played, since: float) -> None:
    record(
        "admission",
        cases=cases,
        compared={"decisions": found.requests, "stored objects": found.accepted, "quota statuses": found.quotas},
        differences={**found.known, "": len(found.differences)},
        seconds=time.monotonic() - since,
        what="sequences of about eight requests to the API server in a namespace with LimitRanges, quotas, security levels and accounts: accepted or refused, the code and text of a refusal, "
        "each object as stored, what quotas count",
    )


def test_agrees_with_the_api_server(control_plane: ControlPlane) -> None:
    control_plane.api.apply((*CLASSES, *RUNTIMES))
    start = time.monotonic()
    kept = play(control_plane, KEPT, "kept")
    _record(len(KEPT), kept, start)
    assert kept.differences == []
    start = time.monotonic()
    found = play(control_plane, range(100, 100 + CASES), "admission")
    _record(CASES, found, start)
    assert found.differences[:5] == []
    assert found.accepted > 3 * CASES
    assert found.refused > 2 * CASES
    assert [word for word in WORDS if not found.words[word]] == []


def test_agrees_with_a_global_default_priority(control_plane: ControlPlane) -> None:
    control_plane.api.apply((*CLASSES, *RUNTIMES, GLOBAL_DEFAULT))
    start = time.monotonic()
    try:
        found = play(control_plane, range(50_000, 50_000 + CASES // 8), "usual")
    finally:
        control_plane.api.delete("scheduling.k8s.io/v1", "PriorityClass", GLOBAL_DEFAULT["metadata"]["name"])
    _record(CASES // 8, found, start)
    assert found.differences[:5] == []
    assert found.accepted > 0


def test_a_webhook_without_its_service(control_plane: ControlPlane) -> None:
    """The message of the API server, and who is spared by the selectors."""
    api, name = control_plane.api, "unanswered"
    label = {"kubernetes.io/metadata.name": name}
    hook = {
        "name": "check.example.com",
        "clientConfig": {"service": {"name": "checker", "namespace": name, "path": "/check"}},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}],
        "namespaceSelector": {"matchLabels": label},
        "objectSelector": {"matchLabels": {"checked": "yes"}},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "timeoutSeconds": 7,
    }
    group = "admissionregistration.k8s.io/v1"
    namespace: Object = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    configuration = {"apiVersion": group, "kind": "ValidatingWebhookConfiguration", "metadata": {"name": name}}
    stored = api.apply([namespace, configuration | {"webhooks": [hook]}])
    state = State({}, lambda _: True)
    for item in stored:
        state.put(from_mapping(item))
    wanted: Object = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m", "namespace": name}}
    labelled = wanted | {"metadata": wanted["metadata"] | {"labels": {"checked": "yes"}}}

    def refused() -> ApiError | None:
        try:
            api.request("POST", f"/api/v1/namespaces/{name}/configmaps?dryRun=All", labelled)
        except ApiError as error:
            return error
        return None

    try:
        real = control_plane.wait_for("refusal by the webhook", refused)
        api.request("POST", f"/api/v1/namespaces/{name}/configmaps?dryRun=All", wanted)
    finally:
        api.delete(group, "ValidatingWebhookConfiguration", name)
    with pytest.raises(RejectedError) as twin:
        admit(state, from_mapping(labelled), None)
    assert (twin.value.code, twin.value.message) == (real.status, real.server_message)
    assert admit(state, from_mapping(wanted), None).name == "m"
