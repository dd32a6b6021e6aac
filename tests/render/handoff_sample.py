"""A hand-off with everything in it, and with hostile text wherever a cluster, a plan or a person could put it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from msgspec.structs import replace

from seakeep.engine.handoff import Seen, compose
from seakeep.facts.index import Index
from seakeep.model.change import Risk
from seakeep.model.finding import Finding, Outcome, Severity
from seakeep.model.handoff import Handoff
from seakeep.model.plan import Asked, Base, LeftOut, Plan, Planned, Reason, Undo, Verdict, Wave
from seakeep.model.plan import Outcome as Reached
from seakeep.model.platform import Intent, Platform, Target, Waiver
from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Refusal, Shortage
from seakeep.model.run import Run, RunState, Step
from seakeep.model.survival import Disruption
from seakeep.model.survival import Outcome as Disrupted
from tests.render.sample import HOSTILE, NOW, report
from tests.twin.platforms import namespace, nodes, whole, workload

DAY = date(2026, 3, 2)


def sample(text: str = HOSTILE) -> Handoff:
    found = report(text)
    waiver = Waiver("s4", text, text, date(2026, 3, 20))
    intent = Intent(text, (), (Target("health", 95, date(2026, 4, 1)), Target("running", 99)), (waiver,))
    asked = Finding("rule", Ref("Deployment", text, text), Outcome.FAIL, Severity.WARNING, text)
    platform = Platform(intent, found.platform.services[1:], found.platform.dependencies)
    after = replace(found, platform=platform, findings=(*found.findings, asked))
    index = Index(whole([*nodes(2), *namespace(), workload("Deployment", "web", 1), quota(text), claim(text)]))
    return compose(
        text,
        [run(text)],
        Seen(found, Index(whole([*nodes(2), *namespace(), config(text)]))),
        Seen(after, index),
        DAY,
        drains=drains(text),
        commits={text: text},
    )


def run(text: str) -> Run:
    ref = Ref("Deployment", text, text)
    reason = Reason("rule", ref, text)
    patch = {"spec": {text: f"```\n{text}"}}
    change = Planned("one", ref, "apps/v1", patch, (), Risk.HIGH, (reason,), Base("u", "1", "d"), Undo({"spec": {text: "old"}}), {}, text)  # fmt: skip
    made = Planned("two", ref, "apps/v1", patch, (), Risk.LOW, (reason,), Base(), Undo(delete=True))
    plan = Plan(
        text,
        text,
        NOW,
        "",
        95.0,
        (Wave(text, (change, made)),),
        Verdict("fine", Reached({}), Reached({})),
        (Asked("rule", ref, text, text),),
        (LeftOut("rule", ref, text),),
    )
    steps = (Step("one", text, "applied", NOW), Step("two", text, "failed", NOW, text))
    return Run(text, plan, "", RunState.FAILED, text, NOW, datetime(2026, 3, 2, 13, tzinfo=UTC), steps, {"health": 70.0}, {}, (text,))  # fmt: skip


def drains(text: str) -> list[Disrupted]:
    pod, web = Ref("Pod", text, text), Ref("Deployment", text, text)
    return [
        Disrupted(Disruption("drain", (text,)), (), (Refusal("blocked", pod, text),)),
        Disrupted(Disruption("drain", ("b",)), (Shortage(text, web, 0, 1, 5.0, recovered=False),)),
        Disrupted(Disruption("drain", ("c",))),
    ]


def quota(text: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q", "namespace": "shop"}, "spec": {"hard": {"requests.cpu": "2", "pods": text}}, "status": {"used": {"requests.cpu": "2", "pods": "1"}}}  # fmt: skip


def claim(text: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": text, "namespace": "shop"}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}, "status": {"phase": text}}  # fmt: skip


def config(text: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": text, "namespace": "shop"}}
