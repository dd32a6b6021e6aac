"""A tally that is brought up to date says what one that starts anew says, and a branch leaves its origin's alone."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import DaemonSet, Node, Pod, Taint
from seakeep.model.refs import Ref
from seakeep.twin.controller import View
from seakeep.twin.controllers.daemon_tally import Tally, tally
from seakeep.twin.controllers.revisions import revisions_of
from seakeep.twin.state import State
from seakeep.twin.world import Twin
from tests.twin.builders import node
from tests.twin.workload_worlds import get, workload, world

NODES = [node(name, cpu="16") for name in ("a", "b", "c", "d")]


def settled() -> Twin:
    twin = world([*NODES, workload("DaemonSet")])
    twin.settle()
    return twin


def counted(twin: Twin, state: State) -> Tally:
    view = View(state, twin.now, twin.settings, {}, lambda: "x")
    item = get(twin, DaemonSet)
    found = tally(view, item, revisions_of(view, item))
    assert found is not None
    return found


def both(twin: Twin) -> tuple[Tally, Tally]:
    """As kept, and from nothing."""
    return counted(twin, twin.state), counted(twin, State(twin.state.objects()))


def taint(twin: Twin, name: str, effect: str) -> None:
    item = twin.state.get(Node, "", name)
    assert item is not None
    twin.update(replace(item, spec=replace(item.spec, taints=(Taint(key="maintenance", effect=effect),))))


def test_kept_and_new_are_equal_whatever_happens() -> None:
    twin = settled()
    pod = next(twin.state.all(Pod))
    for act in (
        lambda: taint(twin, "a", "NoSchedule"),
        lambda: taint(twin, "b", "NoExecute"),
        lambda: twin.delete(pod.ref),
        lambda: twin.delete(Ref("Node", "", "c")),
        lambda: twin.create(from_mapping(node("e", cpu="16"))),
    ):
        act()
        for seconds in (0.0, 1.0, 600.0):
            twin.settle(within=seconds)
            kept, new = both(twin)
            assert (kept.total, kept.busy, kept.counts) == (new.total, new.busy, new.counts)


def test_nothing_is_busy_once_all_is_settled_and_something_is_after_a_change() -> None:
    twin = settled()
    assert counted(twin, twin.state).busy == frozenset()
    taint(twin, "a", "NoExecute")
    assert counted(twin, twin.state).busy == {"a"}


def test_a_branch_leaves_its_origins_tally_alone() -> None:
    twin = settled()
    before = counted(twin, twin.state)
    other = twin.branch()
    taint(other, "a", "NoExecute")
    other.settle()
    assert counted(other, other.state).total[0] == 3
    assert counted(twin, twin.state) is before
    assert before.total[0] == 4
