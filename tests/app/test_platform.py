"""A platform.yaml written from what was found can be read, and names what it was written from."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from seakeep.adapters.files.read import read_bytes
from seakeep.adapters.platform_file import parse_intent
from seakeep.app.check import check
from seakeep.app.platform import init
from seakeep.model.snapshot import Snapshot

TODAY = date(2026, 3, 2)
PATH = Path("platform.yaml")


def workload(name: str, image: str, *, kind: str = "Deployment", namespace: str = "", env: str = "") -> str:
    place = f", namespace: {namespace}" if namespace else ""
    return (
        f"apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}{place}}}\n"
        f"spec: {{replicas: 2, selector: {{matchLabels: {{app: {name}}}}}, template: {{metadata: {{labels: {{app: {name}}}}}, "
        f"spec: {{containers: [{{name: main, image: '{image}', env: [{env}]}}]}}}}}}\n"
    )


def service(name: str, port: int, namespace: str = "") -> str:
    place = f", namespace: {namespace}" if namespace else ""
    return f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}{place}}}\nspec: {{selector: {{app: {name}}}, ports: [{{port: {port}}}]}}\n"


def manifests(*documents: str) -> Snapshot:
    return read_bytes("---\n".join(documents).encode(), "bakery.yaml")


SHOP = (
    workload("broker", "apache/kafka:4.0.0", kind="StatefulSet", namespace="data"),
    service("broker", 9092, "data"),
    workload("oven", "bakery/oven:1", namespace="shop", env="{name: BROKERS_URL, value: 'broker.data.svc:9092'}"),
)


@pytest.mark.parametrize("documents", [SHOP, (workload("broker", "apache/kafka:4.0.0"), workload("oven", "x:1"))])
def test_the_written_file_is_valid_and_finds_every_workload_again(documents: tuple[str, ...]) -> None:
    snapshot = manifests(*documents)
    text = init(snapshot, TODAY)
    intent = parse_intent(text, PATH)
    report = check(snapshot, intent, TODAY)
    assert [item.note for item in report.platform.services] == [""] * len(intent.services)
    assert len(report.platform.services) == 2
    assert init(snapshot, TODAY) == text


def test_criticality_and_dependencies_are_those_of_the_services() -> None:
    services = {item.id: item for item in parse_intent(init(manifests(*SHOP), TODAY), PATH).services}
    assert (services["kafka"].criticality, services["oven"].criticality) == ("critical", "normal")
    assert (services["kafka"].intended, services["oven"].depends_on) == ({"StatefulSet/data/broker": 2}, ("kafka",))


@pytest.mark.parametrize(
    ("documents", "via"),
    [(SHOP, "broker.data.svc:9092"), ((*SHOP[:2], workload("oven", "bakery/oven:1", namespace="shop")), "dependsOn")],
)
def test_what_is_declared_counts_where_no_address_shows_it(documents: tuple[str, ...], via: str) -> None:
    declared = "  - {id: oven, namespace: shop, dependsOn: [kafka, gone, oven]}\n"
    intent = parse_intent(f"apiVersion: seakeep/v1\nkind: Platform\nname: bakery\nservices:\n{declared}", PATH)
    found = check(manifests(*documents), intent, TODAY).platform.dependencies
    assert [(item.source, item.target, item.via) for item in found] == [("shop/oven", "data/kafka", via)]


def test_manifests_without_a_namespace_are_named_by_the_one_they_go_to() -> None:
    intent = parse_intent(init(manifests(workload("oven", "bakery/oven:1")), TODAY), PATH)
    assert (intent.services[0].namespace, intent.services[0].intended) == ("default", {"Deployment/default/oven": 2})


def test_the_file_explains_itself() -> None:
    text = init(manifests(*SHOP), TODAY)
    assert text.startswith("# What this platform is meant to run.")
    assert "# targets:" in text
    assert "# waivers:" in text


def test_what_a_daemon_set_intends_is_not_told_by_manifests() -> None:
    text = init(manifests(workload("agent", "bakery/agent:1", kind="DaemonSet")), TODAY)
    assert "workloads:\n  - DaemonSet/default/agent" in text


def test_nothing_is_scored_from_manifests() -> None:
    scores = check(manifests(*SHOP), parse_intent("", PATH), TODAY).scores
    assert (scores.running.value, scores.health.value) == (None, None)
