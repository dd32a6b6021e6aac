"""Settings that all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from seakeep.testing import engines
from seakeep.testing.testbed import ControlPlane

# Timings are for benchmarks/; in CI the examples are the same in every run.
settings.register_profile("seakeep", deadline=None, max_examples=60, derandomize=bool(os.environ.get("CI")))
settings.load_profile("seakeep")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With `-n` and `--dist loadgroup`, a module's tests that need an engine go to one worker, so that each engine is started once a module."""
    for item in items:
        marker = item.get_closest_marker("engine")
        if marker:
            item.add_marker(pytest.mark.xdist_group(f"{marker.args[0]} {item.path.stem}"))


@pytest.fixture(scope="module")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A real control plane on loopback with the nodes node-1 and node-2, a fresh one for each module: what one leaves behind takes no room from the next.

    Skips where it is not built; where SEAKEEP_REQUIRE names `kubernetes`, it is built, and what goes wrong is a failure.
    """
    binaries = engines.testbed()
    with ControlPlane.start(tmp_path_factory.mktemp("control-plane"), binaries=binaries) as plane:
        yield plane
