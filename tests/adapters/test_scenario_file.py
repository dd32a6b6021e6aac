"""Scenario files: what they say, and errors that name the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from seakeep.adapters.scenario_file import ScenarioFileError, parse_scenario, read_scenario
from seakeep.model.refs import Ref
from seakeep.model.scenario import Step

HEAD = "apiVersion: seakeep/v1\nkind: Scenario\nsteps:\n"


def test_every_verb() -> None:
    text = (
        HEAD
        + """
  - drain: {nodes: [a, b], force: false, gracePeriod: 10s}
    for: 1h30m
  - lose: {zone: z1}
  - return: {zones: [z1]}
  - lose: a
  - cordon: a
  - uncordon: [a]
  - taint: {node: a, key: gpu, effect: NoSchedule}
  - upgrade: nodes
  - upgrade: {nodes: [a], reboot: 5m}
  - apply: {objects: [{apiVersion: v1, kind: Namespace, metadata: {name: x}}]}
  - delete: Deployment/shop/web
  - scale: {Deployment/shop/web: 3}
  - restart: [Deployment/shop/web]
  - evict: shop/web-1
  - patch: {object: Node/a, patch: {spec: {unschedulable: true}}}
  - wait: 90s
    expect:
      - {service: web, ready: ">= 2", within: 2m}
      - {object: Deployment/shop/web, lowest: 1, refused: nothing}
"""
    )
    steps = parse_scenario(text, Path("x.yaml")).steps
    assert [step.verb for step in steps][:4] == ["drain", "lose", "return", "lose"]
    assert (steps[0].targets, steps[0].options["force"], steps[0].options["gracePeriod"]) == (("a", "b"), False, 10)
    assert steps[0].bound == 5400
    assert steps[1].options["zones"] == ("z1",)
    assert steps[7].targets == ()
    assert steps[9].objects[0]["kind"] == "Namespace"
    assert steps[11].options["replicas"] == 3
    ready, nothing, lowest = steps[15].expects
    assert (ready.compare, ready.number, ready.within) == (">=", 2, 120)
    assert (lowest.compare, lowest.number, lowest.object) == ("==", 1, Ref("Deployment", "shop", "web"))
    assert nothing.source == "nothing is refused"


def steps_of(text: str) -> tuple[Step, ...]:
    return parse_scenario(HEAD + text, Path("x.yaml")).steps


def test_objects_may_be_written_as_for_kubectl() -> None:
    (first, second, third) = steps_of("""
  - scale: {object: deploy/shop/web, replicas: 3}
    expect: {object: deployment.apps/web, ready: 3}
  - restart: [sts/shop/db, daemonsets/kube-system/agent, Kafka/shop/main]
  - lose: zone/b
""")
    assert (first.targets, first.options["replicas"]) == (("Deployment/shop/web",), 3)
    assert first.expects[0].object == Ref("Deployment", "default", "web")
    assert second.targets == ("StatefulSet/shop/db", "DaemonSet/kube-system/agent", "Kafka/shop/main")
    assert (third.targets, third.options["zones"]) == ((), ("b",))


@pytest.mark.parametrize(
    ("steps", "line", "words"),
    [
        ("  - {drain: a, lose: b}\n", 4, "exactly one thing"),
        ("  - drian: a\n", 4, "unknown field 'drian'"),
        ("  - drain: a\n  - drain:\n", 5, "drain what"),
        ("  - scale: {Deployment/web: x}\n", 4, "replicas must be a number"),
        ("  - scale: 3\n", 4, "scale one workload"),
        ("  - evict: web-1\n", 4, "names no pod"),
        ("  - wait: soon\n", 4, "is no time"),
        ("  - wait: 9999h\n", 4, "a week at most"),
        ("  - drain: {node: a, force: perhaps}\n", 4, "true or false"),
        ("  - drain: a\n    expect:\n      - {ready: 1}\n", 6, "ready of what"),
        ("  - drain: a\n    expect:\n      - {service: web, ready: many}\n", 6, "no comparison"),
        ("  - drain: a\n    expect:\n      - {service: web}\n", 6, "nothing is expected"),
        ("  - drain: a\n    expect: {verdict: good}\n", 5, "verdict 'good' is not known"),
        ("  - apply: missing.yaml\n", 4, "does not exist"),
        ("  - apply: {objects: [{kind: Pod}]}\n", 4, "no Kubernetes object"),
        ("  - patch: {object: Node/a}\n", 4, "patch is missing"),
        ("  - delete: web\n", 4, "names no object"),
        ("  - lose: {node: a, zone: b}\n", 4, "nodes or zones"),
        ("  - drain: {node: a, nodes: [b]}\n", 4, "write one of them"),
        ("  - drain: a\n    expect: {verdict: fine, service: web}\n", 5, "service says nothing here"),
        ("  - drain: a\n    expect: {object: Node/a, lowest: 1, within: 2m}\n", 5, "within says nothing here"),
        ("  []\n", 4, "there are no steps"),
        ("  - drain: [\n", 5, "not valid YAML"),
    ],
)
def test_errors_name_the_line(steps: str, line: int, words: str) -> None:
    with pytest.raises(ScenarioFileError, match=words) as caught:
        parse_scenario(HEAD + steps, Path("x.yaml"))
    assert caught.value.line == line


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a\n",
        "apiVersion: v2\nkind: Scenario\n",
        "apiVersion: seakeep/v1\nkind: Platform\n",
        "\x00",
        "a: &a [*a]\n",
    ],
)
def test_what_is_no_scenario(text: str) -> None:
    with pytest.raises(ScenarioFileError):
        parse_scenario(text, Path("x.yaml"))


def test_the_examples_are_read() -> None:
    folder = Path(__file__).parents[2] / "examples" / "scenarios"
    assert [read_scenario(path).steps for path in sorted(folder.glob("*.yaml"))]
