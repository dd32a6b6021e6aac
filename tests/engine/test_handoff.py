"""What a hand-off counts, and what it does not let pass: figures, services, resources, issues, checklist and next steps of small made-up states."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from seakeep.engine.handoff import Seen, compose
from seakeep.engine.handoff.elsewhere import elsewhere, touched
from seakeep.engine.handoff.figures import naive, objectives
from seakeep.engine.handoff.resources import claims, quotas, rooms
from seakeep.engine.handoff.services import turns
from seakeep.engine.score import health, running
from seakeep.facts.index import Index
from seakeep.model.cause import Candidate, Cause, Diagnosis, Repair
from seakeep.model.change import Change
from seakeep.model.handoff import Figure, Handoff, Issue, Tick
from seakeep.model.platform import Intent, Platform, ServiceState, Target, Waiver
from seakeep.model.refs import Ref
from seakeep.model.report import PodCell, Report, SnapshotSummary
from seakeep.model.run import RunState, Step
from seakeep.model.score import Naive, Score, Scores
from seakeep.model.snapshot import Snapshot
from seakeep.model.survival import Disruption, Outcome
from tests.render.handoff_sample import run, sample
from tests.twin.builders import Object
from tests.twin.platforms import namespace, nodes, settled, whole, workload

TODAY = date(2026, 3, 2)


def service(name: str, state: str, ready: int = 1, intended: int = 1, criticality: str = "normal", waiver: Waiver | None = None) -> ServiceState:  # fmt: skip
    weight = {"critical": 10.0, "normal": 2.0}[criticality]
    workloads = (Ref("Deployment", "shop", name),)
    return ServiceState(f"shop/{name}", "", name, "shop", criticality, weight, ready, intended, state, workloads, waiver, "", ready / intended if intended else 1.0, (intended,))  # fmt: skip


def seen(services: list[ServiceState], objects: list[Object] | None = None, pods: Naive = Naive(3, 4), intent: Intent = Intent()) -> Seen:  # noqa: B008 - frozen  # fmt: skip
    platform = Platform(intent, tuple(services))
    scores = Scores(running(platform), health(platform), Score("hardening", 50.0, ""), pods)
    report = Report(SnapshotSummary("test", datetime(2026, 3, 2, tzinfo=UTC), 3, pods.total), scores, platform, (), Diagnosis())  # fmt: skip
    return Seen(report, Index(whole([*nodes(2), *namespace(), *(objects or [])])))


def made(before: Seen | None, after: Seen, *runs, drains=None) -> Handoff:  # type: ignore[no-untyped-def]  # noqa: ANN002, ANN001
    return compose("2026-03-01", runs, before, after, TODAY, drains=drains)


def figure(value: Handoff, name: str) -> Figure:
    return next(item for item in value.scores if item.name == name)


def tick(value: Handoff, start: str) -> Tick:
    return next(item for item in value.checklist if item.text.startswith(start))


def test_a_service_that_is_gone_counts_as_down() -> None:
    before = seen([service("web", "up"), service("cart", "down", 0)])
    after = seen([service("web", "up")])
    assert after.report.scores.health.value == 100
    value = made(before, after)
    found = figure(value, "health")
    assert (found.before, found.after, found.text_after) == (50.0, 50.0, "2 of 4")
    assert "gone since" in found.note
    assert figure(value, "running").after == 50.0
    assert tick(value, "Nothing was removed").met is False
    assert any("shop/cart (normal) is gone" in item.text for item in value.following)


@pytest.mark.parametrize(("expires", "counts"), [(date(2026, 3, 2), False), (date(2026, 3, 1), True)])
def test_a_waiver_excuses_what_is_gone_until_it_ends(expires: date, counts: bool) -> None:
    waiver = Waiver("shop/cart", "not before spring", "shop team", expires)
    after = seen([service("web", "up")], intent=Intent(waivers=(waiver,)))
    value = made(seen([service("web", "up"), service("cart", "down", 0)]), after)
    assert figure(value, "health").after == (50.0 if counts else 100.0)
    assert tick(value, "No waiver has run out").met is not counts


def test_what_was_not_looked_at_is_not_gone_and_lifts_nothing() -> None:
    """One namespace read after, the whole cluster before."""
    before = seen([service("web", "up"), service("cart", "down", 0), service("db", "up", criticality="critical")])
    part = seen([service("web", "up")])
    part = Seen(part.report, Index(replace(part.index.snapshot, complete=frozenset({("Pod", "web")}))))
    value = made(before, part)
    found = figure(value, "health")
    assert (found.after, found.text_after) == (None, "")
    assert found.note == "not shown after, and so not judged: shop/cart, shop/db"
    assert figure(value, "critical services").after is None
    assert {item.name: (item.state_after, item.turn) for item in value.services}["cart"] == ("unknown", "unknown")
    assert tick(value, "Every service").met is None
    assert tick(value, "Every critical").met is None
    assert not any("shop/cart" in item.text for item in value.following)
    assert [item.after for item in value.pods] == [None] * 6
    assert "of before" not in figure(value, "naive").note


def test_the_share_of_pods_says_how_it_rose() -> None:
    """The first day of the reference platform: 118 of 154, then 125 of 141, which is not 85.6 %."""
    found = naive(Naive(118, 154), Naive(125, 141))
    assert (found.before, found.after, found.delta) == (76.6, 88.7, 12.1)
    assert "of the 154 of before it would be 81.2" in found.note
    assert "of before" not in naive(Naive(3, 4), Naive(5, 5)).note


def test_targets_are_judged_on_their_day() -> None:
    intent = Intent(targets=(Target("health", 90), Target("health", 90, date(2026, 3, 3)), Target("survival", 50)))
    found = objectives(intent, [Figure("health", 80.0, 95.0)], TODAY)
    assert [item.met for item in found] == [True, None, None]
    missed = objectives(Intent(targets=(Target("health", 99),)), [Figure("health", 80.0, 95.0)], TODAY)
    assert [item.met for item in missed] == [False]


@pytest.mark.parametrize(
    ("state", "ready", "kind"),
    [
        ("Completed", True, "finished"),
        ("Running", True, "ready"),
        ("Running", False, "notready"),
        ("Init:0/1", False, "waiting"),
        ("Init:CrashLoopBackOff", False, "failed"),
        ("CrashLoopBackOff", False, "failed"),
        ("Pending", False, "waiting"),
    ],
)
def test_pods_by_kind(state: str, ready: bool, kind: str) -> None:
    assert PodCell(Ref("Pod", "a", "b"), "n", state, ready).standing == kind


def test_services_turn() -> None:
    old = [service("a", "down", 0), service("b", "up"), service("c", "degraded", 1, 3), service("d", "up"), service("e", "up", 3, 3)]  # fmt: skip
    new = [service("a", "up"), service("b", "stopped", 0), service("c", "degraded", 2, 3), service("e", "up", 1, 1), service("f", "up")]  # fmt: skip
    found = {item.name: item for item in turns(seen(old), {}, seen(new))}
    assert {name: item.turn for name, item in found.items()} == {"a": "better", "b": "worse", "c": "better", "d": "gone", "e": "same", "f": "new"}  # fmt: skip
    assert found["e"].note == "it is meant to run 1 pods now, and was 3"
    value = made(seen(old), seen(new))
    lost = tick(value, "Nothing was removed")
    assert lost.met is False
    assert {text.partition(":")[0] for text in lost.evidence[1:]} == {"shop/b", "shop/d", "shop/e"}


def test_without_a_snapshot_the_plan_tells_of_services() -> None:
    found = turns(None, {"shop/a": (0, 2), "shop/b": (None, None)}, seen([service("a", "up"), service("b", "up"), service("c", "up")]))  # fmt: skip
    assert {item.name: (item.state_before, item.turn) for item in found} == {
        "a": ("down", "better"),
        "b": ("unknown", "unknown"),
        "c": ("", "unknown"),
    }


def test_what_no_run_did_is_told() -> None:
    web, cart, gone = (workload("Deployment", name, 2) for name in ("web", "cart", "gone"))
    before = whole([*namespace(), web, cart, gone])
    smaller = workload("Deployment", "cart", 0)
    after = whole([*namespace(), workload("Deployment", "web", 3), smaller, workload("Deployment", "new", 1)])
    written = frozenset({Ref("Deployment", "shop", "web")})
    found = [(item.object.name, item.what, item.detail) for item in elsewhere(before, after, written)]
    assert found == [("cart", "changed", "replicas 2 → 0"), ("gone", "removed", "2 replicas"), ("new", "added", "1 replicas")]  # fmt: skip
    assert elsewhere(before, before, frozenset()) == ()


def test_what_was_not_listed_is_not_removed() -> None:
    before = whole([*namespace(), workload("Deployment", "web", 2)])
    partial = Snapshot("partial", before.taken_at, {"Namespace": before.objects["Namespace"]})
    assert elsewhere(before, partial, frozenset()) == ()


def test_only_what_stands_written_is_a_runs_own() -> None:
    item = run("web")
    undone = replace(item, steps=(Step("one", "w", "undone", None), Step("two", "w", "applied", None)))
    assert len(touched([item])) == 1
    assert touched([replace(item, steps=(Step("one", "w", "undone", None), Step("two", "w", "failed", None)))]) == frozenset()  # fmt: skip
    assert touched([undone]) == {Ref("Deployment", "web", "web")}


def test_resources_with_headroom() -> None:
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q", "namespace": "shop"}, "spec": {"hard": {"requests.memory": "200Gi", "requests.cpu": "100", "persistentvolumeclaims": "30", "requests.storage": "1Ti", "count/jobs.batch": "5"}}, "status": {"used": {"requests.memory": "29Gi", "requests.cpu": "13970m", "persistentvolumeclaims": "15", "requests.storage": "341Gi"}}}  # fmt: skip
    index = Index(settled([*nodes(2), *namespace(), workload("Deployment", "web", 3), quota]))
    whole_cpu = rooms(index)[0]
    assert (whole_cpu.node, whole_cpu.allocatable, whole_cpu.requests, whole_cpu.free) == ("", 8000, 1500, 6500)
    found = {item.resource: (item.used, item.hard, item.free, item.share) for item in quotas(Index(whole([quota])))}
    assert found["requests.cpu"] == ("13.97", "100", "86.03", 0.14)
    assert found["requests.memory"] == ("29Gi", "200Gi", "171Gi", 0.145)
    assert found["persistentvolumeclaims"] == ("15", "30", "15", 0.5)
    assert found["requests.storage"] == ("341Gi", "1Ti", "683Gi", 0.333)
    assert found["count/jobs.batch"] == ("", "5", "", None), "the status does not say"
    assert rooms(Index(whole([*namespace()]))) == ()


def test_what_limits_the_figures_is_noted() -> None:
    day = datetime(2026, 3, 3, tzinfo=UTC)
    before = seen([])
    late = Seen(replace(before.report, snapshot=replace(before.report.snapshot, taken_at=day)), before.index)
    notes = made(late, seen([])).notes
    assert any("later than the one after" in text for text in notes)
    assert any("No quota bounds claims" in text for text in notes)
    assert any("Deep probes" in text and "not made" in text for text in notes)
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q", "namespace": "shop"}, "spec": {"hard": {"requests.storage": "1Ti"}}}  # fmt: skip
    notes = made(before, seen([], [quota])).notes
    assert not any("No quota" in text or "later" in text for text in notes)


def test_claims_bound_and_not() -> None:
    def claim(name: str, phase: str) -> Object:
        return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "namespace": "shop"}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}, "status": {"phase": phase, **({"capacity": {"storage": "2Gi"}} if phase == "Bound" else {})}}  # fmt: skip

    found = claims(Index(whole([claim("a", "Bound"), claim("b", "Pending")])))
    every = found[0]
    assert (every.total, every.bound, every.asked, every.capacity) == (2, 1, 2 * 1024**3, 2 * 1024**3)
    value = made(None, seen([], [claim("a", "Bound"), claim("b", "Pending")]))
    assert tick(value, "Every claim is bound").met is False
    assert tick(made(None, seen([])), "Every claim is bound").met is None


def test_drains_are_ticked_by_what_happened() -> None:
    after = seen([service("web", "up")])
    fine = Outcome(Disruption("drain", ("a",)), seconds=30.0)
    assert tick(made(None, after), "Each node").met is None
    assert tick(made(None, after, drains=[fine]), "Each node").met is True
    stuck = Outcome(Disruption("drain", ("b",)), unsettled=True)
    value = made(None, after, drains=[fine, stuck])
    assert tick(value, "Each node").evidence == ("a: drained on the twin in 30 s, nothing below its need", "b: did not settle")  # fmt: skip


@pytest.mark.parametrize(
    ("state", "command"),
    [
        (RunState.DONE, "seakeep verify 'a b'"),
        (RunState.STOPPED, "seakeep apply --resume 'a b'"),
        (RunState.ROLLING_BACK, "seakeep rollback 'a b'"),
    ],
)
def test_a_run_comes_first(state: RunState, command: str) -> None:
    value = made(None, seen([service("web", "down", 0)]), replace(run("web"), id="a b", state=state))
    assert value.following[0].commands[0] == command
    assert tick(value, "Run a b").met is False, "one of its changes failed"


def test_critical_services_are_counted_apart() -> None:
    value = made(None, seen([service("db", "up", criticality="critical"), service("web", "down", 0)]))
    assert tick(value, "Every critical").met is True
    lost = made(seen([service("db", "up", criticality="critical"), service("mq", "up", criticality="critical")]), seen([service("db", "up", criticality="critical")]))  # fmt: skip
    found = figure(lost, "critical services")
    assert (found.before, found.after, found.text_after) == (100.0, 50.0, "1 of 2")
    assert tick(lost, "Every critical").met is False
    assert tick(value, "Every service").met is False
    assert [item.id for item in value.usable] == ["shop/db"]
    assert value.usable[0].proof == "its workloads' status says so; its pods were not seen"
    idle = made(None, seen([service("agent", "up", 0, 0)]))
    assert idle.usable[0].proof == "it needs no pod now"


def test_what_a_ready_pod_was_asked_is_the_proof() -> None:
    asked = workload("Deployment", "web", 1)
    asked["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] = {"httpGet": {"path": "/ready", "port": 80}}
    index = Index(settled([*nodes(2), *namespace(), asked, workload("Deployment", "bare", 1)]))
    state = seen([service("web", "up"), service("bare", "up")])
    found = {item.name: item for item in compose("x", (), None, Seen(state.report, index), TODAY).usable}
    assert (found["web"].proof, found["web"].probed) == ("readiness: main GET /ready on port 80", True)
    assert found["bare"].proof == "its containers run; no readiness probe asks them anything"
    assert not found["bare"].probed
    assert found["web"].since is not None


def test_what_ends_soon_and_what_would_be_reverted_is_a_next_step() -> None:
    texts = [item.text for item in sample("kafka").following]
    assert any(text.startswith("The waiver of s4 ends in 18 days (kafka: kafka)") for text in texts)
    assert any(text.startswith("Carry 1 changes to where their objects come from") for text in texts)
    assert texts[0].startswith("Run kafka is failed: go on with it, or back")


def test_a_missed_target_is_a_next_step() -> None:
    intent = Intent(targets=(Target("health", 99), Target("health", 40), Target("hardening", 60, date(2026, 4, 1))))
    value = made(None, seen([service("web", "up"), service("cart", "down", 0)], intent=intent))
    found = [(item.text, item.commands) for item in value.following if item.text.startswith("Reach")]
    assert found == [
        ("Reach health 99: it is 50.0.", ("seakeep plan",)),
        ("Reach hardening 60 by 2026-04-01: it is 50.0.", ("seakeep plan -v",)),
    ]


def broken(name: str, repair: Repair, settled_by: str = "", *, contained: bool = False) -> Cause:
    ref = Ref("Deployment", "shop", name)
    return Cause(1, Candidate("some-cause", ref, "it is broken", (), repair, 0.95, (ref,), settled_by, contained), "error", (ref,))  # fmt: skip


def issue(cause: Cause, state: ServiceState, item: Object, before: Seen | None = None) -> Issue:
    after = seen([state], [item])
    after = Seen(replace(after.report, diagnosis=Diagnosis((cause,))), after.index)
    return made(before, after).issues[0]


def test_an_issue_says_what_to_do_now_and_for_good() -> None:
    change = Change(Ref("Deployment", "shop", "web"), {"spec": {"replicas": 2}})
    down, web = service("web", "down", 0), workload("Deployment", "web", 1)
    found = issue(broken("web", Repair("Mend it.", change)), down, web)
    assert found.impact == ("shop/web (normal) is down, 0 of 1 pods ready",)
    assert found.commands == ("seakeep plan --only some-cause --out plan.yaml", "seakeep apply plan.yaml")
    assert found.temporary.startswith("None is needed: the repair is one change")
    assert found.since == "unknown"

    released = {**web, "metadata": {**web["metadata"], "annotations": {"meta.helm.sh/release-name": "web"}}}
    kept = issue(broken("web", Repair("Mend it.", change)), down, released)
    assert kept.temporary == "Change Deployment shop/web in the cluster; it lasts until it is reverted."
    assert (
        kept.permanent
        == "Mend it. The next upgrade of Helm release shop/web reverts it: set it in the release's values."
    )

    person = issue(broken("web", Repair("Ask the vendor."), "kubectl get pods"), down, web)
    assert person.temporary.startswith("None is known that does not only hide it.")
    assert "waiver in platform.yaml" in person.temporary
    assert person.commands == ("kubectl get pods",)

    waived = service("web", "waived", 0, waiver=Waiver("web", "later", "shop team", date(2026, 4, 1)))
    excused = issue(broken("web", Repair("Ask the vendor."), "Ask whether it is needed"), waived, web)
    assert excused.impact == ("shop/web (normal) is waived until 2026-04-01",)
    assert excused.temporary == "None is needed: what it costs is waived."
    assert excused.commands == ("seakeep explain some-cause",), "a question to a person is no command"

    old = seen([down], [web])
    old = Seen(replace(old.report, diagnosis=Diagnosis((broken("web", Repair("x")),))), old.index)
    assert issue(broken("web", Repair("x")), down, web, old).since == "before"
    assert issue(broken("web", Repair("x")), down, web, seen([down], [web])).since == "new"


def test_only_what_is_still_open_is_asked() -> None:
    value = sample("kafka")
    assert [item.question for item in value.asked] == ["kafka"]
    closed = made(None, seen([service("web", "up")]), run("kafka"))
    assert closed.asked == ()
    assert closed.left_out == ()
