"""The same scenario on the twin and on real Kubernetes: refusals, pods without a place and ready pods are the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from seakeep.adapters.scenario_file import read_scenario
from seakeep.app.demo import demo_intent, demo_snapshot
from seakeep.app.real_engine import EngineMissingError, load
from seakeep.app.rehearse import rehearse
from seakeep.model.comparison import Comparison
from seakeep.model.platform import Intent
from seakeep.model.rehearsal import Rehearsal
from seakeep.model.scenario import Scenario, Step
from seakeep.model.snapshot import Snapshot
from seakeep.render.rehearsal.forms import render_rehearsal
from seakeep.testing.engines import is_required, missing
from seakeep.testing.testbed import build
from tests.twin.builders import START, Object, node
from tests.twin.platforms import ZONE, namespace, node_of, nodes, pdb, platform, settled, workload

QUOTA = {
    "apiVersion": "v1",
    "kind": "ResourceQuota",
    "metadata": {"name": "few", "namespace": "shop"},
    "spec": {"hard": {"pods": "8"}},
}

AGENT: Object = {
    "apiVersion": "apps/v1",
    "kind": "DaemonSet",
    "metadata": {"name": "agent", "namespace": "shop", "uid": "uid-agent"},
    "spec": {
        "selector": {"matchLabels": {"app": "agent"}},
        "template": {
            "metadata": {"labels": {"app": "agent"}},
            "spec": {
                "tolerations": [{"key": "maintenance", "operator": "Exists"}],
                "containers": [{"name": "main", "image": "acme/agent:1"}],
            },
        },
    },
}


def played(snapshot: Snapshot, *steps: Step) -> Rehearsal:
    if build.find() is None and not is_required("kubernetes"):
        missing("kubernetes", "the testbed is not built: run `make testbed`")
    build.build()
    return rehearse(snapshot, Scenario("test", steps), Intent(), START.date(), engine=load("real"))


def differences(found: Comparison | None) -> Sequence[str]:
    assert found is not None
    return [f"{step.step}: {item}" for step in (found.before, *found.steps) for item in step.differences]


def impatient(item: Object, seconds: int) -> Object:
    """Its pods leave a node that is not reachable after so long."""
    keys = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
    item["spec"]["template"]["spec"]["tolerations"] = [
        {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": seconds} for key in keys
    ]
    return item


@pytest.mark.engine("kubernetes")
def test_a_blocked_drain_a_quota_and_a_refused_pod() -> None:
    snapshot = platform(pdb("worker", minAvailable=1), QUOTA)
    node = node_of(snapshot, "worker")
    bare: Object = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "bare", "namespace": "shop"},
        "spec": {"containers": [{"name": "main", "image": "acme/app:1"}]},
    }
    found = played(
        snapshot,
        Step("drain", (node,)),
        Step("uncordon", (node,)),
        Step("scale", ("Deployment/shop/web",), options={"replicas": 6}),
        Step("apply", objects=(bare,)),
    )
    assert differences(found.comparison) == []
    assert found.comparison is not None
    drain, _, scale, apply = found.comparison.steps
    # The budget and the broker that finds no other node; the pod without a node of its own and the quota; the quota again.
    assert (drain.decisions, scale.decisions, apply.decisions) == (2, 2, 1)
    assert "few" in found.steps[3].refusals[0].message
    told = json.loads(render_rehearsal(found, "json"))["comparison"]
    assert (told["equal"], [step["equal"] for step in told["steps"]]) == (True, [True] * 4)
    text = render_rehearsal(found, "text")
    assert "The twin and the real control plane agree (Kubernetes v" in text


SCENARIO = """
apiVersion: seakeep/v1
kind: Scenario
name: nodes that go and come back
steps:
  - lose: {zone: zone-3}
    for: 2m
  - return: {zone: zone-3}
  - taint: {node: a, key: maintenance, effect: NoExecute}
  - upgrade: {nodes: [a, c], reboot: 5s}
"""


@pytest.mark.engine("kubernetes")
def test_nodes_that_go_and_come_back(tmp_path: Path) -> None:
    """Two of a zone fall silent, and pods leave them one node after the other; agents stay on a node that is tainted, a broker finds no other; machines are replaced by fresh ones."""
    quick = impatient(workload("Deployment", "quick", 4), 5)
    brokers = workload("StatefulSet", "kafka", 4, "apache/kafka:4.1.0", apart=True)
    snapshot = settled([*nodes(3), node("d", **{ZONE: "zone-3"}), *namespace(), AGENT, brokers, quick])
    (tmp_path / "scenario.yaml").write_text(SCENARIO)
    found = played(snapshot, *read_scenario(tmp_path / "scenario.yaml").steps)
    assert differences(found.comparison) == []
    assert found.comparison is not None
    assert found.comparison.steps[0].seconds > 60  # to notice takes it 50 s, and the second node comes after the first
    assert [step.decisions for step in found.comparison.steps] == [0, 0, 1, 0]
    assert ready(found) == {"shop/agent": 4, "shop/kafka": 3, "shop/quick": 4}


def ready(found: Rehearsal) -> dict[str, int]:
    return {item.service: item.ready for item in found.after.services}


@pytest.mark.engine("kubernetes")
def test_a_drain_of_the_reference_platform() -> None:
    snapshot = demo_snapshot()
    assert snapshot.taken_at is not None
    found = rehearse(
        snapshot,
        Scenario("test", (Step("drain", ("k8s-worker",)),)),
        demo_intent(),
        snapshot.taken_at.date(),
        engine=load("real"),
    )
    comparison = found.comparison
    assert comparison is not None
    assert differences(comparison) == []
    assert comparison.steps[0].workloads > 60
    assert {item.what for item in comparison.left_out} >= {"Job", "Pod", "NetworkPolicy"}


def test_a_testbed_that_is_not_built_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "find", lambda: None)
    with pytest.raises(EngineMissingError) as raised:
        rehearse(platform(), Scenario("test", (Step("drain", ("a",)),)), Intent(), START.date(), engine=load("real"))
    assert "make testbed" in raised.value.hint
    assert "python -m seakeep.testing.testbed build" in raised.value.hint


def test_an_engine_that_is_not_there_is_said() -> None:
    with pytest.raises(EngineMissingError):
        load("imaginary")
