"""Plans of the reference platform and of small clusters: what they reach, what they leave out and why."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from seakeep.adapters.plan_file import PlanFileError, as_json, as_yaml, parse_plan, read_plan
from seakeep.adapters.transcript.read import read_transcript
from seakeep.app.demo import demo_intent, demo_snapshot
from seakeep.app.plan import plan
from seakeep.engine.plan.choose import Options
from seakeep.engine.plan.on_paper import NOTE
from seakeep.model.change import Risk
from seakeep.model.plan import Plan, identity
from seakeep.model.platform import Intent
from seakeep.render.plan.text import plan_text
from seakeep.testing.cases import snapshot_of

TODAY = date(2026, 11, 25)
REPAIRS = ("dependency-missing", "external-name-unresolvable", "network-policy-blocks", "node-selector-mismatch")
Object = dict[str, Any]


@pytest.fixture(scope="module")
def repairs() -> Plan:
    return plan(demo_snapshot(), demo_intent(), TODAY, Options(only=REPAIRS))


def test_the_repairs_of_the_reference_platform_make_it_healthy(repairs: Plan) -> None:
    before, after = repairs.rehearsal.before, repairs.rehearsal.after
    assert before.scores["health"] == 84.4
    assert (after.scores["health"] or 0) >= 95
    assert repairs.rehearsal.verdict == "fine"
    for service in ("datahub", "iceberg-rest", "metadata-api", "redis", "superset"):
        ready, intended = after.services[f"data-platform/{service}"]
        assert ready == intended, service


def test_no_single_repair_makes_it_healthy(repairs: Plan) -> None:
    assert len(repairs.changes) == 5
    assert all(change.expected["health"] < 95 for change in repairs.changes)


def test_what_others_need_comes_first(repairs: Plan) -> None:
    waves = [[change.target.kind for change in wave.changes] for wave in repairs.waves]
    assert waves == [["NetworkPolicy", "Service", "Service"], ["Deployment"], ["Deployment"]]


def test_the_same_state_gives_the_same_plan(repairs: Plan) -> None:
    again = plan(demo_snapshot(), demo_intent(), TODAY, Options(only=REPAIRS))
    assert as_yaml(again) == as_yaml(repairs)


def test_a_plan_file_is_read_as_it_was_written(repairs: Plan, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(as_yaml(repairs))
    assert read_plan(path) == repairs
    assert parse_plan(as_json(repairs).decode()) == repairs
    assert identity(repairs.cluster, repairs.waves) == repairs.id


def test_its_json_is_as_the_schema_says(repairs: Plan) -> None:
    schema = json.loads((Path(__file__).parents[2] / "docs/reference/seakeep-v1.schema.json").read_text())
    jsonschema.validate(json.loads(as_json(repairs)), {**schema["$defs"]["PlanDocument"], "$defs": schema["$defs"]})


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("kind: Plan", "kind: Report", "its kind is Report"),
        ("  gate:", "  gait:", "gait"),
        ("risk: low", "risk: none", "none"),
        ("waves:", "waves: [", "not valid YAML"),
    ],
)
def test_what_is_no_plan_is_refused_by_the_field(repairs: Plan, old: str, new: str, told: str) -> None:
    with pytest.raises(PlanFileError, match=told):
        parse_plan(as_yaml(repairs).replace(old, new, 1))


def test_an_edited_plan_shows(repairs: Plan) -> None:
    edited = parse_plan(as_yaml(repairs).replace("kong-postgres", "other-postgres"))
    assert identity(edited.cluster, edited.waves) != edited.id


_SHOP = {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "shop"}}

_ACCOUNT = {"kind": "ServiceAccount", "apiVersion": "v1", "metadata": {"name": "default", "namespace": "shop"}}


def _node(name: str) -> Object:
    room = {"cpu": "4", "memory": "8Gi", "pods": "110"}
    ready = [{"type": "Ready", "status": "True"}]
    return {"kind": "Node", "apiVersion": "v1", "metadata": {"name": name}, "status": {"allocatable": room, "capacity": room, "conditions": ready}}  # fmt: skip


def _web(replicas: int, **metadata: Any) -> Object:
    return {
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "metadata": {"name": "web", "namespace": "shop", "uid": "web", **metadata},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}},
        },
    }  # fmt: skip


def _plan(*objects: Object, **options: Any) -> Plan:
    return plan(
        snapshot_of({"objects": [_SHOP, _ACCOUNT, _node("a"), _node("b"), *objects]}),
        Intent(),
        TODAY,
        Options(**options),
    )


def _rules(value: Plan) -> set[str]:
    return {reason.rule for change in value.changes for reason in change.reasons}


def test_options_narrow_it() -> None:
    assert "disruption-budget-missing" in _rules(_plan(_web(3)))
    low = _plan(_web(3), max_risk=Risk.LOW)
    assert {change.risk for change in low.changes} == {Risk.LOW}
    assert any("risk is medium" in item.reason for item in low.left_out)
    assert "disruption-budget-missing" not in _rules(_plan(_web(3), skip=("disruption-*",)))
    assert _plan(_web(3), namespaces=("other",)).changes == ()
    assert _plan(_web(3), target=0.0).changes == ()


def test_what_somebody_undoes_at_once_is_left_to_them() -> None:
    owned = _web(3, ownerReferences=[{"kind": "Shop", "name": "main", "uid": "x", "controller": True}])
    value = _plan(owned)
    assert all(change.target.kind != "Deployment" for change in value.changes)
    assert any("Shop shop/main owns it" in item.reason for item in value.left_out)


def test_who_reverts_it_later_is_named() -> None:
    released = _web(3, annotations={"meta.helm.sh/release-name": "web"})
    changed = [change for change in _plan(released).changes if change.target.kind == "Deployment"]
    assert changed
    assert all("Helm release shop/web" in change.reverted_by for change in changed)


def test_a_value_that_is_masked_here_is_never_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    from seakeep.adapters.redact import MASK
    from seakeep.app import plan as planning
    from seakeep.engine.plan.proposals import Proposal
    from seakeep.model.change import Change
    from seakeep.model.refs import Ref

    ref = Ref("Deployment", "shop", "web")
    env = [{"name": "DB", "value": f"postgres://shop:{MASK}@db/shop"}]
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "web", "env": env}]}}}}
    proposal = Proposal("service-address-wrong", ref, Change(ref, patch, why="the host is wrong"), 1.0, 1)
    monkeypatch.setattr(planning, "proposals", lambda *_: ([proposal], []))
    value = _plan(_web(2))
    assert value.changes == ()
    assert ["is masked here" in item.reason for item in value.left_out] == [True]


def test_nothing_is_rehearsed_on_nodes_of_which_only_names_are_known() -> None:
    text = """\
$ kubectl get nodes
NAME   STATUS   ROLES    AGE   VERSION
n1     Ready    <none>   5d    v1.33.1
$ kubectl get pods -n shop
NAME   READY   STATUS    RESTARTS   AGE
web    0/1     Pending   0          5m
"""
    found = plan(read_transcript(text, "pasted"), Intent(), TODAY, Options())
    assert found.rehearsal.notes == (NOTE,)
    assert not [item for item in found.asked if item.rule == "repack"]
    # Ages only: no day is known.
    assert plan_text(found, width=100, color=False, verbose=False).startswith(
        f"Plan {found.id} for pasted\nno change\n"
    )
