"""What the catalog of services knows of each workload."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from seakeep.contract.service import ServiceProfile
from seakeep.engine.recognise import Recogniser, component_of
from seakeep.facts.index import Index
from seakeep.facts.workloads.templates import known_templates
from seakeep.model.refs import Ref
from seakeep.model.traits import Traits

T = TypeVar("T")


def recognising(profiles: Sequence[ServiceProfile]) -> Callable[[Index], Mapping[Ref, Traits]]:
    """What an Index asks: traits by workload, for those whose service is known."""
    recogniser = Recogniser(profiles)

    def recognise(index: Index) -> Mapping[Ref, Traits]:
        found: dict[Ref, Traits] = {}
        for template in known_templates(index):
            item = index.snapshot.find(template.ref) or template.item
            profile = recogniser.profile_of(index, item, dict(template.labels), template.spec)
            if profile is not None:
                found[template.ref] = _traits(profile, component_of(profile, item, dict(template.labels)))
        return found

    return recognise


def _traits(profile: ServiceProfile, component: str) -> Traits:
    return Traits(
        service=profile.id,
        component=component,
        readiness=_of(profile.readiness, component, None),
        liveness=_of(profile.liveness, component, None),
        stops_within=_of(profile.stops_within, component, 0),
        pre_stop=_of(profile.pre_stop, component, ()),
        scalable=_of(profile.scalable, component, None),
        needs_ready=_of(profile.needs_ready, component, "one"),
        jvm=profile.jvm,
        criticality=profile.criticality,
    )


def _of(pairs: Sequence[tuple[str, T]], component: str, otherwise: T) -> T:
    known = dict(pairs)
    return known.get(component, known.get("", otherwise))
