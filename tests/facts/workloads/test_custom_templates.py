"""The pod templates inside custom resources: where they stand, and how many pods each is said to have."""

from __future__ import annotations

from typing import Any

import pytest

from seakeep.facts.index import Index
from seakeep.facts.workloads.custom_templates import custom_templates
from seakeep.facts.workloads.templates import known_templates
from seakeep.testing.cases import snapshot_of

POD = {"spec": {"containers": [{"name": "a", "image": "a:1"}]}}


def _found(api: str, kind: str, spec: Any, *, manifests: bool = True) -> list[tuple[str, int | None]]:
    item = {"apiVersion": f"{api}/v1", "kind": kind, "metadata": {"name": "x"}, "spec": spec}
    index = Index(snapshot_of({"objects": [item], "manifests": manifests}))
    return [(part.path, part.copies) for part in custom_templates(index)]


@pytest.mark.parametrize(
    ("api", "kind", "spec", "expected"),
    [
        ("ray.io", "RayCluster", {"headGroupSpec": {"template": POD}, "workerGroupSpecs": [{"groupName": "w", "replicas": 3, "template": POD}]}, [("spec.headGroupSpec.template.spec", 1), ("spec.workerGroupSpecs[w].template.spec", 3)]),
        ("ray.io", "RayJob", {"rayClusterSpec": {"headGroupSpec": {"template": POD}}}, [("spec.rayClusterSpec.headGroupSpec.template.spec", 1)]),
        ("flink.apache.org", "FlinkDeployment", {"podTemplate": POD, "taskManager": {"podTemplate": POD}}, [("spec.podTemplate.spec", None), ("spec.taskManager.podTemplate.spec", None)]),
        ("sparkoperator.k8s.io", "ScheduledSparkApplication", {"template": {"driver": {}, "executor": {"instances": 2}}}, [("spec.template.driver", 1), ("spec.template.executor", 2)]),
        ("elasticsearch.k8s.elastic.co", "Elasticsearch", {"nodeSets": [{"name": "hot", "count": 3, "podTemplate": POD}]}, [("spec.nodeSets[hot].podTemplate.spec", 3)]),
        ("beat.k8s.elastic.co", "Beat", {"daemonSet": {"podTemplate": POD}}, [("spec.daemonSet.podTemplate.spec", None)]),
        ("agent.k8s.elastic.co", "Agent", {"deployment": {"replicas": 1, "podTemplate": POD}}, [("spec.deployment.podTemplate.spec", 1)]),
        ("packageregistry.k8s.elastic.co", "PackageRegistry", {"count": 2, "podTemplate": POD}, [("spec.podTemplate.spec", 2)]),
        ("kafka.strimzi.io", "Kafka", {"kafka": {"replicas": 3}}, [("spec.kafka", 3)]),
        ("postgresql.cnpg.io", "Cluster", {"instances": 2}, [("spec", 2)]),
        ("serving.knative.dev", "Service", {"template": POD}, [("spec.template.spec", None)]),
        ("keda.sh", "ScaledJob", {"jobTargetRef": {"template": POD}}, [("spec.jobTargetRef.template.spec", None)]),
        ("ray.io", "RayCluster", {"headGroupSpec": "none", "workerGroupSpecs": [1, {"template": {"spec": {"containers": 3}}}]}, []),
        ("example.com", "RayCluster", {"headGroupSpec": {"template": POD}}, []),
    ],
)  # fmt: skip
def test_where_templates_stand(api: str, kind: str, spec: Any, expected: list[tuple[str, int | None]]) -> None:
    assert _found(api, kind, spec) == expected


def test_where_pods_were_seen_they_tell_more() -> None:
    assert _found("ray.io", "RayCluster", {"headGroupSpec": {"template": POD}}, manifests=False) == []


def test_a_rollout_is_read_as_a_deployment() -> None:
    spec = {"replicas": 4, "selector": {"matchLabels": {"app": "x"}}, "template": {"metadata": {"labels": {"app": "x"}}, **POD}, "strategy": {"canary": {}}}  # fmt: skip
    item = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": {"name": "x"}, "spec": spec}
    (found,) = known_templates(Index(snapshot_of({"objects": [item], "manifests": True})))
    assert (found.ref.kind, found.wanted, dict(found.labels), found.full) == ("Rollout", 4, {"app": "x"}, True)
    assert known_templates(Index(snapshot_of({"objects": [item]}))) == ()
