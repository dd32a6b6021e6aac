"""What a plan asks where pods wait for room: its own changes evict nothing, and buy no nodes."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.engine.repack.make import Found
from seakeep.model.plan import Asked
from seakeep.model.repacking_words import lack_text, move_text, new_node_text

ID = "repack"
_LOOKUP = "seakeep rehearse repack"
_SHOWN = 5


def questions(found: Found) -> Iterator[Asked]:
    """One for the moves, with a pod that they are made for; one for each workload that stays without room."""
    placed = len(found.waiting) - len(found.left)
    if found.moves and found.helped:
        count = len(found.moves)
        shown = "; ".join(move_text(item) for item in found.moves[:_SHOWN])
        more = f"; and {count - _SHOWN} more" if count > _SHOWN else ""
        moved = f"{count} pods" if count > 1 else "a pod"
        room = f"{placed} waiting pods find" if placed > 1 else "a waiting pod finds"
        yield Asked(
            ID,
            found.helped[0],
            f"May {moved} be evicted, under their budgets, so that {room} room? {shown}{more}",
            _LOOKUP,
        )
    nodes = "; ".join(new_node_text(item) for item in found.new_nodes)
    notes = "".join(f"; {text}" for text in found.notes)
    for item in found.lacks:
        yield Asked(ID, item.workload, f"Where does room come from? {lack_text(item)}. It would take {nodes}{notes}", _LOOKUP)  # fmt: skip
