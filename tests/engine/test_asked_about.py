"""What was asked about by name, what is waived, and checks that fail because of their target."""

from __future__ import annotations

from seakeep.adapters.transcript.read import read_transcript
from seakeep.catalog.loader import causes
from seakeep.contract.cause import LIKELY, POSSIBLE, PROVEN
from seakeep.engine.diagnose import WAIVED, diagnose
from seakeep.facts.calls.dependencies import consumers
from seakeep.facts.index import Index
from seakeep.model.cause import Diagnosis
from seakeep.model.refs import Ref
from seakeep.testing.cases import snapshot_of
from tests.engine.candidates import DB, WEB, candidate, index, leaf, pods_of
from tests.engine.strategies import objects

TABLE = """$ kubectl get pods -n shop
NAME                       READY   STATUS                  RESTARTS        AGE
till-0                     1/1     Running                 0               2d
stock-5b9f7d6c4-7xk2p      0/1     Init:CrashLoopBackOff   41 (2m ago)     2d
"""
WELL = TABLE.replace("0/1     Init:CrashLoopBackOff", "1/1     Running              ")
DESCRIBED = """$ kubectl describe pod till-0 -n shop
Name:             till-0
Namespace:        shop
Status:           Running
Containers:
  till:
    Image:          acme/till:1
    State:          Running
      Started:      Mon, 02 Mar 2026 10:00:00 +0000
    Ready:          True
    Restart Count:  0
Conditions:
  Type              Status
  Ready             True
"""


def _read(text: str) -> Diagnosis:
    found = Index(read_transcript(text, "transcript"))
    return diagnose(found, causes(), consumers(found))


def test_a_row_alone_is_possible_at_most() -> None:
    found = _read(TABLE)
    assert [(item.candidate.id, item.candidate.confidence) for item in found.causes] == [
        ("init-container-failing", POSSIBLE)
    ]


def test_what_was_described_and_looks_well_is_asked_for_its_log() -> None:
    wanted = "kubectl logs till-0 -n shop --all-containers --tail=300"
    assert [item.lookup for item in _read(WELL + DESCRIBED).insufficient] == [wanted]
    assert wanted in [item.lookup for item in _read(TABLE + DESCRIBED).insufficient], "another's row answers nothing"
    assert _read(TABLE + DESCRIBED).insufficient[0].lookup == wanted, "what was asked about comes first"
    read = "$ kubectl logs till-0 -n shop\nlistening on 8080\n"
    assert not _read(WELL + DESCRIBED + read).insufficient


def test_a_healthy_table_asks_nothing() -> None:
    assert not _read(WELL).insufficient


def test_the_described_outranks_the_listed() -> None:
    web, db = pods_of("w0", 1)[0], pods_of("w1", 1)[0]
    depth = {f"{ref.kind}/{ref.namespace}/{ref.name}": "TABLE" for ref in (WEB, web)}
    shown = Index(snapshot_of({"objects": objects([("acme/job:1", 1, 0), ("postgres:16", 1, 0)]), "depth": depth}))
    leaves = [
        leaf("listed", candidate("listed", WEB, LIKELY, (web,))),
        leaf("described", candidate("described", DB, 0.7, (db,))),
    ]
    found = diagnose(shown, leaves, {})
    assert [item.candidate.id for item in found.causes] == ["described", "listed"]
    unseen = [leaf("listed", candidate("listed", Ref("Job", "default", "never-seen"), LIKELY, (web,))), leaves[1]]
    assert diagnose(shown, unseen, {}).causes[0].candidate.id == "described"
    assert diagnose(index([("acme/job:1", 1, 0), ("postgres:16", 1, 0)]), leaves, {}).causes[0].candidate.id == "listed"


def test_waived_services_come_last_and_as_information() -> None:
    leaves = [
        leaf("waived", candidate("waived", WEB, PROVEN, pods_of("w0", 3))),
        leaf("other", candidate("other", DB, POSSIBLE, pods_of("w1", 1))),
    ]
    shown = index([("acme/job:1", 3, 0), ("postgres:16", 1, 0)])
    levels = {WEB: WAIVED, DB: "normal", **dict.fromkeys(pods_of("w0", 3), WAIVED)}
    found = diagnose(shown, leaves, {}, levels)
    assert [(item.candidate.id, item.severity) for item in found.causes] == [("other", "error"), ("waived", "info")]
    both = [leaf("shared", candidate("shared", Ref("Node", "", "n"), PROVEN, (*pods_of("w0", 3), *pods_of("w1", 1))))]
    assert diagnose(shown, both, {}, {**levels, pods_of("w1", 1)[0]: "normal"}).causes[0].severity == "error"


def test_a_failed_check_is_explained_by_what_ails_its_target() -> None:
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "db"},
        "spec": {"selector": {"app": "w1"}, "ports": [{"port": 5432}]},
    }
    probe = {"probe": "tcp", "origin": "Pod/default/desk", "target": "db", "port": 5432, "outcome": "refused", "detail": ""}  # fmt: skip
    shown = Index(snapshot_of({"objects": [*objects([("acme/job:1", 1, 1), ("postgres:16", 1, 0)]), service], "checks": [probe]}))  # fmt: skip
    assert [item.target for item in diagnose(shown, [], {}).unexplained if item.target] == [
        Ref("Service", "default", "db")
    ]
    broken = leaf("oom-killed", candidate("oom-killed", DB, PROVEN, pods_of("w1", 1)))
    assert diagnose(shown, [broken], {}).unexplained == ()
    elsewhere = leaf("oom-killed", candidate("oom-killed", WEB, PROVEN, pods_of("w0", 1)))
    assert any(item.target for item in diagnose(shown, [elsewhere], {}).unexplained)


def test_a_possible_dependency_swallows_no_surer_cause() -> None:
    log = (
        "$ kubectl logs -n mill miller-0\n"
        '2026-03-02T10:00:00Z INFO Internal error occurred: failed calling webhook "vmill.example.io": failed to call webhook: '
        'Post "https://grinder.mill.svc:9443/validate?timeout=10s": no endpoints available for service "grinder"\n'
    )
    first = _read(log).causes[0].candidate
    assert (first.id, first.confidence) == ("webhook-unavailable", LIKELY)


def test_what_only_its_events_show_is_asked_for() -> None:
    head = "$ kubectl get events -n mill\nLAST SEEN   TYPE      REASON      OBJECT         MESSAGE\n"
    bad = "9m          Warning   Unhealthy   pod/miller-0   Liveness probe failed: HTTP probe failed with statuscode: 503\n"
    good = "8m          Normal    Started     pod/miller-0   Started container miller\n"
    assert [item.lookup for item in _read(head + bad).insufficient] == ["kubectl describe pod miller-0 -n mill"]
    assert not _read(head + bad + good).insufficient, "its last word is no warning"
