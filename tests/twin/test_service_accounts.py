"""Each namespace has the account that pods without one of their own run as."""

from __future__ import annotations

from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import Pod, ServiceAccount
from seakeep.model.refs import Ref
from seakeep.twin.build import build
from seakeep.twin.observed import Observed
from tests.twin.builders import Object, snapshot
from tests.twin.platforms import nodes, whole, workload

NAMESPACE: Object = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
DEFAULT = Ref("ServiceAccount", "shop", "default")


def platform() -> Observed:
    twin = build(whole(nodes(1)))
    twin.settle()
    return twin


def test_a_new_namespace_gets_it_and_pods_start() -> None:
    twin = platform()
    twin.create(from_mapping(NAMESPACE))
    twin.create(from_mapping(workload("Deployment", "web", 2)))
    twin.settle()
    assert twin.state.get(ServiceAccount, "shop", "default") is not None
    assert [pod.status.phase for pod in twin.state.all(Pod)] == ["Running", "Running"]


def test_it_comes_back_when_it_is_removed() -> None:
    twin = platform()
    twin.create(from_mapping(NAMESPACE))
    twin.settle()
    twin.delete(DEFAULT)
    twin.settle()
    assert twin.state.find(DEFAULT) is not None


def test_a_namespace_whose_accounts_were_not_read_is_left_alone() -> None:
    twin = build(snapshot([*nodes(1), NAMESPACE]))
    twin.settle()
    assert twin.state.find(DEFAULT) is None
