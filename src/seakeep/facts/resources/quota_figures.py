"""Figures for a namespace's quota and for the LimitRange beside it."""

from __future__ import annotations

from collections.abc import Mapping

from seakeep.facts.admission.planned_admission import defaults_in
from seakeep.facts.index import Index
from seakeep.facts.proposing import free_name
from seakeep.facts.resources.namespace_needs import Need, largest_limits, quantities, usual_requests
from seakeep.model.change import Change, Risk
from seakeep.model.quantity import format_bytes, format_cpu
from seakeep.model.refs import Ref

# What a quota demands figures for, by its keys: which part of a container's resources, and of what.
COMPUTE: Mapping[str, tuple[str, str]] = {
    "cpu": ("requests", "cpu"),
    "memory": ("requests", "memory"),
    "requests.cpu": ("requests", "cpu"),
    "requests.memory": ("requests", "memory"),
    "limits.cpu": ("limits", "cpu"),
    "limits.memory": ("limits", "memory"),
}
_GI = 1024**3
# Steps that a person would write: half cores and Gi of small figures, whole and even ones of large.
_STEPS = {"cpu": ((4000, 500), (16000, 1000), (0, 2000)), "memory": ((8 * _GI, _GI), (64 * _GI, 2 * _GI), (0, 4 * _GI)), "pods": ((20, 5), (0, 10))}  # fmt: skip


def rounded_up(resource: str, amount: int) -> int:
    step = next(step for end, step in _STEPS[resource] if not end or amount <= end)
    return max(-(-amount // step), 1) * step


def figure(resource: str, amount: int) -> str:
    """As a quantity, rounded up."""
    found = rounded_up(resource, amount)
    return str(found) if resource == "pods" else quantities({resource: found})[resource]


def hard_for(need: Need) -> dict[str, str]:
    """Requests only: limits in a quota would force a limit on every pod."""
    known = {"requests.cpu": "cpu", "requests.memory": "memory", "pods": "pods"}
    return {name: figure(plain, need.total(plain)) for name, plain in known.items()}


def default_requests(index: Index, namespace: str, resources: tuple[str, ...]) -> Change | None:
    """A LimitRange with requests that none sets yet; None where all are set, or where nothing tells how much it should be."""
    present = defaults_in(index, namespace)[0]
    return defaults_for(index, namespace, [f"requests.{name}" for name in resources if name not in present])


def defaults_for(index: Index, namespace: str, lacking: list[str]) -> Change | None:
    """A LimitRange with these defaults (`requests.cpu`, `limits.memory` …). Requests are the usual ones; limits the largest that anybody set. None where a figure is not known."""
    usual, largest = usual_requests(index, namespace), largest_limits(index, namespace)
    requests = {
        name: usual.get(name) for key in lacking for part, _, name in [key.partition(".")] if part == "requests"
    }
    limits = {name: largest.get(name) for key in lacking for part, _, name in [key.partition(".")] if part == "limits"}
    if not lacking or None in requests.values() or None in limits.values():
        return None
    asked = quantities({name: amount for name, amount in requests.items() if amount})
    capped = quantities({name: amount for name, amount in limits.items() if amount})
    entry = {**({"defaultRequest": asked} if asked else {}), **({"default": capped} if capped else {})}
    said = [f"requests of {_listed(asked)}, the middle of what the containers in {namespace} ask for or use"] if asked else []  # fmt: skip
    said += [f"limits of {_listed(capped)}, the largest that any of them has"] if capped else []
    why = f"a quota refuses pods that say nothing of what they need; they get {' and '.join(said)}"
    ref = Ref("LimitRange", namespace, free_name(index, "LimitRange", namespace, "defaults"))
    return Change(ref, {"spec": {"limits": [{"type": "Container", **entry}]}}, (), Risk.LOW, why, "v1")


def _listed(figures: Mapping[str, str]) -> str:
    return " and ".join(f"{name} {value}" for name, value in figures.items())


def shown(resource: str, amount: int) -> str:
    plain = resource.rpartition(".")[2]
    return format_cpu(amount) if plain == "cpu" else format_bytes(amount) if plain == "memory" else str(amount)
