"""What the leaves on a node's own services have in common."""

from __future__ import annotations

from seakeep.facts.index import Index
from seakeep.facts.nodes.node_services import Service, Stopped, stopped
from seakeep.facts.nodes.node_signs import CERTAIN, FAIR
from seakeep.facts.nodes.nodes import unwell_on
from seakeep.model.cause import Evidence
from seakeep.model.confidence import LIKELY, POSSIBLE, PROVEN
from seakeep.model.refs import Ref

_CONFIDENCE = {CERTAIN: PROVEN, FAIR: LIKELY}


def stopped_services(index: Index, service: Service) -> tuple[Stopped, ...]:
    return tuple(item for item in stopped(index).values() if item.service is service)


def confidence_of(item: Stopped) -> float:
    return _CONFIDENCE.get(item.level, POSSIBLE)


def evidence_of(item: Stopped) -> tuple[Evidence, ...]:
    """Most telling first, at most six, each object and path once or twice."""
    return tuple(dict.fromkeys(sign.evidence for sign in item.signs))[:6]


def suffering(index: Index, item: Stopped) -> tuple[Ref, ...]:
    return tuple(
        dict.fromkeys(
            (
                *unwell_on(index, item.node),
                *(sign.evidence.object for sign in item.signs if sign.evidence.object.kind == "Pod"),
            )
        )
    )[:50]


def callers(item: Stopped) -> tuple[Ref, ...]:
    """Who was seen to call the node in vain; its pods, and what relies on them, are not meant."""
    seen = (sign.evidence.object for sign in item.signs)
    return tuple(dict.fromkeys(ref for ref in seen if ref.kind not in {"Node", "Lease"}))
