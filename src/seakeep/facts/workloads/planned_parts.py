"""The pod templates inside custom resources of manifests, as templates: an operator completes them, so nothing that they leave out is known."""

from __future__ import annotations

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.workloads.custom_templates import custom_templates
from seakeep.facts.workloads.templates import Template


@once
def parts_within(index: Index) -> tuple[Template, ...]:
    """Several of one object where it has several groups of pods."""
    return tuple(
        Template(
            ref=part.item.ref,
            item=part.item,
            spec=part.spec,
            labels={},
            pods=(),
            labels_known=False,
            spec_known=True,
            full=False,
            at=part.path,
        )
        for part in custom_templates(index)
        if part.copies != 0
    )
