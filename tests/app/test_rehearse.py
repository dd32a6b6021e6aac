"""Rehearsals of small platforms: what is blocked and by whom, who falls short, and for how long."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from msgspec.structs import replace

from seakeep.adapters.errors import SourceError
from seakeep.app.rehearse import rehearse
from seakeep.model.objects import Pod
from seakeep.model.platform import Intent
from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Level, Rehearsal, Verdict
from seakeep.model.scenario import Expect, Scenario, Step
from seakeep.model.snapshot import Snapshot
from seakeep.render.rehearsal.forms import render_rehearsal
from seakeep.twin.build import build
from seakeep.twin.settings import Settings
from tests.twin.builders import START, Object, node
from tests.twin.platforms import namespace, node_of, nodes, pdb, platform, settled, whole, workload
from tests.twin.workload_worlds import job


def played(snapshot: Snapshot, *steps: Step) -> Rehearsal:
    return rehearse(snapshot, Scenario("test", steps), Intent(), START.date())


def level(found: Rehearsal, service: str, *, after: bool) -> Level:
    side = found.after if after else found.before
    return next(item for item in side.services if item.service == service)


def test_a_drain_moves_pods_and_one_replica_is_missed_meanwhile() -> None:
    found = platform()
    result = played(found, Step("drain", (node_of(found, "worker"),)))
    assert result.verdict is Verdict.DEGRADED
    shorts = {item.workload.name: item for item in result.steps[0].short}
    assert shorts["worker"].lowest == 0
    assert shorts["worker"].recovered
    assert 0 < shorts["worker"].seconds < 60
    assert "web" not in shorts
    assert level(result, "shop/worker", after=True).ready == 1


def test_two_of_three_brokers_are_enough_and_one_is_not() -> None:
    found = platform()
    one = played(found, Step("lose", ("a",)))
    kafka = level(one, "shop/kafka", after=True)
    assert (kafka.ready, kafka.intended, kafka.needed) == (2, 3, 2)
    assert "kafka" not in {item.workload.name for item in one.steps[0].short}
    two = played(found, Step("lose", ("a", "b")))
    short = next(item for item in two.steps[0].short if item.workload.name == "kafka")
    assert (short.lowest, short.needed, short.recovered) == (1, 2, False)


def test_a_lost_node_is_missed_at_once_and_its_pods_come_back_after_six_minutes() -> None:
    found = platform()
    result = played(found, Step("lose", (node_of(found, "worker"),)))
    course = next(item for item in result.timeline if item.service == "shop/worker")
    assert course.points[0] == (0.0, 1)
    assert course.points[1] == (0.0, 0)
    assert course.points[-1][1] == 1
    assert 350 < course.points[-1][0] < 400  # 50 s until it is noticed, 300 s that pods tolerate it, and a start


def test_a_budget_blocks_a_drain_and_says_so() -> None:
    found = platform(pdb("worker", minAvailable=1))
    result = played(found, Step("drain", (node_of(found, "worker"),)))
    assert result.verdict is Verdict.BLOCKED
    refusal = next(item for item in result.steps[0].refusals if item.object.kind == "Pod")
    assert refusal.by == Ref("PodDisruptionBudget", "shop", "worker")
    assert "needs 1 healthy pods and has 1 currently" in refusal.message
    assert level(result, "shop/worker", after=True).ready == 1


def test_a_zone_is_all_of_its_nodes() -> None:
    found = platform()
    result = played(found, Step("lose", ("zone/zone-1",), options={"zones": ("zone-1",)}))
    assert level(result, "shop/kafka", after=True).ready == 2
    nothing = played(found, Step("lose", ("zone/x",), options={"zones": ("x",)}))
    assert nothing.verdict is Verdict.REFUSED
    assert "no node is in zone x" in nothing.steps[0].refusals[0].message


def test_an_upgrade_goes_through_all_nodes_and_stops_where_it_is_blocked() -> None:
    fine = played(platform(), Step("upgrade"))
    assert not fine.steps[0].refusals
    assert level(fine, "shop/kafka", after=True).ready == 3
    blocked = played(platform(pdb("web", maxUnavailable=0)), Step("upgrade"))
    assert blocked.verdict is Verdict.BLOCKED
    assert any("the upgrade stops here" in item.message for item in blocked.steps[0].refusals)


def test_a_quota_refuses_what_is_scaled() -> None:
    quota: Object = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "small", "namespace": "shop"},
        "spec": {"hard": {"pods": "7"}},
    }
    result = played(
        platform(), Step("apply", objects=(quota,)), Step("scale", ("Deployment/shop/worker",), options={"replicas": 4})
    )
    assert result.steps[0].verdict is Verdict.FINE
    assert result.steps[1].verdict is Verdict.BLOCKED
    assert any("exceeded quota: small" in item.message for item in result.steps[1].refusals)


def test_what_the_server_refuses_is_refused() -> None:
    stray = workload("Deployment", "stray", 1)
    stray["metadata"]["namespace"] = "nowhere"
    result = played(platform(), Step("apply", objects=(stray,)))
    assert result.verdict is Verdict.REFUSED
    assert result.steps[0].refusals[0].message == 'namespaces "nowhere" not found'


def test_what_is_no_manifest_is_not_applied() -> None:
    slipped = workload("Deployment", "slipped", 1)
    slipped["spec"]["template"]["spec"]["containers"][0]["ressources"] = {}
    result = played(platform(), Step("apply", objects=(slipped,)))
    assert result.verdict is Verdict.REFUSED
    assert "strict decoding error: unknown field" in result.steps[0].refusals[0].message
    assert not result.steps[0].events


def test_a_new_image_rolls_out() -> None:
    changed = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}}
    container = {"name": "main", "image": "acme/app:2", "resources": {"requests": {"cpu": "500m", "memory": "256Mi"}}}
    patch: dict[str, Any] = {"spec": {"template": {"spec": {"containers": [container]}}}}
    result = played(platform(), Step("apply", objects=({**changed, **patch},)))
    assert not result.steps[0].refusals
    assert level(result, "shop/web", after=True).ready == 2
    assert any("Scaled up replica set web-" in item.why for item in result.steps[0].events)


def test_what_a_manifest_says_takes_the_place_of_what_excludes_it() -> None:
    """As `kubectl apply` has it; a patch that leaves the other where it is asks for both."""
    found = platform(pdb("web", minAvailable=1))
    bound = {"maxUnavailable": 1}
    result = played(found, Step("apply", objects=(pdb("web", **bound),)))
    assert not result.steps[0].refusals
    patch = Step("patch", ("PodDisruptionBudget/shop/web",), options={"patch": {"spec": bound}})
    assert "cannot be both set" in played(found, patch).steps[0].refusals[0].message
    meta = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}}
    anew = {"spec": {"strategy": {"type": "Recreate"}}}
    assert not played(found, Step("apply", objects=({**meta, **anew},))).steps[0].refusals
    patch = Step("patch", ("Deployment/shop/web",), options={"patch": anew})
    assert "may not be specified when strategy" in played(found, patch).steps[0].refusals[0].message


def test_what_a_manifest_no_longer_says_goes() -> None:
    """The manifest that was applied last tells what is from it."""
    before = workload("Deployment", "picky", 1)
    after = deepcopy(before)
    before["spec"]["template"]["spec"]["nodeSelector"] = {"disk": "none"}
    before["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(before)}
    result = played(platform(before), Step("apply", objects=(after,)))
    assert result.verdict is Verdict.FINE
    assert level(result, "shop/picky", after=True).ready == 1


def test_too_large_a_request_finds_no_node() -> None:
    large = workload("Deployment", "large", 1)
    large["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "64"
    result = played(platform(), Step("apply", objects=(large,)))
    assert result.verdict is Verdict.BLOCKED
    assert [item.kind for item in result.steps[0].refusals] == ["unschedulable"]
    assert "3 Insufficient cpu" in result.steps[0].refusals[0].message


def test_what_waited_before_is_not_blamed_on_the_drain() -> None:
    large = workload("Deployment", "large", 1)
    large["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "64"
    result = played(platform(large), Step("cordon", ("a",)))
    assert result.verdict is Verdict.FINE
    assert not result.steps[0].refusals


@pytest.mark.parametrize("form", ["text", "json", "yaml", "md", "html", "junit"])
def test_the_same_input_gives_the_same_bytes(form: str) -> None:
    found = platform(pdb("worker", minAvailable=1))
    texts = {
        render_rehearsal(played(found, Step("drain", ("a",)), Step("uncordon", ("a",))), form, verbose=True)
        for _ in range(2)
    }
    assert len(texts) == 1
    assert "kafka" in texts.pop() or form in {"junit", "html"}


def test_a_roll_out_that_comes_to_no_end_is_blocked_with_what_keeps_it() -> None:
    """Brokers are replaced one after the other, and the one on the lost node ends for ever."""
    found = platform()
    node_gone = next(pod.spec.node_name for pod in found.all(Pod) if pod.name == "kafka-2")
    lost, restarted = played(found, Step("lose", (node_gone,)), Step("restart", ("StatefulSet/shop/kafka",))).steps
    assert lost.verdict is not Verdict.BLOCKED
    assert restarted.verdict is Verdict.BLOCKED
    (refusal,) = restarted.refusals
    assert (refusal.kind, refusal.object) == ("blocked", Ref("StatefulSet", "shop", "kafka"))
    assert refusal.message == "its roll-out does not finish: 2 of 3 pods are ready: Pod kafka-2 is Terminating"


def test_a_roll_out_under_way_or_held_on_purpose_is_not_blocked() -> None:
    new = {"spec": {"template": {"metadata": {"labels": {"version": "2"}}}}}
    patch = Step("patch", ("Deployment/shop/web",), options={"patch": new}, bound=5.0)
    assert not played(platform(), patch).steps[0].refusals, "it has not had the time"
    paused = Step("patch", ("Deployment/shop/web",), options={"patch": {"spec": {"paused": True, **new["spec"]}}})
    by_hand = {"spec": {"updateStrategy": {"type": "OnDelete", "rollingUpdate": None}, **new["spec"]}}
    on_delete = Step("patch", ("StatefulSet/shop/kafka",), options={"patch": by_hand})
    assert played(platform(), paused, on_delete).verdict is Verdict.FINE


def test_while_waiting_time_passes_and_cron_jobs_start_theirs() -> None:
    cron: Object = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "tick", "namespace": "shop", "uid": "tick"},
        "spec": {
            "schedule": "*/20 * * * *",
            "concurrencyPolicy": "Allow",
            "jobTemplate": {
                "spec": {
                    "template": {
                        "spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "acme/tick:1"}]}
                    }
                }
            },
        },
        "status": {"lastScheduleTime": START.isoformat()},
    }
    result = played(whole([*nodes(), *namespace(), cron]), Step("wait", bound=3900.0))
    made = [event for event in result.steps[0].events if (event.object.kind, event.what) == ("Job", "created")]
    assert [event.at for event in made] == [1200.0, 2400.0, 3600.0]
    assert (result.seconds, result.verdict) == (3900.0, Verdict.FINE)


def test_what_an_expectation_may_have_meant() -> None:
    wishes = tuple(
        Expect("ready", compare=">=", number=1, **subject)
        for subject in ({"service": "worke"}, {"object": Ref("Deployment", "default", "web")}, {"service": "x"})
    )
    found = played(platform(), Step("wait", bound=1.0, expects=wishes)).expectations
    told = "no such service or workload"
    assert [(item.met, item.found) for item in found] == [
        (False, f"{told}; there is shop/worker"),
        (False, f"{told}; there is Deployment/shop/web"),
        (False, told),
    ]


def test_manifests_cannot_be_rehearsed_on() -> None:
    with pytest.raises(SourceError, match="shows no nodes"):
        played(whole([*namespace(), workload("Deployment", "web", 1)]), Step("wait"))


IMPOSSIBLE: dict[str, list[Object]] = {
    "a pod on a missing node": [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "lost", "namespace": "shop", "labels": {"app": "lost"}},
            "spec": {"nodeName": "nowhere", "containers": [{"name": "main", "image": "x"}]},
            "status": {"phase": "Running"},
        }
    ],
    "owners in a circle": [
        {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": one,
                "namespace": "shop",
                "ownerReferences": [
                    {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": other, "uid": other, "controller": True}
                ],
                "uid": one,
            },
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": {"app": one}},
                "template": {"metadata": {"labels": {"app": one}}},
            },
        }
        for one, other in (("x", "y"), ("y", "x"))
    ],
    "a budget over the whole": [pdb("web", minAvailable="150%"), pdb("worker", maxUnavailable="-5%")],
    "a budget of no number": [pdb("web", minAvailable="many")],
    "negative room": [
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": "negative"},
            "status": {"allocatable": {"cpu": "-4", "memory": "lots", "pods": "-1"}},
        }
    ],
    "negative replicas": [workload("Deployment", "negative", -3), workload("StatefulSet", "less", -1)],
    "a selector for everything": [
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": "all", "namespace": "shop"},
            "spec": {"selector": {}, "maxUnavailable": 0},
        }
    ],
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_impossible_states_are_taken_as_found(name: str) -> None:
    found = settled([*nodes(2), node("bare"), *namespace(), workload("Deployment", "web", 2), *IMPOSSIBLE[name]])
    result = played(found, Step("drain", ("a",)), Step("lose", ("b",)))
    assert len(result.steps) == 2


def test_what_was_refused_before_is_told_of_the_step_that_changes_it() -> None:
    full = settled([*nodes(), *namespace(), TIGHT, workload("Deployment", "web", 3), workload("Deployment", "idle", 1)])
    scaled = played(full, Step("scale", ("Deployment/shop/web",), options={"replicas": 5}))
    assert scaled.verdict is Verdict.BLOCKED
    assert ["exceeded quota: tight" in item.message for item in scaled.steps[0].refusals] == [True]
    other = played(full, Step("scale", ("Deployment/shop/idle",), options={"replicas": 0}))
    assert other.steps[0].refusals == ()


def pinned(replicas: int) -> Object:
    """A workload whose template names the node `c`: the scheduler is not asked, and a taint there is no reason to make its pods elsewhere."""
    item = workload("Deployment", "pinned", replicas)
    item["spec"]["template"]["spec"]["nodeName"] = "c"
    return item


TIGHT: Object = {
    "apiVersion": "v1",
    "kind": "ResourceQuota",
    "metadata": {"name": "tight", "namespace": "shop"},
    "spec": {"hard": {"pods": "2"}},
}
BROKEN = Step("taint", ("c",), options={"key": "broken", "effect": "NoExecute"})


def test_what_a_step_sets_going_for_ever_is_stopped_named_and_left_behind() -> None:
    found = played(platform(pinned(2), count=4), BROKEN, Step("drain", ("a",)))
    first, then = found.steps
    assert first.verdict is Verdict.UNSETTLED
    assert {ref.kind for ref, _ in first.oscillating} == {"ReplicaSet", "Deployment"}
    assert all(ref.name.startswith("pinned") and count > 200 for ref, count in first.oscillating)
    # What the taint drove from the node besides came to rest elsewhere, and the drain was played.
    assert level(found, "shop/web", after=True).ready == 2
    assert then.verdict is not Verdict.UNSETTLED
    assert then.oscillating == ()


def test_what_runs_for_ever_already_is_not_paid_for_by_what_it_left_behind() -> None:
    """Hundreds of pods that are ending, as a source shows them that was read meanwhile."""
    items = [node("c"), *namespace(), pinned(1)]
    items[0]["spec"] = {"taints": [{"key": "broken", "effect": "NoExecute"}]}
    found = whole(items)
    twin = build(found, settings=Settings(most_steps=1_500))
    assert twin.settle(within=900) is not None
    result = rehearse(
        replace(found, objects=twin.state.objects(), taken_at=twin.now),
        Scenario("test", (Step("cordon", ("c",)),)),
        Intent(),
        START.date(),
    )
    assert {ref.name.partition("-")[0] for ref, _ in result.unsettled} == {"pinned"}
    assert max(count for _, count in result.unsettled) < 2_000


def test_a_job_that_a_drain_makes_fail_for_good_is_told_once() -> None:
    begun = build(whole([*nodes(), *namespace(), job(backoffLimit=0), job("again", backoffLimit=3)]))
    begun.settle(within=10)
    found = replace(begun.snapshot, objects=begun.state.objects(), taken_at=begun.now)
    at = sorted({pod.spec.node_name for pod in found.all(Pod)})
    result = played(found, Step("drain", tuple(at)), Step("wait", bound=60))
    drained, later = result.steps
    (told,) = drained.refusals
    assert (told.kind, told.object) == ("failed", Ref("Job", "shop", "load"))
    assert told.message.startswith("BackoffLimitExceeded")
    assert (drained.verdict, later.verdict, later.refusals) == (Verdict.DEGRADED, Verdict.FINE, ())
