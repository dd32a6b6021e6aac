"""Names: of Services, of pods within them, and those that lead to others."""

from __future__ import annotations

import pytest

from seakeep.model.refs import Ref
from seakeep.twin.network.answer import Verdict
from tests.twin.network.shop import HTTP, alias, ask, base, decided, service, unready
from tests.twin.network.worlds import pod


@pytest.mark.parametrize(
    "host",
    [
        "api",
        "API",
        "api.shop",
        "api.shop.svc",
        "api.shop.svc.cluster.local",
        "api.shop.svc.cluster.local.",
        "10.96.0.10",
        "Service/shop/api",
    ],
)
def test_names_of_a_service(host: str) -> None:
    answer = ask(base(service("api")), host)
    assert answer.verdict is Verdict.REACHABLE
    assert answer.decides is not None
    assert answer.decides.object == Ref("Pod", "shop", "api-1")


def test_from_another_namespace_the_bare_name_is_none() -> None:
    items = [*base(service("api")), pod("data", "job", "10.0.0.9", "node-2", {})]
    job = Ref("Pod", "data", "job")
    assert ask(items, "api.shop", source=job).reached
    assert decided(ask(items, "api", source=job)) == (
        Verdict.UNRESOLVED,
        Ref("Service", "data", "api"),
        "metadata.name",
    )


def test_a_service_that_is_not_there_is_named() -> None:
    assert decided(ask(base(), "db.data")) == (Verdict.UNRESOLVED, Ref("Service", "data", "db"), "metadata.name")


def test_pods_have_names_within_a_headless_service() -> None:
    db = pod("shop", "db-0", "10.0.0.5", "node-2", {"app": "db"}, HTTP, hostname="db-0", subdomain="db")
    items = base(service("db", ip="None"), db)
    for host in ("db-0.db", "db-0.db.shop.svc.cluster.local"):
        assert ask(items, host, 8080).reached
    assert decided(ask(items, "db-1.db", 8080)) == (Verdict.UNRESOLVED, Ref("Service", "shop", "db"), "spec.selector")
    late = unready("db-0", "10.0.0.5", hostname="db-0", subdomain="slow")
    assert decided(ask(base(service("slow", ip="None"), late), "db-0.slow", 8080))[:2] == (
        Verdict.UNRESOLVED,
        Ref("Pod", "shop", "db-0"),
    )


def test_only_headless_services_have_names_within_them() -> None:
    named = pod("shop", "api-3", "10.0.0.5", "node-2", {"app": "api"}, HTTP, hostname="api-3", subdomain="api")
    assert ask(base(service("api"), named), "api-3.api", 8080).verdict is Verdict.UNRESOLVED
    other = pod("shop", "api-3", "10.0.0.5", "node-2", {"app": "api"}, HTTP, hostname="api-3", subdomain="elsewhere")
    assert ask(base(service("api", ip="None"), other), "api-3.api", 8080).verdict is Verdict.UNRESOLVED


def test_a_stateful_set_names_its_pods() -> None:
    owner = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db", "controller": True}
    db = pod("shop", "db-0", "10.0.0.5", "node-2", {"app": "db"}, HTTP)
    db["metadata"]["ownerReferences"] = [owner]
    stateful = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "db", "namespace": "shop"},
        "spec": {"serviceName": "db"},
    }
    assert ask(base(service("db", ip="None"), db, stateful), "db-0.db", 8080).reached


def test_pods_by_address_in_dashes() -> None:
    assert ask(base(), "10-0-0-2.shop.pod.cluster.local", 8080).reached


def test_external_names_follow_one_another() -> None:
    items = base(
        service("api"), alias("one", "two.data.svc.cluster.local"), alias("two", "api.shop.svc.cluster.local.", "data")
    )
    answer = ask(items, "one")
    assert answer.verdict is Verdict.REACHABLE
    assert [step.object for step in answer.path if step.field == "spec.externalName"] == [
        Ref("Service", "shop", "one"),
        Ref("Service", "data", "two"),
    ]


@pytest.mark.parametrize(
    "target", ["one.shop.svc.cluster.local", "nothing.shop.svc.cluster.local", "api.shop", "api", "10.0.0.2", ""]
)
def test_external_names_that_lead_nowhere(target: str) -> None:
    items = base(service("api"), alias("one", target))
    assert decided(ask(items, "one")) == (Verdict.UNRESOLVED, Ref("Service", "shop", "one"), "spec.externalName")


def test_external_names_that_go_round() -> None:
    items = base(alias("one", "two.shop.svc.cluster.local"), alias("two", "one.shop.svc.cluster.local"))
    answer = ask(items, "one")
    assert answer.verdict is Verdict.UNRESOLVED
    assert answer.decides is not None
    assert "shop/one → shop/two → shop/one" in answer.decides.what
