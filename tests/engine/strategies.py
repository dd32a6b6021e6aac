"""Random platforms, small enough to reason about."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from seakeep.testing.cases import snapshot_of

READY = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
BROKEN = {
    "phase": "Running",
    "conditions": [{"type": "Ready", "status": "False"}],
    "containerStatuses": [
        {"name": "main", "ready": False, "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
    ],
}

# Replicas wished and replicas ready of each workload; images choose the profile and with it the criticality.
platforms = st.lists(
    st.tuples(
        st.sampled_from(["redis:7", "postgres:16", "grafana/grafana:11", "acme/job:1"]),
        st.integers(0, 4),
        st.integers(0, 4),
    ),
    min_size=1,
    max_size=6,
)


def deployment(name: str, image: str, replicas: int) -> dict[str, Any]:
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": image}]}},
        },
        "status": {"replicas": replicas},
    }


def pod(owner: str, number: int, image: str, *, ready: bool) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"{owner}-7d9c6b5f4-{number:05d}",
            "labels": {"app": owner},
            "ownerReferences": [
                {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"{owner}-7d9c6b5f4", "controller": True}
            ],
        },
        "spec": {"containers": [{"name": "main", "image": image}]},
        "status": READY if ready else BROKEN,
    }


def objects(shape: list[tuple[str, int, int]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number, (image, replicas, ready) in enumerate(shape):
        name = f"w{number}"
        found.append(deployment(name, image, replicas))
        found.append(
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {
                    "name": f"{name}-7d9c6b5f4",
                    "ownerReferences": [{"kind": "Deployment", "name": name, "controller": True}],
                },
            }
        )
        found += [pod(name, position, image, ready=position < ready) for position in range(replicas)]
    return found


def snapshot(found: list[dict[str, Any]]) -> Any:
    return snapshot_of({"name": "generated", "objects": found})
