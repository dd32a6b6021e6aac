"""Containers where they can be changed: in their workload's own template, which may be newer than the pods that show what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.proposing import in_pod_spec, pod_spec_path
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.templates import Template, template_of
from seakeep.model.change import Change, Risk
from seakeep.model.fields import text_of
from seakeep.model.objects import Container, Pod, PodSpec
from seakeep.model.refs import Ref


class Standing(Struct, frozen=True):
    """A container of a workload's template; `group` is the list that it stands in."""

    ref: Ref
    spec: PodSpec
    group: str
    container: Container

    def path(self, *steps: str) -> str:
        item = (("name", self.container.name),)
        return text_of((*pod_spec_path(self.ref), self.group, item, *steps))

    def change(self, fields: Mapping[str, Any], why: str, remove: tuple[str, ...] = ()) -> Change:
        """Its pods are replaced one after another."""
        patch = in_pod_spec(self.ref, {self.group: [{"name": self.container.name, **fields}]})
        return Change(self.ref, patch, remove, Risk.MEDIUM, why)


def changeable(index: Index, ref: Ref) -> Template | None:
    """The workload's template; None where it was not seen in full, or where the containers were made to stay (Pods, Jobs)."""
    template = template_of(index, ref)
    if template is None or not template.full or isinstance(template.item, Pod) or fixed(ref, ""):
        return None
    return template


def standing(index: Index, ref: Ref, name: str) -> Standing | None:
    template = changeable(index, ref)
    if template is None:
        return None
    groups = (("containers", template.spec.containers), ("initContainers", template.spec.init_containers))
    return next(
        (Standing(ref, template.spec, group, item) for group, items in groups for item in items if item.name == name),
        None,
    )
