"""What counts as a difference between a twin and a real control plane."""

from __future__ import annotations

from dataclasses import replace

from seakeep.engine.compare import Told, compare, placeable, plain, told
from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Refusal
from seakeep.twin.state import State
from tests.twin.builders import Object
from tests.twin.platforms import nodes, whole

A, B = Ref("Deployment", "shop", "a"), Ref("Deployment", "shop", "b")
FULL, BOUND = "0/1 nodes are available: 1 Too many pods.", "0/1 nodes are available: 1 node(s) had a volume conflict."


def unplaced(ref: Ref, message: str = FULL) -> dict[tuple[str, Ref, str], int]:
    return {("unschedulable", ref, message): 1}


def side(ready: dict[Ref, int], decisions: dict[tuple[str, Ref, str], int]) -> Told:
    return Told(ready, decisions, {ref: count for (_, ref, _), count in decisions.items()})


def waiting(name: str, cpu: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"containers": [{"name": "main", "image": "acme/app:1", "resources": {"requests": {"cpu": cpu}}}]},
        "status": {"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]},
    }


def test_the_last_places_of_a_full_cluster_are_a_matter_of_order() -> None:
    found = compare("x", side({A: 1}, unplaced(B)), side({B: 1}, unplaced(A, BOUND)), 1.0)
    assert (found.differences, found.order) == ((), (A, B))


def test_a_pod_that_waits_though_a_node_would_take_it_is_a_difference() -> None:
    real = side({}, unplaced(A) | unplaced(B))
    found = compare("x", side({A: 1}, unplaced(B)), real, 1.0)
    assert found.order == ()
    assert {(item.what, item.object) for item in found.differences} == {("ready", A), ("unschedulable", A)}
    twin, real = side({A: 1}, unplaced(B)), side({B: 1}, unplaced(A))
    assert compare("x", twin, real, 1.0).order == (A, B)
    assert compare("x", twin, replace(real, placeable=frozenset({A})), 1.0).differences


def test_order_counts_all_that_wait_and_not_those_of_the_step_alone() -> None:
    """A step before had left other pods over on either side: what is new with one is old with the other."""
    twin = Told({A: 1}, {}, {B: 1})
    real = Told({B: 1}, unplaced(A), {A: 1})
    found = compare("x", twin, real, 1.0)
    assert (found.differences, found.order) == ((), (A, B))


def test_one_large_pod_may_have_the_room_of_two() -> None:
    twin = side({A: 2}, unplaced(B))
    real = side({B: 1}, {("unschedulable", A, FULL): 2})
    found = compare("x", twin, real, 1.0)
    assert (found.differences, found.order) == ((), (A, B))
    # A pod that is nowhere is none that waits.
    assert compare("x", twin, side({B: 1}, unplaced(A)), 1.0).differences


def test_in_the_steps_after_it_reasons_may_differ() -> None:
    """The two went on from different states."""
    twin, real = side({A: 1}, unplaced(B)), side({A: 1}, unplaced(B, BOUND))
    assert compare("x", twin, real, 1.0).differences
    assert compare("x", twin, real, 1.0, full=True).differences == ()


def test_a_pod_is_placeable_where_a_node_is_left_for_it() -> None:
    state = State(whole([*nodes(1), waiting("small", cpu="1"), waiting("large", cpu="8")]).objects)
    assert placeable(state, {}) == {Ref("Pod", "shop", "small")}


def test_another_reason_is_a_difference_where_the_same_pods_wait() -> None:
    found = compare("x", side({}, unplaced(A)), side({}, unplaced(A, BOUND)), 1.0)
    assert [(item.twin, item.real) for item in found.differences] == [(FULL, BOUND)]


def test_generated_names_and_the_twins_figures_do_not_count() -> None:
    pod = Ref("Pod", "shop", "a-1")
    twin = Refusal("blocked", pod, "The disruption budget a needs 1 healthy pods and has 1 currently (minAvailable 1 of 1 expected pods: 1 healthy, 1 demanded, 0 disruptions allowed)")  # fmt: skip
    real = Refusal("blocked", pod, "Cannot evict pod as it would violate the pod's disruption budget.; The disruption budget a needs 1 healthy pods and has 1 currently")  # fmt: skip
    assert plain(twin) == plain(real)
    first = Refusal("not-created", A, 'Error creating: pods "a-x7f" is forbidden: exceeded quota: few')
    second = Refusal("not-created", A, 'pods "a-b2c" is forbidden: exceeded quota: few')
    assert plain(first) == plain(second)
    assert plain(first) != plain(Refusal("not-created", A, 'pods "a-b2c" is forbidden: exceeded quota: many'))


def test_the_words_for_what_cannot_be_read_are_each_sides_own() -> None:
    unread = 'Deployment in version "v1" cannot be handled as a Deployment: '
    ours = Refusal("refused", A, unread + "spec.replicas: text where a whole number belongs")
    theirs = Refusal("refused", A, unread + "json: cannot unmarshal string into Go struct field")
    assert plain(ours) == plain(theirs)
    assert plain(ours) != plain(Refusal("refused", A, 'no matches for kind "Deployment" in version "apps/v1beta1"'))


def test_that_a_roll_out_does_not_finish_is_told_by_the_ready_pods() -> None:
    """The real control plane is asked for no word on it."""
    pod = Ref("Pod", "shop", "a-1")
    mine = told(State(whole([]).objects), {}, {}, (Refusal("blocked", A, "its roll-out does not finish"), Refusal("blocked", pod, "x"), Refusal("refused", A, "y")))  # fmt: skip
    assert set(mine.decisions) == {("blocked", pod, "x"), ("refused", A, "y")}
