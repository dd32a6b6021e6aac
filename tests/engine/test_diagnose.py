"""Ranking and nesting, with leaves made for the purpose."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from msgspec.structs import replace

from seakeep.contract.cause import LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.engine.diagnose import diagnose
from seakeep.facts.index import Index
from seakeep.model.cause import Candidate
from seakeep.model.objects import Pod, Secret
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Log, Unread
from seakeep.testing.cases import NOW
from tests.engine.candidates import DB, WEB, candidate, index, leaf, pods_of
from tests.engine.strategies import objects, snapshot

SERVICE = Ref("Service", "default", "db")


DB_SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "db"},
    "spec": {"selector": {"app": "w1"}, "ports": [{"port": 5432}]},
}


def test_a_failing_dependency_explains_its_consumer() -> None:
    found = diagnose(
        index([("acme/job:1", 2, 0), ("postgres:16", 1, 0)], [DB_SERVICE]),
        [
            leaf("readiness-failing", candidate("readiness-failing", WEB, LIKELY, pods_of("w0", 2)), generic=True),
            leaf("oom-killed", candidate("oom-killed", DB, PROVEN, pods_of("w1", 1))),
        ],
        {SERVICE: (WEB,)},
    )
    assert [cause.candidate.id for cause in found.causes] == ["oom-killed"]
    assert [child.candidate.id for child in found.causes[0].consequences] == ["readiness-failing"]
    assert set(pods_of("w0", 2)) <= set(found.causes[0].explains)


def test_what_waits_for_a_job_that_failed_is_its_consequence() -> None:
    waiters, job = pods_of("w0", 2), Ref("Job", "default", "migrate")
    waits = leaf("init-container-failing", candidate("init-container-failing", WEB, LIKELY, waiters), generic=True)
    for affects, told in ((waiters, ["job-failed"]), (waiters[:1], ["job-failed", "init-container-failing"])):
        failed = leaf("job-failed", candidate("job-failed", job, PROVEN, affects), generic=True)
        found = diagnose(index([("acme/job:1", 2, 0)]), [waits, failed], {})
        assert [cause.candidate.id for cause in found.causes] == told


def test_a_dependency_is_unavailable_because_of_its_own_configuration() -> None:
    found = diagnose(
        index([("postgres:16", 1, 0)]),
        [
            leaf("dependency-unavailable", candidate("dependency-unavailable", WEB, LIKELY, pods_of("w0", 1))),
            leaf("app-config-error", candidate("app-config-error", WEB, POSSIBLE, pods_of("w0", 1))),
        ],
        {},
    )
    assert [cause.candidate.id for cause in found.causes] == ["app-config-error"]


def test_two_proven_causes_stand_side_by_side() -> None:
    found = diagnose(
        index([("acme/job:1", 1, 0), ("postgres:16", 1, 0)], [DB_SERVICE]),
        [
            leaf("image-not-found", candidate("image-not-found", WEB, PROVEN, pods_of("w0", 1))),
            leaf("oom-killed", candidate("oom-killed", DB, PROVEN, pods_of("w1", 1))),
        ],
        {SERVICE: (WEB,)},
    )
    assert {cause.candidate.id for cause in found.causes} == {"image-not-found", "oom-killed"}


def test_old_evidence_ranks_below_current_state() -> None:
    found = diagnose(
        index([("acme/job:1", 1, 0)]),
        [
            leaf("old", candidate("old", WEB, PROVEN, pods_of("w0", 1), current=False, time=NOW - timedelta(hours=5))),
            leaf("now", candidate("now", Ref("ConfigMap", "default", "c"), LIKELY, pods_of("w0", 1))),
        ],
        {},
    )
    assert found.causes[0].candidate.id == "now"
    assert found.causes[-1].severity == "info"


def test_what_explains_more_ranks_higher() -> None:
    found = diagnose(
        index([("acme/job:1", 4, 0), ("postgres:16", 1, 0)]),
        [
            leaf("one", candidate("one", DB, PROVEN, pods_of("w1", 1))),
            leaf("many", candidate("many", WEB, PROVEN, pods_of("w0", 4))),
        ],
        {},
    )
    assert [cause.candidate.id for cause in found.causes] == ["many", "one"]


def test_a_recent_change_ranks_higher() -> None:
    changed = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "new", "creationTimestamp": (NOW - timedelta(minutes=5)).isoformat()},
    }
    old = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "aged", "creationTimestamp": (NOW - timedelta(days=5)).isoformat()},
    }
    found = diagnose(
        index([("acme/job:1", 1, 0)], [changed, old]),
        [
            leaf("a", candidate("a", Ref("ConfigMap", "default", "aged"), LIKELY, pods_of("w0", 1))),
            leaf("b", candidate("b", Ref("ConfigMap", "default", "new"), LIKELY, pods_of("w0", 1))),
        ],
        {},
    )
    assert found.causes[0].candidate.id == "b"


def test_a_hint_is_no_answer_to_a_generic_cause() -> None:
    found = diagnose(
        index([("acme/job:1", 1, 0)]),
        [
            leaf("readiness-failing", candidate("readiness-failing", WEB, LIKELY, pods_of("w0", 1)), generic=True),
            leaf("hint", candidate("hint", WEB, POSSIBLE - 0.2, pods_of("w0", 1))),
        ],
        {},
    )
    assert {cause.candidate.id for cause in found.causes} == {"readiness-failing", "hint"}


def test_a_leaf_that_fails_does_not_cost_the_others() -> None:
    def broken(_: Index) -> Iterable[Candidate]:
        raise ZeroDivisionError

    found = diagnose(
        index([("acme/job:1", 1, 0)]),
        [CauseLeaf("broken", "broken", (Pod,), broken), leaf("fine", candidate("fine", WEB, PROVEN, pods_of("w0", 1)))],
        {},
    )
    assert [cause.candidate.id for cause in found.causes] == ["fine"]
    assert found.skipped == (("broken", "failed: ZeroDivisionError"),)


def test_a_leaf_whose_kinds_were_refused_is_skipped() -> None:
    base = snapshot(objects([("acme/job:1", 1, 1)]))
    limited = Index(replace(base, unread=(Unread("Secret", "", "forbidden"),)))
    found = diagnose(limited, [CauseLeaf("needs-secrets", "x", (Secret,), lambda _: ())], {})
    assert found.skipped == (("needs-secrets", "could not read Secret"),)


def test_unexplained_symptoms_are_said_with_a_lookup() -> None:
    found = diagnose(index([("acme/job:1", 1, 0)]), [], {})
    assert [item.object for item in found.unexplained] == list(pods_of("w0", 1))
    assert found.insufficient[0].lookup.startswith("kubectl logs w0-")


def test_severity_is_critical_only_for_critical_services() -> None:
    leaves = [leaf("oom-killed", candidate("oom-killed", WEB, PROVEN, pods_of("w0", 1)))]
    shape = [("acme/job:1", 1, 0)]
    assert diagnose(index(shape), leaves, {}, {WEB: "critical"}).causes[0].severity == "critical"
    assert diagnose(index(shape), leaves, {}, {WEB: "normal"}).causes[0].severity == "error"


def test_order_of_leaves_does_not_matter() -> None:
    leaves = [
        leaf("a", candidate("a", WEB, LIKELY, pods_of("w0", 1))),
        leaf("b", candidate("b", DB, LIKELY, pods_of("w1", 1))),
        leaf("c", candidate("c", WEB, POSSIBLE)),
    ]
    shape = [("acme/job:1", 1, 0), ("postgres:16", 1, 0)]
    assert diagnose(index(shape), leaves, {}) == diagnose(index(shape), leaves[::-1], {})


def test_no_cause_for_a_well_platform() -> None:
    assert diagnose(index([("acme/job:1", 2, 2)]), [], {}).unexplained == ()


def test_a_node_without_network_is_the_plug_ins_trouble() -> None:
    """Its image cannot be had there; of another DaemonSet's pod on that node the same says nothing about the network."""
    daemon_sets = [{"kind": "DaemonSet", "metadata": {"name": name}} for name in ("cilium", "collector")]
    agents = [
        {
            "kind": "Pod",
            "metadata": {
                "name": f"{name}-7x2k9",
                "ownerReferences": [{"kind": "DaemonSet", "name": name, "controller": True}],
            },
            "spec": {"nodeName": "n-1"},
            "status": {"phase": "Pending", "conditions": [{"type": "Ready", "status": "False"}]},
        }
        for name in ("cilium", "collector")
    ]
    node, pods = (
        Ref("Node", "", "n-1"),
        tuple(Ref("Pod", "default", f"{name}-7x2k9") for name in ("cilium", "collector")),
    )
    for name, beneath in (("cilium", ["cni-not-ready"]), ("collector", [])):
        owner = Ref("DaemonSet", "default", name)
        found = diagnose(
            index([], [*daemon_sets, *agents]),
            [
                leaf("cni-not-ready", candidate("cni-not-ready", node, PROVEN, pods)),
                leaf(
                    "image-not-found",
                    candidate("image-not-found", owner, PROVEN, (Ref("Pod", "default", f"{name}-7x2k9"),)),
                ),
            ],
            {},
        )
        assert [child.candidate.id for cause in found.causes for child in cause.consequences] == beneath


