"""A control plane whose kubelets do nothing, for sequences that say themselves what kubelets report."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from seakeep.testing import engines
from seakeep.testing.testbed import ControlPlane
from seakeep.testing.testbed.nodes import NodeSpec

# Longer than any test: no node is lost by being silent.
_NEVER = 100_000
NODES = (
    NodeSpec("still-1", cpu="1000", memory="1Ti", pods=5000, labels={"topology.kubernetes.io/zone": "zone-1"}),
    NodeSpec("still-2", cpu="1000", memory="1Ti", pods=5000),
)


@pytest.fixture(scope="session")
def still_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """As the fixture `control_plane`, but nobody plays the pods of its nodes. One for all modules: they have namespaces of their own, and room enough."""
    binaries = engines.testbed()
    folder = tmp_path_factory.mktemp("still-plane")
    with ControlPlane.start(folder, NODES, binaries=binaries, node_grace_seconds=_NEVER) as plane:
        for node in NODES:
            plane.lose_node(node.name)
        yield plane


@pytest.fixture
def later_still_plane(request: pytest.FixtureRequest) -> Callable[[], ControlPlane]:
    """`still_plane` for whoever may not need one: it starts when it is first called."""
    return lambda: request.getfixturevalue("still_plane")


@pytest.fixture
def later_control_plane(request: pytest.FixtureRequest) -> Callable[[], ControlPlane]:
    return lambda: request.getfixturevalue("control_plane")
