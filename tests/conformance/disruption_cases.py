"""Sequences of evictions and of changes of budgets and pods, drawn by seed: the same seed gives the same sequence."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

Object = dict[str, Any]
GROUP = "test.seakeep.dev"
# Who controls an application's pods: kinds with a scale, kinds without one, a kind that no server knows, nobody.
SCALED = ("Deployment", "ReplicaSet", "StatefulSet", "Fleet")
FORMS = (*SCALED, *("Deployment", "ReplicaSet", "StatefulSet"), "bare", "bare")
# Controllers that have no scale. With two of them it would be open which one the budget's condition names.
FAILING = (*("Unsized", "Plain", "ConfigMap", "DaemonSet") * 3, "Widget")
TIERS = ("x", "y")
PERCENTAGES = ("0%", "1%", "25%", "33%", "34%", "50%", "66%", "67%", "99%", "100%")
# One sequence of so many also waits for what only time puts right: evictions that were never carried out.
_PATIENT = 30
STATES = ("ready", "ready", "ready", "unready", "ending", "ended", "pending")


@dataclass(frozen=True, slots=True)
class App:
    name: str
    form: str
    count: int
    tier: str


@dataclass(frozen=True, slots=True)
class Step:
    """`what` is done to pods of `app` in a `state` (the first `number` of them), or to a budget of that name."""

    what: str
    app: str = ""
    state: str = ""
    number: int = 1
    body: Object | None = None
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Case:
    seed: int
    apps: tuple[App, ...]
    budgets: tuple[Object, ...]
    steps: tuple[Step, ...]

    @property
    def namespace(self) -> str:
        return f"evict-{self.seed}"

    def has_several(self, steps: int) -> bool:
        """Two budgets were there within so many steps, which may pick the same pods."""
        made = [step.body for step in self.steps[:steps] if step.what == "create"]
        return len({item["metadata"]["name"] for item in (*self.budgets, *made) if item}) > 1


def case(seed: int) -> Case:
    random = Random(f"disruption {seed}")
    apps = _apps(random)
    several = random.random() < 0.15
    budgets = tuple(budget(random, f"p{number}", apps) for number in range(2 if several else 1))
    # What a kubelet reports first: most pods run, some are not ready.
    steps = [Step("run", app.name, "pending", random.choice([9, 9, 9, 2])) for app in apps]
    if random.random() < 0.4:
        steps.append(Step("unready", random.choice(apps).name, "ready", random.choice([1, 1, 2])))
    steps += [_step(random, apps, number, several=several) for number in range(random.randint(5, 9))]
    if seed % _PATIENT == _PATIENT - 1:
        steps += [Step("target", apps[0].name, "ready"), Step("wait", wait=126.0)]
    return Case(seed, apps, budgets, tuple(steps))


def _apps(random: Random) -> tuple[App, ...]:
    forms = [random.choice(FORMS) for _ in range(random.choice([1, 1, 2, 3]))]
    if random.random() < 0.35:
        forms[random.randrange(len(forms))] = random.choice(FAILING)
    return tuple(App(name, form, random.randint(1, 5), random.choice(TIERS)) for name, form in zip("abc", forms, strict=False))  # fmt: skip


def _step(random: Random, apps: tuple[App, ...], number: int, *, several: bool) -> Step:
    app = random.choice(apps)
    what = random.choice(
        [
            *("evict",) * 8,
            *("burst", "burst", "run", "run", "run", "unready", "unready", "ready", "end", "end"),
            *("amount", "amount", "policy", "selector", "scale", "over", "delete", "remove", "create", "relabel"),
            "odd",
        ]
    )
    match what:
        case "evict":
            return Step("evict", app.name, random.choice(STATES), body=_options(random, app))
        case "burst":
            return Step("burst", app.name, random.choice(["ready", "ready", "unready"]), random.randint(2, 4))
        case "run":
            return Step("run", app.name, "pending", 9)
        case "unready" | "ready":
            return Step(what, app.name, "ready" if what == "unready" else "unready", random.choice([1, 1, 2]))
        case "end":
            return Step("end", app.name, "ending", random.choice([1, 9]))
        case "over":
            return Step(random.choice(["fail", "succeed"]), app.name, random.choice(["ready", "unready"]))
        case "delete":
            return Step("delete", app.name, random.choice(["ready", "unready", "pending"]))
        case "scale":
            return Step("scale", app.name, number=random.randint(0, 6))
        case "amount":
            return Step("patch", "p0", body={"spec": amount(random, clear=True)})
        case "policy":
            policy = random.choice([None, "AlwaysAllow", "IfHealthyBudget"])
            return Step("patch", "p0", body={"spec": {"unhealthyPodEvictionPolicy": policy}})
        case "selector":
            return Step("patch", "p0", body={"spec": {"selector": _cleared(selector(random, apps))}})
        case "remove":
            return Step("remove", "p0")
        case "create":
            # Under a name of its own it may come beside another; under the old one it comes anew or is refused.
            return Step("create", body=budget(random, f"q{number}" if several else "p0", apps))
        case "relabel":
            return Step("relabel", app.name, "ready", body={"metadata": {"labels": {"tier": random.choice(TIERS)}}})
    return _odd(random, app)


def _odd(random: Random, app: App) -> Step:
    """What comes seldom: names that nobody has, and what was never carried out."""
    return Step("missing") if random.random() < 0.3 else Step("target", app.name, "ready")


def _options(random: Random, app: App) -> Object:
    """`deleteOptions`; `wrong` and `right` stand for uids, `query` for ?dryRun=All."""
    chosen = random.choice([*("",) * 8, "dry", "dry", "query", "grace", "grace", "right", "wrong", "wrong"])
    match chosen:
        case "dry":
            return {"dryRun": ["All"], **({"uid": "wrong"} if random.random() < 0.3 and _named(app) else {})}
        case "query":
            return {"query": True}
        case "grace":
            return {"gracePeriodSeconds": random.choice([0, 1, 5, 60, -1])}
        case "right" | "wrong" if chosen == "right" or _named(app):
            return {"uid": chosen}
    return {}


def _named(app: App) -> bool:
    """Its pods are told apart by their names, so that one may be remembered as disrupted while others are not."""
    return app.form not in {"Deployment", "ReplicaSet", "DaemonSet"}


# Budgets


def budget(random: Random, name: str, apps: tuple[App, ...]) -> Object:
    spec = amount(random)
    picked = selector(random, apps)
    if picked is not None:
        spec["selector"] = picked
    policy = random.choice([None, None, "AlwaysAllow", "IfHealthyBudget"])
    if policy:
        spec["unhealthyPodEvictionPolicy"] = policy
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name}, "spec": spec}


def amount(random: Random, *, clear: bool = False) -> Object:
    field, other = random.choice([("minAvailable", "maxUnavailable"), ("maxUnavailable", "minAvailable")])
    found: Object = {field: random.choice([random.randint(0, 4), random.randint(0, 7), random.choice(PERCENTAGES)])}
    return found | {other: None} if clear else found


def selector(random: Random, apps: tuple[App, ...]) -> Object | None:
    app = random.choice(apps)
    labels = {"matchLabels": {"app": app.name}}
    names = sorted({app.name, random.choice(apps).name})
    return random.choice(
        [
            *(labels,) * 6,
            {"matchLabels": {"app": app.name, "tier": random.choice(TIERS)}},
            {"matchLabels": {"tier": app.tier}},
            {"matchExpressions": [{"key": "app", "operator": "In", "values": names}]},
            {"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": [random.choice(TIERS)]}]},
            {"matchExpressions": [{"key": "app", "operator": random.choice(["Exists", "DoesNotExist"])}]},
            {},
            {},
            None,
        ]
    )


def _cleared(picked: Object | None) -> Object | None:
    """As a merge patch that leaves nothing of the selector before."""
    if picked is None:
        return None
    labels = picked.get("matchLabels")
    cleared = {key: labels.get(key) for key in ("app", "tier")} if labels else None
    return {"matchLabels": cleared, "matchExpressions": picked.get("matchExpressions")}


# Applications


def objects(found: Case) -> list[Object]:
    """Owners before their pods; the uid of an owner that the API server gives is left out."""
    return [item for app in found.apps for item in _objects(app)]


def _objects(app: App) -> list[Object]:
    metadata = {"name": app.name}
    labels = {"app": app.name, "tier": app.tier}
    spec: Object = {"containers": [{"name": "main", "image": "example/app:1"}]}
    if app.form in {"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"}:
        whole: Object = {"selector": {"matchLabels": {"app": app.name}}, "template": {"metadata": {"labels": labels}, "spec": spec}}  # fmt: skip
        if app.form != "DaemonSet":
            whole["replicas"] = app.count
        if app.form == "StatefulSet":
            whole |= {"serviceName": app.name, "podManagementPolicy": "Parallel"}
        return [{"apiVersion": "apps/v1", "kind": app.form, "metadata": metadata, "spec": whole}]
    owner = _owner(app)
    owners = [{"controller": True, "blockOwnerDeletion": False, **owner}] if owner else []
    pods = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"{app.name}-{number}", "labels": labels, "ownerReferences": owners},
            "spec": spec,
        }
        for number in range(app.count)
    ]
    match app.form:
        case "ConfigMap":
            return [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}, *pods]
        case "Fleet" | "Plain":
            return [{"apiVersion": f"{GROUP}/v1", "kind": app.form, "metadata": metadata, "spec": {"replicas": app.count}}, *pods]  # fmt: skip
        case "Unsized":
            return [{"apiVersion": f"{GROUP}/v1", "kind": "Fleet", "metadata": metadata, "spec": {}}, *pods]
    return pods


def _owner(app: App) -> Object | None:
    match app.form:
        case "bare":
            return None
        case "ConfigMap":
            return {"apiVersion": "v1", "kind": "ConfigMap", "name": app.name}
        case "Widget":
            uid = "11111111-1111-4111-8111-111111111111"
            return {"apiVersion": "unknown.example/v1", "kind": "Widget", "name": app.name, "uid": uid}
    kind = "Fleet" if app.form == "Unsized" else app.form
    return {"apiVersion": f"{GROUP}/v1", "kind": kind, "name": app.name}


def definition(kind: str, *, scale: bool) -> Object:
    plural = f"{kind.lower()}s"
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version: Object = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    if scale:
        paths = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
        version["subresources"] = {"scale": paths}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
            "versions": [version],
        },
    }


DEFINITIONS = (definition("Fleet", scale=True), definition("Plain", scale=False))
