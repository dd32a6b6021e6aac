"""Snapshots of states that cannot be: taken as found, or refused with the object's name. Never a traceback, and nothing hangs."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from seakeep.adapters.errors import SourceError, UsageError
from seakeep.cli.main import app
from tests.cli.small_cluster import STARTED, Object, listed, named, node, objects, pod, thing

# From 0: healthy, found wanting, not settled, refused or blocked.
_CODES = {0, 2, 3, 12, 20}
_CALLS = (
    ("rehearse", "drain", "n1", "@"),
    ("rehearse", "lose", "n2", "@"),
    ("rehearse", "upgrade", "@"),
    ("rehearse", "schedule", "@"),
    ("survive", "@"),
)


def play(items: list[Object], *words: str) -> tuple[int, str]:
    """Exit code and what was said. Anything but a known error fails the test with its traceback."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dump.json"
        path.write_text(json.dumps(listed(items)))
        result = CliRunner().invoke(app, [str(path) if word == "@" else word for word in words] + ["-q"])
    if isinstance(result.exception, SourceError | UsageError):
        assert result.exception.hint
        return result.exception.exit_code, f"{result.exception} {result.exception.hint}"
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def spec(items: list[Object], kind: str, name: str) -> Any:
    return named(items, kind, name)["spec"]


def on_a_missing_node(items: list[Object]) -> None:
    spec(items, "Pod", "web-1")["nodeName"] = "gone"


def negative_capacity(items: list[Object]) -> None:
    named(items, "Node", "n1")["status"]["allocatable"].update(cpu="-4", memory="-1Gi", pods="-3")


def capacity_beyond_numbers(items: list[Object]) -> None:
    named(items, "Node", "n1")["status"]["allocatable"].update(cpu="lots", memory="1e999", pods="9" * 400)


def no_capacity(items: list[Object]) -> None:
    for name in ("n1", "n2", "n3"):
        named(items, "Node", name)["status"] = {}


def negative_requests(items: list[Object]) -> None:
    for item in items:
        if item["kind"] == "Pod":
            item["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "-100m"


def owners_in_a_circle(items: list[Object]) -> None:
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "ReplicaSet-shop-web"}
    named(items, "Deployment", "web")["metadata"]["ownerReferences"] = [owner | {"controller": True}]


def each_its_own_owner(items: list[Object]) -> None:
    for item in items:
        metadata = item["metadata"]
        owner = {"apiVersion": item["apiVersion"], "kind": item["kind"], "name": metadata["name"]}
        metadata["ownerReferences"] = [owner | {"uid": metadata["uid"], "controller": True}]


def selectors_of_everything(items: list[Object]) -> None:
    spec(items, "NetworkPolicy", "web")["podSelector"] = {}
    for kind, name in (*_WORKLOADS, ("Service", "web"), ("PodDisruptionBudget", "web")):
        spec(items, kind, name)["selector"] = {}


def no_selectors(items: list[Object]) -> None:
    for kind, name in (*_WORKLOADS, ("Service", "web"), ("PodDisruptionBudget", "web")):
        spec(items, kind, name)["selector"] = None


def templates_of_others(items: list[Object]) -> None:
    for kind, name in _WORKLOADS:
        spec(items, kind, name)["template"]["metadata"]["labels"] = {"app": "other"}


def one_uid(items: list[Object]) -> None:
    for item in items:
        item["metadata"]["uid"] = "same"


def one_name_twice(items: list[Object]) -> None:
    items.append(pod("web-1", "web", "n3"))


def owner_elsewhere(items: list[Object]) -> None:
    items.append(thing("v1", "Namespace", "other", ""))
    named(items, "Pod", "web-1")["metadata"]["namespace"] = "other"


def ten_thousand_containers(items: list[Object]) -> None:
    found = spec(items, "Pod", "web-1")
    found["containers"] = [{**found["containers"][0], "name": f"c{number}"} for number in range(10_000)]


def negative_numbers(items: list[Object]) -> None:
    for kind, name in _WORKLOADS:
        spec(items, kind, name)["replicas"] = -3
    job = {"parallelism": -1, "completions": -5, "backoffLimit": -1, "activeDeadlineSeconds": -5}
    spec(items, "Job", "load").update(job, ttlSecondsAfterFinished=-9)
    spec(items, "HorizontalPodAutoscaler", "web").update(minReplicas=-1, maxReplicas=-5)


