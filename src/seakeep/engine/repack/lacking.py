"""What is missing where pods stay without a place, and the node that would take them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from seakeep.engine.repack.packing import Counts
from seakeep.model.repacking import Lack, NewNode
from seakeep.twin.requests import reserved
from seakeep.twin.state import State, controller_of


def lacks(counts: Counts) -> Iterator[Lack]:
    """By kind of pod, with what is left on the nodes that it may use once all else is placed."""
    packing = counts.packing
    for number, missing in enumerate(counts.unplaced):
        kind = packing.kinds[number]
        if not missing:
            continue
        wanted = [place for place, need in enumerate(kind.needs) if need]
        rooms = [counts.free[node] for node in sorted(kind.allowed)]
        name = packing.resources
        yield Lack(
            kind.workload,
            missing,
            {name[place]: kind.needs[place] for place in wanted},
            len(rooms),
            {name[place]: sum(max(room[place], 0) for room in rooms) for place in wanted},
            {name[place]: max((room[place] for room in rooms), default=0) for place in wanted},
        )


def new_nodes(counts: Counts, state: State) -> Iterator[NewNode]:
    """As few as the pods' wish to be apart allows. Labels and taints must be those of a node that the pods may use."""
    packing = counts.packing
    bins: list[list[int]] = []
    for number, missing in enumerate(counts.unplaced):
        apart = {other for other, _ in packing.kinds[number].apart}
        for _ in range(missing):
            place = next((found for found in bins if not apart & set(found) and _alike(counts, number, found)), None)
            if place is None:
                bins.append([number])
            else:
                place.append(number)
    for found in bins:
        like = min(packing.kinds[found[0]].allowed, default=None)
        daemons = _daemons(state, packing.nodes[like]) if like is not None else {}
        total: dict[str, int] = dict(daemons)
        for number in found:
            for name, need in zip(packing.resources, packing.kinds[number].needs, strict=True):
                total[name] = total.get(name, 0) + need
        shown = {name: amount for name, amount in sorted(total.items()) if amount}
        yield NewNode(shown, daemons, len(found), packing.nodes[like] if like is not None else "")


def _alike(counts: Counts, number: int, found: Sequence[int]) -> bool:
    """They may use the same nodes."""
    return all(counts.packing.kinds[other].allowed == counts.packing.kinds[number].allowed for other in found)


def _daemons(state: State, node: str) -> Mapping[str, int]:
    """What its DaemonSets reserve."""
    found: dict[str, int] = {}
    for pod in state.pods_on(node):
        owner = controller_of(pod)
        if owner is not None and owner.kind == "DaemonSet":
            for name, amount in {**reserved(pod, running=False).requests, "pods": 1}.items():
                found[name] = found.get(name, 0) + amount
    return {name: amount for name, amount in sorted(found.items()) if amount}
