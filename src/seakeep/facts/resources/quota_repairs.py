"""Quotas with room for what is refused, as far as the nodes have it; and defaults for a quota that refuses whoever says nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seakeep.facts.admission.admission import Refusal, counts
from seakeep.facts.admission.planned_admission import defaults_in
from seakeep.facts.index import Index
from seakeep.facts.resources.quota_figures import COMPUTE, defaults_for, shown
from seakeep.facts.resources.sizing import amount_text, cpu_text
from seakeep.facts.scheduling.placement import rooms
from seakeep.model.change import Change, Risk
from seakeep.model.objects import ResourceQuota
from seakeep.model.objects.base import Quantities
from seakeep.model.quantity import QuantityError, milli, value
from seakeep.model.refs import Ref

# What a quota counts, and what the nodes must have for it. Limits and plain objects take nothing from a node; storage and addresses cost money, so that a person decides.
_TAKES = {"cpu": "cpu", "memory": "memory", "requests.cpu": "cpu", "requests.memory": "memory", "pods": "pods"}
_FREE = frozenset({"limits.cpu", "limits.memory", "services", "configmaps", "secrets"})


def raised(
    index: Index, ref: Ref, asked: Mapping[str, str], refusals: Sequence[Refusal], *, surge: bool = False
) -> Change | None:
    """`asked` is what one refused object needs of each resource; each workload still lacks some, in a roll-out one at a time. None where the nodes have no room for them."""
    quota = index.snapshot.get(ResourceQuota, ref.namespace, ref.name)
    if quota is None or not quota.status.used or not asked:
        return None
    lacking = 1 if surge else sum(_lacks(index, workload) for workload in {item.workload for item in refusals})
    hard, used = _amounts(quota.spec.hard), _amounts(quota.status.used)
    better, said = {}, []
    for name, quantity in sorted(asked.items()):
        amount = _amount(name, quantity)
        if amount is None or name not in used or name not in hard or not _has_room(index, name, amount, lacking):
            return None
        wanted = used[name] + amount * lacking
        if wanted > hard[name]:
            better[name] = _text(name, wanted)
            said.append(f"{shown(name, used[name])} of {quota.spec.hard[name]} {name} are used")
    if not better:
        return None
    needs = ", ".join(f"{quantity} {name}" for name, quantity in sorted(asked.items()))
    room = ", which the nodes have" if asked.keys() & _TAKES.keys() else ""
    why = f"{', '.join(said)}; {lacking} more {'needs' if lacking == 1 else 'need'} {needs}{' each' if lacking > 1 else ''}{room}"
    return Change(ref, {"spec": {"hard": better}}, (), Risk.LOW, why)


def _lacks(index: Index, ref: Ref) -> int:
    item = index.snapshot.find(ref)
    wanted, has = counts(index, item) if item else (None, None)
    return max((wanted or 0) - (has or 0), 1)


def _has_room(index: Index, name: str, amount: int, count: int) -> bool:
    """So many objects of that size fit on the nodes as they are filled now."""
    resource = _TAKES.get(name)
    if resource is None:
        return name in _FREE or (name.startswith("count/") and not name.startswith("count/persistentvolumeclaims"))
    left = [
        room.free.get(resource, 0) for room in rooms(index).values() if room.free and not room.node.spec.unschedulable
    ]
    return sum(max(free, 0) // max(amount, 1) for free in left) >= count


def _amounts(quantities: Quantities) -> dict[str, int]:
    """Millicores of `cpu` and `requests.cpu` alike."""
    found = {name: _amount(name, quantity) for name, quantity in quantities.items()}
    return {name: amount for name, amount in found.items() if amount is not None}


def _amount(name: str, quantity: str | float) -> int | None:
    try:
        return milli(quantity) if name.rpartition(".")[2] == "cpu" else value(quantity)
    except QuantityError:
        return None


def _text(name: str, amount: int) -> str:
    plain = name.rpartition(".")[2]
    return cpu_text(amount) if plain == "cpu" else amount_text(amount) if plain == "memory" else str(amount)


def defaults(index: Index, ref: Ref) -> Change | None:
    """A LimitRange with what the quota demands and none sets yet. A quota with scopes counts some pods only."""
    quota = index.snapshot.get(ResourceQuota, ref.namespace, ref.name)
    if quota is None or quota.spec.scopes or quota.spec.scope_selector:
        return None
    if not index.snapshot.lists_all("LimitRange", ref.namespace):
        return None
    requests, limits = defaults_in(index, ref.namespace)
    given = {"requests": requests, "limits": limits}
    parts = {part for key, part in COMPUTE.items() if key in quota.spec.hard}
    return defaults_for(
        index, ref.namespace, sorted(f"{part}.{name}" for part, name in parts if name not in given[part])
    )


def within(hard: Mapping[str, int], used: Mapping[str, int], more: Mapping[str, int]) -> bool:
    """Whether a quota holds so much more of each resource that it counts."""
    return all(used.get(name, 0) + extra <= hard[name] for name, extra in more.items() if extra > 0 and name in hard)
