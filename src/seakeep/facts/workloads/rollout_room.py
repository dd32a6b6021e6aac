"""What a rolling update asks for beside the pods that it replaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from seakeep.facts.admission.planned_admission import defaults_in
from seakeep.facts.index import Index
from seakeep.facts.resources.namespace_needs import by_namespace
from seakeep.facts.scheduling.placement import requests_of
from seakeep.facts.workloads.rollout_steps import steps
from seakeep.model.objects import Deployment, PodSpec
from seakeep.model.objects.base import Quantities
from seakeep.model.objects.pods import Resources
from seakeep.model.refs import Ref


class Surge(Struct, frozen=True):
    """Millicores, bytes or numbers, and who needs the most."""

    amount: int
    workload: Ref


def surges(index: Index, namespace: str) -> Mapping[str, Surge]:
    """By `requests.cpu`, `limits.memory`, `pods` and the like. Deployments alone make pods before they end others."""
    requests, limits = defaults_in(index, namespace)
    found: dict[str, Surge] = {}
    for entry in by_namespace(index).get(namespace, ()):
        item = index.snapshot.find(entry.ref)
        if not isinstance(item, Deployment) or (item.spec.strategy and item.spec.strategy.type == "Recreate"):
            continue
        more = steps(item, entry.replicas)[0] if entry.replicas else 0
        asked = requests_of(_with(entry.spec, "requests", requests))
        capped = requests_of(_with(entry.spec, "limits", limits))
        needs = {"pods": 1} | {f"requests.{name}": asked.get(name, 0) for name in ("cpu", "memory")}
        needs |= {f"limits.{name}": capped.get(name, 0) for name in ("cpu", "memory")}
        for name, amount in needs.items():
            if amount * more > (found[name].amount if name in found else 0):
                found[name] = Surge(amount * more, entry.ref)
    return found


def _with(spec: PodSpec, part: Literal["requests", "limits"], defaults: Quantities) -> PodSpec:
    """The spec with limits in the place of requests, or its requests as the API server fills them in."""
    filled = []
    for item in spec.containers:
        own = item.resources.limits if part == "limits" else {**item.resources.limits, **item.resources.requests}
        filled.append(replace(item, resources=Resources(requests={**defaults, **own})))
    return replace(spec, containers=tuple(filled), init_containers=())
