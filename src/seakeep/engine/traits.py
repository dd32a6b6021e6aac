"""What the catalog of services knows of each workload."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from seakeep.contract.service import ServiceProfile
from seakeep.engine.recognise import Recogniser, component_of
from seakeep.facts.index import Index
from seakeep.facts.workloads.templates import Template, known_templates
from seakeep.model.refs import Ref
from seakeep.model.traits import Traits

T = TypeVar("T")


class Recognising:
    """What an Index asks: traits by workload, for those whose service is known."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser

    def __call__(self, index: Index) -> Mapping[Ref, Traits]:
        found = ((item.ref, self._of(index, item)) for item in known_templates(index))
        return {ref: traits for ref, traits in found if traits is not None}

    def after(self, index: Index, before: Index, moved: Collection[Ref]) -> Mapping[Ref, Traits]:
        """The same, where `before` knows those of all workloads but the `moved`."""
        known = before.traits
        found = (
            (item.ref, self._of(index, item) if item.ref in moved else known.get(item.ref))
            for item in known_templates(index)
        )
        return {ref: traits for ref, traits in found if traits is not None}

    def _of(self, index: Index, template: Template) -> Traits | None:
        item, labels = index.snapshot.find(template.ref) or template.item, dict(template.labels)
        profile = self._recogniser.profile_of(index, item, labels, template.spec)
        return _traits(profile, component_of(profile, item, labels)) if profile is not None else None


def recognising(profiles: Sequence[ServiceProfile]) -> Recognising:
    return Recognising(Recogniser(profiles))


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
        holds=profile.holds,
    )


def _of(pairs: Sequence[tuple[str, T]], component: str, otherwise: T) -> T:
    known = dict(pairs)
    return known.get(component, known.get("", otherwise))