def beyond_the_calendar(items: list[Object]) -> None:
    for item in items:
        item["metadata"]["creationTimestamp"] = "9999-12-31T23:59:59Z"
        if item["kind"] == "Pod":
            item["spec"]["terminationGracePeriodSeconds"] = 10**15
            item["spec"]["tolerations"] = [{"operator": "Exists", "tolerationSeconds": 10**18}]
        if item["kind"] in {"Deployment", "ReplicaSet"}:
            item["spec"] |= {"minReadySeconds": 10**12, "progressDeadlineSeconds": 10**15}
            probe = item["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]
            probe |= {"initialDelaySeconds": 10**15, "periodSeconds": 10**15, "failureThreshold": 10**12}


def before_the_calendar(items: list[Object]) -> None:
    for item in items:
        item["metadata"]["creationTimestamp"] = "0001-01-01T00:00:00Z"
    spec(items, "CronJob", "tick")["timeZone"] = "America/New_York"


def schedules_of_no_clock(items: list[Object]) -> None:
    spec(items, "CronJob", "tick")["schedule"] = "61 25 * * *"
    items.append(named(objects(), "CronJob", "tick"))
    items[-1]["metadata"]["name"] = "never"
    items[-1]["spec"] |= {"schedule": "0 0 31 2 *", "timeZone": "Mars/Base"}


def quotas_of_no_number(items: list[Object]) -> None:
    spec(items, "ResourceQuota", "quota")["hard"] = {
        "pods": "-5",
        "requests.cpu": "abc",
        "count/pods": "1.5",
        "x/y/z": "3",
    }
    limit = {"type": "Container", "min": {"cpu": "5"}, "max": {"cpu": "-1"}, "default": {"cpu": "x"}}
    spec(items, "LimitRange", "range")["limits"] = [limit | {"maxLimitRequestRatio": {"cpu": "0"}}, {"type": "Nope"}]


def nothing_said(items: list[Object]) -> None:
    for item in items:
        item.pop("spec", None)
        item.pop("status", None)


_WORKLOADS = (("Deployment", "web"), ("ReplicaSet", "web"), ("StatefulSet", "db"), ("DaemonSet", "agent"))
_STATES = (
    on_a_missing_node,
    negative_capacity,
    capacity_beyond_numbers,
    no_capacity,
    negative_requests,
    owners_in_a_circle,
    each_its_own_owner,
    selectors_of_everything,
    no_selectors,
    templates_of_others,
    one_uid,
    one_name_twice,
    owner_elsewhere,
    ten_thousand_containers,
    negative_numbers,
    beyond_the_calendar,
    before_the_calendar,
    schedules_of_no_clock,
    quotas_of_no_number,
    nothing_said,
)


@pytest.mark.parametrize("change", _STATES, ids=lambda change: change.__name__)
def test_states_that_cannot_be_are_taken_as_found(change: Callable[[list[Object]], None]) -> None:
    items = objects()
    change(items)
    for words in _CALLS:
        code, text = play(items, *words)
        assert code in _CODES, text
        assert text or words[1] == "schedule"


@pytest.mark.parametrize("share", ["150%", "-20%", -1, "garbage", "%", "50.5%", "9" * 30 + "%", 10**30, True, [], {}])
def test_shares_that_are_none(share: object) -> None:
    for budget in ("minAvailable", "maxUnavailable"):
        items = objects()
        found = spec(items, "PodDisruptionBudget", "web")
        del found["minAvailable"]
        found[budget] = share
        spec(items, "Deployment", "web")["strategy"] = {"rollingUpdate": {"maxSurge": share, "maxUnavailable": share}}
        rolling = {"rollingUpdate": {"partition": share, "maxUnavailable": share, "maxSurge": share}}
        spec(items, "StatefulSet", "db")["updateStrategy"] = rolling
        spec(items, "DaemonSet", "agent")["updateStrategy"] = rolling
        for words in (_CALLS[0], _CALLS[4]):
            code, text = play(items, *words)
            assert code in _CODES, text


def test_a_budget_over_all_pods_blocks_the_drain_and_is_named() -> None:
    items = objects()
    spec(items, "PodDisruptionBudget", "web")["minAvailable"] = "150%"
    code, text = play(items, "rehearse", "drain", "n1", "@")
    assert code == 20
    assert "web" in text
    assert "disruption budget" in text


def test_no_nodes_are_refused_with_what_to_do() -> None:
    items = [item for item in objects() if item["kind"] != "Node"]
    code, text = play(items, "rehearse", "drain", "n1", "@")
    assert code == 2
    assert "shows no nodes" in text
    assert "Rehearse on a dump of a cluster" in text


def test_manifests_are_no_cluster_and_may_be_applied_to_one(tmp_path: Path) -> None:
    file = tmp_path / "web.yaml"
    file.write_text("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2}\n")
    error = CliRunner().invoke(app, ["rehearse", "drain", "n1", str(file), "-q"]).exception
    assert isinstance(error, SourceError)
    assert "holds manifests and no cluster" in str(error)
    assert "seakeep rehearse apply" in error.hint


def test_a_node_that_is_not_there_is_named() -> None:
    """With those that are: a slip, and nothing that the twin refuses."""
    for words in (("drain", "n9", "@"), ("lose", "n9", "@"), ("upgrade", "@", "--node", "n9")):
        code, text = play(objects(), "rehearse", *words)
        assert code == 2
        assert "has no node 'n9'" in text
        assert "It has n1" in text


def web_templates(items: list[Object]) -> list[Any]:
    return [spec(items, kind, "web")["template"]["spec"] for kind in ("Deployment", "ReplicaSet")]


def pods_for_a_node_that_evicts_them(items: list[Object]) -> None:
    spec(items, "Node", "n1")["taints"] = [{"key": "broken", "effect": "NoExecute"}]
    for each in web_templates(items):
        each["nodeName"] = "n1"
    spec(items, "Pod", "web-2")["nodeName"] = "n1"


def pods_that_fail_at_once(items: list[Object]) -> None:
    crashed = {"exitCode": 1, "reason": "Error", "startedAt": STARTED, "finishedAt": STARTED}
    for name in ("web-1", "web-2"):
        status = named(items, "Pod", name)["status"]
        status["conditions"] = [{"type": "Ready", "status": "False"}]
        status["containerStatuses"][0] |= {
            "ready": False,
            "restartCount": 900,
            "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": crashed},
        }


