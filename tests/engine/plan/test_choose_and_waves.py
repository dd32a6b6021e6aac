"""What a plan takes, how changes of one object come together, and in which order they are made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from seakeep.engine.plan.accept import accepted
from seakeep.engine.plan.choose import Options, allowed, enough
from seakeep.engine.plan.proposals import Proposal
from seakeep.engine.plan.rehearse import Refusal, Trial
from seakeep.engine.plan.waves import combine, in_waves, planned, raw_of
from seakeep.model.change import Change, Risk
from seakeep.model.plan import Base, Outcome, Planned, Undo, Wave
from seakeep.model.platform import Dependency, Intent, Platform, ServiceState
from seakeep.model.refs import Ref
from seakeep.model.score import Part, Score
from seakeep.testing.cases import snapshot_of

WEB = Ref("Deployment", "shop", "web")
SNAPSHOT = snapshot_of(
    {
        "objects": [
            {
                "kind": "Deployment",
                "apiVersion": "apps/v1",
                "metadata": {"name": name, "namespace": "shop", "uid": name, "resourceVersion": "7"},
                "spec": {"replicas": 2, "template": {"spec": {"containers": [{"name": "web", "image": "web:1"}]}}},
            }
            for name in ("web", "db")
        ]
        + [
            {
                "kind": "ResourceQuota",
                "apiVersion": "v1",
                "metadata": {"name": "tight", "namespace": "shop", "uid": "tight", "resourceVersion": "8"},
                "spec": {"hard": {"pods": "2"}},
            }
        ]
    }
)


def _proposal(
    rule: str, target: Ref, patch: dict[str, Any], weight: float = 1.0, rank: int = 0, **more: Any
) -> Proposal:
    return Proposal(rule, target, Change(target, patch, why=f"{rule} says so", **more), weight, rank)


def _container(**fields: Any) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"containers": [{"name": "web", **fields}]}}}}


def test_changes_of_one_object_are_one_write() -> None:
    first = _proposal("a", WEB, _container(image="web:2"), risk=Risk.MEDIUM)
    second = _proposal("b", WEB, _container(readinessProbe={"tcpSocket": {"port": 80}}))
    (write,), left = combine(SNAPSHOT, [first, second])
    assert left == []
    assert [reason.rule for reason in write.reasons] == ["a", "b"]
    assert write.risk is Risk.MEDIUM
    change = planned(SNAPSHOT, write)
    assert change.base.exists
    assert (change.base.uid, change.base.resource_version) == ("web", "7")
    assert change.undo == Undo(_container(image="web:1"), ("spec.template.spec.containers[name=web].readinessProbe",))


def test_of_two_values_the_earlier_stands() -> None:
    _, left = combine(SNAPSHOT, [_proposal("a", WEB, {"spec": {"replicas": 3}}), _proposal("b", WEB, {"spec": {"replicas": 4}})])  # fmt: skip
    assert [(item.rule, item.reason) for item in left] == [("b", "another change decides spec.replicas")]
    same = [_proposal(rule, WEB, {"spec": {"replicas": 3}}) for rule in "ab"]
    assert combine(SNAPSHOT, same)[1] == []
    gone = Proposal("c", WEB, Change(WEB, {}, ("spec.replicas",), why="c"), 1.0)
    assert [item.rule for item in combine(SNAPSHOT, [same[0], gone])[1]] == ["c"]


def test_what_is_made_has_no_base_and_is_deleted_again() -> None:
    budget = Ref("PodDisruptionBudget", "shop", "web")
    (write,), _ = combine(SNAPSHOT, [_proposal("a", budget, {"spec": {"maxUnavailable": 1}}, api_version="policy/v1")])
    assert planned(SNAPSHOT, write).base == Base()
    assert planned(SNAPSHOT, write).undo == Undo(delete=True)


def test_the_api_form_says_what_is_set_and_no_more() -> None:
    raw = raw_of(next(iter(SNAPSHOT.objects["Deployment"].values())))
    container = raw["spec"]["template"]["spec"]["containers"]  # type: ignore[index]
    assert container == [{"name": "web", "image": "web:1"}]
    assert "status" not in raw


def _service(name: str, criticality: str, weight: float) -> ServiceState:
    return ServiceState(f"shop/{name}", "", name, "shop", criticality, weight, 2, 2, "up", (Ref("Deployment", "shop", name),))  # fmt: skip


def _waves(proposals: Iterable[Proposal]) -> list[tuple[str, list[str]]]:
    platform = Platform(
        Intent(),
        (_service("web", "critical", 10), _service("db", "low", 1)),
        (Dependency("shop/web", "shop/db", "DB_HOST", WEB),),
    )
    writes, _ = combine(SNAPSHOT, list(proposals))
    waves = in_waves(((write, planned(SNAPSHOT, write)) for write in writes), platform)
    return [(wave.name, [change.target.name for change in wave.changes]) for wave in waves]


def test_the_order_of_kinds_and_services() -> None:
    made = [
        _proposal("q", Ref("ResourceQuota", "shop", "q"), {"spec": {"hard": {}}}, api_version="v1"),
        _proposal("w", WEB, {"spec": {"minReadySeconds": 5}}),
        _proposal("d", WEB._replace(name="db"), {"spec": {"minReadySeconds": 5}}),
        _proposal("l", Ref("LimitRange", "shop", "l"), {"spec": {"limits": []}}, api_version="v1"),
        _proposal("s", Ref("Service", "shop", "s"), {"spec": {"externalName": "a.b"}}, rank=1, api_version="v1"),
        _proposal("n", Ref("Namespace", "", "shop"), {"metadata": {"labels": {"a": "b"}}}, api_version="v1"),
    ]
    assert _waves(made) == [
        ("namespaces", ["shop"]),
        ("companions", ["l"]),
        ("configuration", ["s"]),
        ("low services", ["db"]),
        ("critical services", ["web"]),
        ("policies", ["q"]),
    ]


def test_a_quota_is_raised_before_the_roll_outs_that_it_has_no_room_for() -> None:
    made = [
        _proposal("q", Ref("ResourceQuota", "shop", "tight"), {"spec": {"hard": {"pods": "5"}}}),
        _proposal("n", Ref("ResourceQuota", "shop", "new"), {"spec": {"hard": {"pods": "5"}}}, api_version="v1"),
        _proposal("w", WEB, {"spec": {"minReadySeconds": 5}}),
    ]
    assert _waves(made) == [("configuration", ["tight"]), ("critical services", ["web"]), ("policies", ["new"])]


def test_of_repaired_workloads_what_others_rely_on_comes_first() -> None:
    made = [
        _proposal("w", WEB, {"spec": {"replicas": 3}}, rank=1),
        _proposal("d", WEB._replace(name="db"), {"spec": {"replicas": 3}}, rank=2),
    ]
    assert _waves(made) == [("repaired workloads", ["db"]), ("repaired workloads", ["web"])]


def test_options_rule_out_by_name_risk_and_namespace() -> None:
    made = [
        _proposal("probe-x", WEB, {}, risk=Risk.MEDIUM),
        _proposal("budget-x", WEB, {}),
        _proposal("quota", Ref("Namespace", "", "shop"), {}),
    ]
    kept, left = allowed(made, Options(skip=("probe-*",)))
    assert [item.rule for item in kept] == ["budget-x", "quota"]
    assert [item.reason for item in left] == ["skipped as asked"]
    assert [item.rule for item in allowed(made, Options(max_risk=Risk.LOW))[0]] == ["budget-x", "quota"]
    assert [item.rule for item in allowed(made, Options(only=("*-x",)))[0]] == ["probe-x", "budget-x"]
    assert allowed(made, Options(namespaces=("shop",)))[0] == made
    assert allowed(made, Options(namespaces=("other",)))[0] == []


def _score(got: float, of: float) -> Score:
    return Score("hardening", None, "", (Part("r", "", 1.0, got, of),))


def test_no_more_hardening_than_the_target_needs_and_the_weightiest_first() -> None:
    made = [_proposal(f"r{number}", WEB._replace(name=f"w{number}"), {}, weight=number) for number in (1.0, 5.0, 3.0)]
    kept, left = enough(made, _score(1, 10), 60.0)
    assert [item.weight for item in kept] == [5.0]
    assert {item.reason for item in left} == {"not needed for a hardening of 60"}
    repair = _proposal("cause", WEB, {}, rank=1)
    assert enough([repair, *made], _score(10, 10), 60.0)[0] == [repair]


def _write(name: str) -> Planned:
    target = Ref("ConfigMap", "shop", name)
    return Planned(name, target, "v1", {"data": {"a": "b"}}, (), Risk.LOW, (), Base(), Undo(delete=True))


class Stage:
    """Refuses every set that holds one of these; names the culprit or not."""

    before = Outcome({}, {})

    def __init__(self, bad: set[str], *, told: bool) -> None:
        self.bad, self.told, self.tried = bad, told, 0

    def alone(self, change: Planned) -> Outcome:
        raise AssertionError(change)

    def played(self, waves: Sequence[Wave]) -> Trial:
        self.tried += 1
        found = [change for wave in waves for change in wave.changes if change.id in self.bad]
        return Trial(
            self.before, tuple(Refusal(f"{item.id} is bad", item.target if self.told else None) for item in found)
        )


def _kept(waves: Sequence[Wave]) -> list[Planned]:
    return [change for wave in waves for change in wave.changes]


def _arranged(changes: Iterable[Planned]) -> tuple[Wave, ...]:
    """Three side by side, in order of their ids."""
    ordered = sorted(changes, key=lambda item: item.id)
    return tuple(Wave(str(at), tuple(ordered[at : at + 3])) for at in range(0, len(ordered), 3))


@given(st.integers(1, 30), st.sets(st.integers(0, 29), max_size=5), st.booleans())
def test_all_that_can_be_made_is_made_and_nothing_else(count: int, bad: set[int], told: bool) -> None:
    writes = [_write(f"w{number:02}") for number in range(count)]
    stage = Stage({f"w{number:02}" for number in bad}, told=told)
    waves, refused, trial = accepted(stage, writes, _arranged)
    assert [len(wave.changes) for wave in waves] == [len(wave.changes) for wave in _arranged(_kept(waves))]
    assert {item.id for item in _kept(waves)} == {item.id for item in writes} - stage.bad
    assert set(refused) == {item.id for item in writes} & stage.bad
    assert trial.refusals == ()
    if told:
        assert stage.tried <= 3
