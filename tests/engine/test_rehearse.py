"""The bound of a rehearsal, what services need, and expectations over time."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from seakeep.engine.needs import least
from seakeep.engine.rehearse import settle
from seakeep.engine.watch import below
from seakeep.model.objects import ConfigMap, KubeObject
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Update, Wait
from seakeep.twin.controller import View
from seakeep.twin.names import Suffixes
from seakeep.twin.observed import Observed
from seakeep.twin.settings import Settings
from seakeep.twin.state import State
from tests.twin.builders import START, Object, admit_all, snapshot

SWITCH: Object = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "switch", "namespace": "shop"}}


class Flapper:
    """Turns a label over, at once or every so many seconds, for so many times."""

    name = "flapper"

    def __init__(self, pause: float, times: int) -> None:
        self.pause, self.times = pause, times

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        del state
        if isinstance(item, ConfigMap) and not (self.pause and item.labels):
            yield item.ref

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        item = view.state.find(ref)
        assert item is not None
        count = int(item.labels.get("count", "0")) + 1
        if count > self.times:
            return
        metadata = replace(item.metadata, labels={"count": str(count)})
        yield Update(replace(item, metadata=metadata), "flapper")
        if self.pause:
            yield Wait(ref, self.pause)


def world(pause: float, times: int = 10**9) -> Observed:
    twin = Observed(
        snapshot([SWITCH]),
        (Flapper(pause, times),),
        now=START,
        suffix=Suffixes(),
        admit=admit_all,
        settings=Settings(most_steps=2_000),
    )
    twin.start_controllers()
    return twin


@pytest.mark.parametrize("pause", [0.0, 5.0])
def test_what_never_settles_stops_and_is_named(pause: float) -> None:
    twin = world(pause)
    stuck, changing = settle(twin, 900)
    assert stuck
    assert changing[0][0] == Ref("ConfigMap", "shop", "switch")
    assert changing[0][1] >= 3
    assert twin.elapsed <= 900


def test_what_is_slow_but_ends_has_settled() -> None:
    twin = world(5.0, times=20)
    assert settle(twin, 900) == (False, ())
    assert 90 <= twin.elapsed <= 100


@pytest.mark.parametrize(
    ("rule", "intended", "needed"),
    [
        ("one", 0, 0),
        ("one", 5, 1),
        ("quorum", 1, 1),
        ("quorum", 2, 2),
        ("quorum", 3, 2),
        ("quorum", 4, 3),
        ("quorum", 5, 3),
        ("in-sync", 1, 1),
        ("in-sync", 2, 1),
        ("in-sync", 3, 2),
        ("in-sync", 9, 8),
        ("all", 4, 4),
    ],
)
def test_what_is_needed(rule: str, intended: int, needed: int) -> None:
    assert least(rule, intended) == needed


def test_spans_below() -> None:
    points = [(0.0, 3), (10.0, 1), (10.0, 0), (20.0, 1), (30.0, 3), (40.0, 1)]
    assert below(points, 2, 50.0) == ((10.0, 30.0), (40.0, 50.0))
    assert below(points, 1, 50.0) == ((10.0, 20.0),)
    assert below([(0.0, 3)], 2, 50.0) == ()


def test_names_go_on_from_the_branch_and_come_once() -> None:
    names = Suffixes()
    first = [names() for _ in range(50)]
    branch = names.branch()
    assert [branch() for _ in range(50)] == [names() for _ in range(50)]
    assert len({*first, *(names() for _ in range(5_000))}) == 5_050
