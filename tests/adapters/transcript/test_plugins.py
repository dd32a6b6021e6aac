"""What operators' plugins print."""

from __future__ import annotations

import pytest

from seakeep.adapters.transcript import read_transcript
from seakeep.model.objects.base import Unstructured

SUMMARY = "Cluster Summary\nName                 {name}\nPrimary instance:    till-2\nStatus:              {status} \nInstances:           3\n\nInstances status\nName    Status\n----    ------\ntill-1  OK\n"


@pytest.mark.parametrize(
    ("name", "command", "namespace"),
    [
        ("shop/till", "kubectl cnpg status till -n other", "shop"),
        ("till", "kubectl-cnpg status till", "default"),
        ("till", "kubectl cnpg status till -n shop", "shop"),
    ],
)
def test_a_cluster_and_its_phase(name: str, command: str, namespace: str) -> None:
    printed = SUMMARY.format(name=name, status="Cluster in healthy state")
    pods = "$ kubectl get pods\nNAME     READY   STATUS    RESTARTS   AGE\ntill-1   1/1     Running   0          9m\n"
    (cluster,) = read_transcript(f"$ {command}\n{printed}{pods}", "test").of_kind("Cluster")
    assert isinstance(cluster, Unstructured)
    assert (cluster.namespace, cluster.name, cluster.status) == (
        namespace,
        "till",
        {"phase": "Cluster in healthy state"},
    )


def test_without_a_summary_there_is_none() -> None:
    printed = 'Error: clusters.postgresql.cnpg.io "till" not found\n'
    pods = "$ kubectl get pods\nNAME     READY   STATUS    RESTARTS   AGE\ntill-1   1/1     Running   0          9m\n"
    assert not list(read_transcript(f"$ kubectl cnpg status till\n{printed}{pods}", "test").of_kind("Cluster"))
