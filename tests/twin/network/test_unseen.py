"""What the source does not show: it is unknown, not absent."""

from __future__ import annotations

from seakeep.model.refs import Ref
from seakeep.twin.network.answer import Verdict
from seakeep.twin.network.base import Sight
from tests.twin.network.shop import WEB, ask, base, decided, service
from tests.twin.network.worlds import policy


def test_services_that_were_not_listed_are_unknown_not_absent() -> None:
    listed = frozenset({("Pod", "*"), ("NetworkPolicy", "*")})
    assert ask(base(), "db", sight=Sight(listed=listed, partial=True)).verdict is Verdict.UNKNOWN


def test_policies_that_were_not_listed_are_told() -> None:
    sight = Sight(listed=frozenset({("Pod", "*"), ("Service", "*")}), partial=True)
    answer = ask(base(service("api")), "api", sight=sight)
    assert answer.reached
    assert "namespace shop has no NetworkPolicies but those seen" in answer.assumed


def test_labels_that_a_table_does_not_show() -> None:
    guard = policy(
        "guard",
        "shop",
        podSelector={"matchLabels": {"app": "api"}},
        policyTypes=["Ingress"],
        ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}],
    )
    items = base(guard)
    assert ask(items, "10.0.0.2", 8080).reached
    items[4]["metadata"]["labels"] = {}
    assert ask(items, "10.0.0.2", 8080).verdict is Verdict.DROPPED
    answer = ask(items, "10.0.0.2", 8080, sight=Sight(shallow=frozenset({WEB})))
    assert decided(answer)[:2] == (Verdict.UNKNOWN, Ref("NetworkPolicy", "shop", "guard"))


def test_rules_that_a_table_does_not_show() -> None:
    bare = policy("bare", "shop")
    ref = Ref("NetworkPolicy", "shop", "bare")
    assert ask(base(bare), "10.0.0.2", 8080).verdict is Verdict.DROPPED
    assert decided(ask(base(bare), "10.0.0.2", 8080, sight=Sight(shallow=frozenset({ref})))) == (
        Verdict.UNKNOWN,
        ref,
        "spec",
    )


def test_what_a_policy_admits_that_may_not_select_the_pod() -> None:
    """api-1's labels were not seen: whether the second policy is for it decides."""
    closed = policy("closed", "shop", policyTypes=["Ingress"])
    opened = policy("opened", "shop", podSelector={"matchLabels": {"app": "api"}}, ingress=[{}])
    items, sight = base(closed, opened), Sight(shallow=frozenset({Ref("Pod", "shop", "api-1")}))
    assert ask(items, "10.0.0.2", 8080, sight=sight).reached
    items[5]["metadata"]["labels"] = {}
    assert ask(items, "10.0.0.2", 8080).verdict is Verdict.DROPPED
    assert decided(ask(items, "10.0.0.2", 8080, sight=sight))[:2] == (
        Verdict.UNKNOWN,
        Ref("NetworkPolicy", "shop", "opened"),
    )


def test_a_namespace_is_labelled_with_its_name_by_the_api_server() -> None:
    chosen = {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}
    only = policy("only", "shop", policyTypes=["Ingress"], ingress=[{"from": [{"namespaceSelector": chosen}]}])
    items = base(only)
    items[0]["metadata"]["labels"] = {}
    assert ask(items, "10.0.0.2", 8080).reached
    assert ask(items[1:], "10.0.0.2", 8080).reached  # also where the namespace itself was not seen
