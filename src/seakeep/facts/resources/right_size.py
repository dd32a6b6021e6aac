"""Requests against what was measured: far above it, or below."""

from __future__ import annotations

from collections.abc import Mapping

from seakeep.facts.index import Index
from seakeep.facts.resources.measured_use import Use, uses
from seakeep.facts.resources.sizing import amount_text, cpu_text, size_of
from seakeep.facts.scheduling.placement import amounts
from seakeep.facts.workloads.podspecs import Judged
from seakeep.model.objects import Container, StatefulSet

# Nights differ from days; what keeps data fills its caches over days.
DAY, _DAYS = 24, 72
_TIMES = 2
# Less than this, in millicores and bytes, is not worth a restart.
_SPARE = {"cpu": 250, "memory": 512 * 1024**2}
# CPU can be shared by the moment; memory cannot.
_BURST = 1.5
# Millicores and bytes that are noise.
_NOISE = {"cpu": 50, "memory": 64 * 1024**2}


def asking(entry: Judged) -> list[Container]:
    """The containers that ask for CPU or memory."""
    return [item for item in entry.spec.containers if item.resources.requests.keys() & {"cpu", "memory"}]


def idle_requests(index: Index, entry: Judged) -> Mapping[str, tuple[dict[str, str], str]]:
    """Container → the requests that would do, and why."""
    found = {}
    for item in entry.spec.containers:
        better = _enough(index, entry, item) if (entry.ref, item.name) in uses(index) else {}
        if better:
            asked = ", ".join(f"{name} {item.resources.requests[name]}" for name in better)
            found[item.name] = (better, f"{item.name} asks for {asked}; {size_of(index, entry.ref, item).why}")
    return found


def _enough(index: Index, entry: Judged, container: Container) -> dict[str, str]:
    """Guaranteed pods keep their class: they ask for what they may use."""
    size, asked = size_of(index, entry.ref, container), amounts(container.resources.requests)
    capped, found = amounts(container.resources.limits), {}
    keeps_data = isinstance(index.snapshot.find(entry.ref), StatefulSet)
    for name, enough in (("cpu", size.cpu), ("memory", size.memory)):
        wanted = _DAYS if keeps_data and name == "memory" else DAY
        if enough is None or size.use is None or size.use.hours < wanted or asked.get(name, 0) == capped.get(name):
            continue
        if asked.get(name, 0) > _TIMES * enough and asked[name] - enough > _SPARE[name]:
            found[name] = cpu_text(enough) if name == "cpu" else amount_text(enough)
    return found


def short_requests(index: Index, entry: Judged) -> Mapping[str, tuple[dict[str, str], str]]:
    """Container → the requests that would do, and why."""
    found = {}
    for item in entry.spec.containers:
        use = uses(index).get((entry.ref, item.name))
        better = _more(index, entry, item, use) if use else {}
        if better:
            asked = ", ".join(f"{name} {item.resources.requests[name]}" for name in better)
            found[item.name] = (better, f"{item.name} asks for {asked}; {size_of(index, entry.ref, item).why}")
    return found


def _more(index: Index, entry: Judged, container: Container, use: Use) -> dict[str, str]:
    """No more than the limit: what hits that is another matter."""
    asked, capped = amounts(container.resources.requests), amounts(container.resources.limits)
    size, found = size_of(index, entry.ref, container), {}
    for name, used, enough, share in (("cpu", use.cpu, size.cpu, _BURST), ("memory", use.memory, size.memory, 1)):
        if used is None or enough is None or not asked.get(name) or used - asked[name] <= _NOISE[name]:
            continue
        figure = min(enough, capped.get(name, enough))
        if used > share * asked[name] and figure > asked[name]:
            found[name] = cpu_text(figure) if name == "cpu" else amount_text(figure)
    return found