def two_autoscalers_of_one_target(items: list[Object]) -> None:
    """One wants at least 6, the other at most 4: they keep to their bounds even where metrics cannot be told apart (AmbiguousSelector)."""
    items.append(named(objects(), "HorizontalPodAutoscaler", "web"))
    items[-1]["metadata"]["name"] = "other"
    items[-1]["spec"] |= {"minReplicas": 6, "maxReplicas": 8}


def a_job_of_very_many_pods(items: list[Object]) -> None:
    spec(items, "Job", "load").update(parallelism=10**8, completions=10**8)
    items.remove(named(items, "ResourceQuota", "quota"))


@pytest.mark.parametrize(
    ("change", "culprit"),
    [
        (pods_for_a_node_that_evicts_them, "ReplicaSet shop/web"),
        (a_job_of_very_many_pods, "Job shop/load"),
        (two_autoscalers_of_one_target, "HorizontalPodAutoscaler shop/other"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_never_settles_is_named_and_paid_for_once(change: Callable[[list[Object]], None], culprit: str) -> None:
    items = objects()
    change(items)
    for words in (_CALLS[0], _CALLS[4]):
        code, text = play(items, *words)
        assert code in {3, 12, 20}, text
        assert "Does not settle on the twin even without this" in text
        assert culprit in text
    _, text = play(items, "rehearse", "drain", "n1", "@", "-o", "json")
    named_there = [item["object"] for item in json.loads(text)["unsettledBefore"]]
    assert culprit in {f"{item['kind']} {item['namespace']}/{item['name']}" for item in named_there}


def test_a_crash_loop_has_settled() -> None:
    items = objects()
    pods_that_fail_at_once(items)
    for words in (_CALLS[0], _CALLS[4]):
        code, text = play(items, *words)
        assert code in {0, 12, 20}, text
        assert "Does not settle" not in text


def test_many_policies() -> None:
    """Each is looked at once: a policy for other pods costs nothing more."""
    items = objects()
    for number in range(20_000):
        rule = {"from": [{"podSelector": {"matchLabels": {"app": f"x{number}"}}}]}
        selected = {"matchLabels": {"app": "web" if number % 2 else f"a{number}"}}
        body = {"podSelector": selected, "policyTypes": ["Ingress"], "ingress": [rule]}
        items.append(thing("networking.k8s.io/v1", "NetworkPolicy", f"p{number}", spec=body))
    code, text = play(items, "rehearse", "reach", "@", "--from", "Pod/shop/db-0", "--to", "web:80")
    assert code == 0
    assert "NetworkPolicy web admits it" in text
    assert play(items, "rehearse", "drain", "n1", "@")[0] in _CODES


_ODD = st.sampled_from(
    [None, "", -1, 0, 10**30, -(10**30), "x", "-5", "200%", "1e400", True, [], {}, [None], {"": None}, 0.5, "é\u202e"]
)


def _paths(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, child in value.items():
            found += _paths(child, (*path, key))
    elif isinstance(value, list):
        for number, child in enumerate(value):
            found += _paths(child, (*path, number))
    return found


_PLACES = [place for place in _paths(objects()) if len(place) > 2 or place[-1] not in {"kind", "metadata"}]


@pytest.mark.long
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(_PLACES), st.one_of(st.just("drop"), _ODD)), min_size=1, max_size=6))
def test_any_change_of_a_small_cluster(changes: list[tuple[tuple[Any, ...], object]]) -> None:
    items: Any = objects()
    for (*way, last), value in changes:
        place = items
        try:
            for step in way:
                place = place[step]
            if value == "drop":
                del place[last]
            else:
                place[last] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    items = [item for item in items if isinstance(item, dict)]
    for words in (_CALLS[0], _CALLS[3], _CALLS[4]):
        code, text = play(items, *words)
        assert code in _CODES, text


@pytest.mark.long
@settings(max_examples=15)
@given(st.data())
def test_any_owners(data: st.DataObject) -> None:
    """Circles, strangers and oneself."""
    items = [*objects(), node("n4")]
    for item in items:
        for other in data.draw(st.lists(st.sampled_from(items), max_size=2)):
            owner = {"apiVersion": other["apiVersion"], "kind": other["kind"], "name": other["metadata"]["name"]}
            uid = data.draw(st.sampled_from([other["metadata"]["uid"], "", "stranger"]))
            item["metadata"].setdefault("ownerReferences", []).append(
                owner | {"uid": uid, "controller": data.draw(st.booleans())}
            )
    for words in (_CALLS[0], _CALLS[4]):
        code, text = play(items, *words)
        assert code in _CODES, text
