"""Kinds as people write them."""

from __future__ import annotations

import pytest

from seakeep.facts.kind_names import kind_of


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Deployment", "Deployment"),
        ("deploy", "Deployment"),
        ("deployments", "Deployment"),
        ("deployment.apps", "Deployment"),
        ("deployments.v1.apps", "Deployment"),
        ("NetworkPolicies", "NetworkPolicy"),
        ("storageclasses", "StorageClass"),
        ("ingresses", "Ingress"),
        ("sts", "StatefulSet"),
        ("pdb", "PodDisruptionBudget"),
        ("Kafka", "Kafka"),
        ("kafkas.kafka.strimzi.io", "kafkas.kafka.strimzi.io"),
    ],
)
def test_a_kind_as_kubectl_takes_it(text: str, kind: str) -> None:
    assert kind_of(text) == kind
