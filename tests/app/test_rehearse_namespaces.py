"""Rehearsals of a deleted namespace: what ran in it is missed, and no score rises for that."""

from __future__ import annotations

import pytest

from seakeep.app.rehearse import rehearse
from seakeep.model.platform import Declared, Intent
from seakeep.model.rehearsal import Rehearsal, Verdict
from seakeep.model.scenario import Scenario, Step
from seakeep.model.snapshot import Snapshot
from tests.twin.builders import START
from tests.twin.platforms import namespace, nodes, settled, workload

_INTENT = Intent(
    services=(Declared(id="web", workloads=("Deployment/shop/web",), intended={"Deployment/shop/web": 2}),)
)


def platform() -> Snapshot:
    return settled([*nodes(2), *namespace(), workload("Deployment", "web", 2)])


def deleted(name: str, intent: Intent = _INTENT) -> Rehearsal:
    return rehearse(platform(), Scenario("test", (Step("delete", (f"Namespace/{name}",)),)), intent, START.date())


@pytest.mark.parametrize("intent", [_INTENT, Intent()])
def test_what_ran_in_it_is_missed(intent: Intent) -> None:
    result = deleted("shop", intent)
    assert result.verdict is Verdict.DEGRADED
    (short,) = result.steps[0].short
    assert (short.workload.name, short.lowest, short.recovered) == ("web", 0, False)
    removed = [event.object.kind for event in result.steps[0].events if event.what == "removed"]
    assert removed.index("Pod") < removed.index("Deployment") < removed.index("Namespace")


@pytest.mark.parametrize("intent", [_INTENT, Intent()])
def test_no_score_of_what_runs_rises(intent: Intent) -> None:
    result = deleted("shop", intent)
    before, after = ({item.id: item.value for item in side.scores} for side in (result.before, result.after))
    for name in ("health", "running"):
        assert before[name] == 100
        assert after[name] in ((0,) if intent.services else (None,))


@pytest.mark.parametrize("name", ["default", "kube-public", "kube-system"])
def test_the_clusters_own_are_not_deleted(name: str) -> None:
    snapshot = settled([*nodes(1), *namespace(name)])
    result = rehearse(snapshot, Scenario("test", (Step("delete", (f"Namespace/{name}",)),)), Intent(), START.date())
    assert result.verdict is Verdict.REFUSED
    (refusal,) = result.steps[0].refusals
    assert refusal.message == f'namespaces "{name}" is forbidden: this namespace may not be deleted'
