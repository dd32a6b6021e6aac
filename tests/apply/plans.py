"""Plans of many small changes, made from a snapshot as the planner makes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from seakeep.facts.digest import digest
from seakeep.model.change import Risk
from seakeep.model.fields import undo
from seakeep.model.plan import Base, Outcome, Plan, Planned, Reason, Undo, Verdict, Wave
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Snapshot
from seakeep.twin.build import build
from seakeep.twin.observed import Observed
from tests.twin.builders import node, snapshot

MADE = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
Object = dict[str, Any]
CANARY = "hunter2-canary"


def deployment(name: str, namespace: str, replicas: int = 1, **annotations: str) -> Object:
    container = {
        "name": "main",
        "image": "example/app:1",
        "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}},
        "env": [{"name": "MODE", "value": "old"}, {"name": "OLD", "value": "1"}],
    }
    template = {"metadata": {"labels": {"app": name}, "annotations": annotations}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "uid": f"uid-{name}", "generation": 1},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template},
    }


def config_map(name: str, namespace: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, "uid": f"uid-{name}"},
        "data": {"kept": "yes", "level": "info"},
    }


def objects(namespace: str = "shop", each: int = 12) -> list[Object]:
    """`each` Deployments and as many ConfigMaps. Without uid and generation for a real cluster: see `unnumbered`."""
    place = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "uid": f"uid-{namespace}"}}
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": namespace}}
    found = [place, account]
    found += [deployment(f"app-{number:02d}", namespace) for number in range(each)]
    found += [config_map(f"config-{number:02d}", namespace) for number in range(each)]
    return found


def unnumbered(items: Iterable[Object]) -> list[Object]:
    kept = []
    for item in items:
        metadata = {key: value for key, value in item["metadata"].items() if key not in {"uid", "generation"}}
        kept.append({**item, "metadata": metadata})
    return kept


def change(
    snapshot: Snapshot,
    target: Ref,
    patch: Mapping[str, Any],
    remove: Sequence[str] = (),
    api_version: str = "v1",
    name: str = "",
) -> Planned:
    found = snapshot.find(target)
    if found is None:
        base, back = Base(), Undo(delete=True)
    else:
        base = Base(found.metadata.uid, found.metadata.resource_version, digest(found))
        back = Undo(*undo(msgspec.to_builtins(found), patch, remove))
    reason = Reason("test-rule", target, "the test wants it")
    return Planned(
        name or f"{target.kind}/{target.namespace}/{target.name}",
        target, api_version, patch, tuple(remove), Risk.LOW, (reason,), base, back,
    )  # fmt: skip


def plan(snapshot: Snapshot, waves: Sequence[tuple[str, Sequence[Planned]]], name: str = "plan-1") -> Plan:
    nothing = Outcome({})
    return Plan(
        name,
        snapshot.source,
        MADE,
        "",
        95.0,
        tuple(Wave(title, tuple(changes)) for title, changes in waves),
        Verdict("fine", nothing, nothing),
    )


def large(snapshot: Snapshot, namespace: str = "shop", each: int = 12) -> Plan:
    """Four waves: `each` ConfigMaps changed, `each` Deployments set, six edited (something is taken away), and `each` budgets and two ConfigMaps made. 44 for 12."""
    maps = [
        change(snapshot, Ref("ConfigMap", namespace, f"config-{number:02d}"), {"data": {"level": "debug", "new": "1"}})
        for number in range(each)
    ]
    apps = []
    for number in range(each):
        target = Ref("Deployment", namespace, f"app-{number:02d}")
        container = {"name": "main", "env": [{"name": "MODE", "value": f"new-{number}"}]}
        patch = {"spec": {"template": {"spec": {"containers": [container], "terminationGracePeriodSeconds": 45}}}}
        gone = ["spec.template.spec.containers[name=main].env[name=OLD]"] if number % 2 else []
        apps.append(change(snapshot, target, patch, gone, "apps/v1"))
    budgets = [
        change(
            snapshot,
            Ref("PodDisruptionBudget", namespace, f"app-{number:02d}"),
            {"spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": f"app-{number:02d}"}}}},
            api_version="policy/v1",
        )
        for number in range(each)
    ]
    made = [
        change(snapshot, Ref("ConfigMap", namespace, f"made-{number}"), {"data": {"made": str(number)}})
        for number in range(each // 3 + 4)
    ]
    return plan(
        snapshot, [("configuration", maps), ("repaired workloads", apps[: each // 2]), ("workloads", apps[each // 2 :]), ("policies", [*budgets, *made])]
    )  # fmt: skip


def secretive() -> tuple[Observed, Plan]:
    """A plan that replaces a password in the environment, and one that others would not let pass."""
    item = deployment("app-09", "shop")
    item["spec"]["template"]["spec"]["containers"][0]["env"] += [{"name": "DB_PASSWORD", "value": CANARY}]
    twin = build(snapshot([node("a", cpu="8"), *objects(each=1), item]))
    twin.settle()
    seen = snapshot([])
    seen = replace(seen, objects=twin.state.objects())
    reference = {"secretKeyRef": {"name": "db", "key": "password"}}
    env = [{"name": "DB_PASSWORD", "valueFrom": reference}]
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "main", "env": env}]}}}}
    gone = ["spec.template.spec.containers[name=main].env[name=DB_PASSWORD].value"]
    first = change(seen, Ref("Deployment", "shop", "app-09"), patch, gone, "apps/v1")
    second = change(seen, Ref("ConfigMap", "shop", "config-00"), {"data": {"level": "debug"}})
    return twin, plan(seen, [("one", [first]), ("two", [second])])


def content(twin: Observed) -> dict[str, object]:
    """Everything that a plan may change; without status, which may lag by the moment at which it is looked at."""
    found = {}
    for kind in ("ConfigMap", "Deployment", "PodDisruptionBudget"):
        for item in twin.state.objects().get(kind, {}).values():
            raw = msgspec.to_builtins(item)
            raw.pop("status", None)
            metadata = {name: raw["metadata"][name] for name in ("name", "labels", "annotations")}
            metadata["annotations"] = {
                key: value for key, value in metadata["annotations"].items() if "revision" not in key
            }
            found[str(item.ref)] = {**raw, "metadata": metadata}
    return found
