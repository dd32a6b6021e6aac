"""Requests that measured use shows to be far too high, as changes and as what pods would ask for."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.proposing import in_containers
from seakeep.facts.resources.right_size import asking, idle_requests
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import judged_templates
from seakeep.model.change import Change, Risk
from seakeep.model.refs import Ref

# The hardening rule that proposes the same.
RULE = "requests-above-use"


class Resizing(Struct, frozen=True):
    change: Change
    requests: Mapping[str, Mapping[str, str]]


def resizings(index: Index) -> Mapping[Ref, Resizing]:
    """By workload, by the rule `requests-above-use`."""
    found = {}
    for entry in judged_templates(index):
        idle = idle_requests(index, entry) if asking(entry) else {}
        if idle and fixed(entry.ref, "") is None:
            requests = {name: better for name, (better, _) in idle.items()}
            patch = in_containers(entry.ref, {name: {"resources": {"requests": better}} for name, better in requests.items()})  # fmt: skip
            why = "; ".join(text for _, text in idle.values())
            found[entry.ref] = Resizing(Change(entry.ref, patch, (), Risk.MEDIUM, why), requests)
    return found