def test_a_setting_of_its_own_is_no_consequence() -> None:
    """A variable that is not set stays so when the database is back; a consumer that called it in vain may only follow from it."""
    platform = index([("acme/job:1", 1, 0), ("postgres:16", 1, 0)], [DB_SERVICE])
    leaves = [
        replace(leaf("app-config-error", candidate("app-config-error", WEB, LIKELY, pods_of("w0", 1))), elsewhere=True),
        leaf("volume-full", candidate("volume-full", DB, PROVEN, pods_of("w1", 1))),
    ]
    called = Log("default", pods_of("w0", 1)[0].name, "main", False, "dial tcp db:5432: connect: connection refused")
    for logs, tops in (((), 2), ((called,), 1)):
        found = diagnose(Index(replace(platform.snapshot, logs=logs)), leaves, {SERVICE: (WEB,)})
        assert len(found.causes) == tops


def test_of_two_that_are_as_sure_the_named_one_comes_first() -> None:
    nameless, named = Ref("Pod", "default", "UNNAMED"), Ref("Pod", "default", "web-0")
    pair = [candidate("oom-killed", nameless, LIKELY), candidate("oom-killed", named, LIKELY)]
    found = diagnose(index([]), [CauseLeaf(id="oom-killed", title="t", reads=(Pod,), find=lambda _: pair)], {})
    assert [item.candidate.object for item in found.causes] == [named, nameless]
