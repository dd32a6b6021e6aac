"""What a RuntimeClass gives to new pods, and which pods it refuses."""

from __future__ import annotations

import pytest

from seakeep.twin.state import State
from tests.twin.admission.builders import Object, create_pod, pod, quota, refusal, thing, world

SCHEDULING: Object = {
    "nodeSelector": {"sandbox": "yes"},
    "tolerations": [
        {"key": "sandbox", "operator": "Exists"},
        {"key": "sandbox", "operator": "Equal", "value": "yes", "effect": "NoSchedule"},
    ],
}
REJECTED = 'pods "x" is forbidden: '


def kata() -> Object:
    overhead = {"podFixed": {"cpu": "250m"}}
    return thing("RuntimeClass", "kata", "", "node.k8s.io/v1", handler="kata", overhead=overhead, scheduling=SCHEDULING)


def test_a_pod_gets_the_overhead_the_selector_and_the_tolerations() -> None:
    own = {"key": "sandbox", "operator": "Equal", "value": "no", "effect": "NoSchedule"}
    stored = create_pod(world(kata()), pod(runtimeClassName="kata", nodeSelector={"disk": "ssd"}, tolerations=[own]))
    assert stored.spec.overhead == {"cpu": "250m"}
    assert stored.spec.node_selector == {"disk": "ssd", "sandbox": "yes"}
    # What the class tolerates of any value covers the pod's own.
    assert [item.key for item in stored.spec.tolerations] == [
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
        "sandbox",
    ]


def test_the_overhead_counts_in_quotas() -> None:
    state = world(kata(), quota("q", {"requests.cpu": "300m"}))
    assert "requested: requests.cpu=350m" in refusal(state, pod(requests={"cpu": "100m"}, runtimeClassName="kata"))[1]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"runtimeClassName": "gvisor"}, 'pod rejected: RuntimeClass "gvisor" not found'),
        (
            {"runtimeClassName": "kata", "overhead": {"cpu": "1"}},
            "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
        ),
        (
            {"overhead": {"cpu": "1"}},
            "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead",
        ),
        (
            {"runtimeClassName": "kata", "nodeSelector": {"sandbox": "no"}},
            "conflict: runtimeClass.scheduling.nodeSelector[sandbox] = yes; pod.spec.nodeSelector[sandbox] = no",
        ),
    ],
)
def test_pods_that_contradict_are_refused(spec: Object, message: str) -> None:
    assert refusal(world(kata()), pod(**spec)) == (403, REJECTED + message)


def test_the_same_overhead_in_other_words_is_the_same() -> None:
    stored = create_pod(world(kata()), pod(runtimeClassName="kata", overhead={"cpu": "0.25"}))
    assert stored.spec.overhead == {"cpu": "250m"}


def test_a_class_that_was_not_read_leaves_the_pod_as_it_is() -> None:
    stored = create_pod(State({}), pod(runtimeClassName="gvisor", overhead={"cpu": "1"}))
    assert stored.spec.overhead == {"cpu": "1"}
