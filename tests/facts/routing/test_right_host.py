"""The host that an address should name, as long as the wrong one was."""

from __future__ import annotations

import pytest

from seakeep.facts.routing.address_verdicts import Misaddressed, right_host
from seakeep.model.refs import Ref


@pytest.mark.parametrize(
    ("host", "meant", "expected"),
    [
        ("cirlce", "data/circle", "circle"),
        ("cirlce", "store/circle", "circle.store"),
        ("cirlce.data", "data/circle", "circle.data"),
        ("circle.dta.svc", "data/circle", "circle.data.svc"),
        ("cirlce.data.svc.cluster.local", "data/circle", "circle.data.svc.cluster.local"),
        ("circle-0.cirlce", "data/circle", "circle-0.circle"),
        ("circle-0.cirlce.data", "data/circle", "circle-0.circle.data"),
        ("circle-0.cirlce.data.svc.cluster.local", "data/circle", "circle-0.circle.data.svc.cluster.local"),
        ("cirlce.default.svc", "/circle", "circle.default.svc"),
    ],
)
def test_the_right_host(host: str, meant: str, expected: str) -> None:
    space, _, name = meant.partition("/")
    item = Misaddressed(Ref("StatefulSet", "data", "x"), None, host, 0, Ref("Service", space, name), 0, "host", "", 3, (), ())  # fmt: skip
    assert right_host(item) == expected
