"""Containers that ask for no CPU or no memory, after all that fills requests in."""

from __future__ import annotations

from collections.abc import Mapping

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.workloads.podspecs import Judged
from seakeep.model.objects import Container, LimitRange


def unset_requests(index: Index, entry: Judged) -> Mapping[str, list[str]]:
    """Container → what it does not ask for."""
    found = {item.name: _lacking(index, entry, item) for item in entry.spec.containers}
    return {name: lacking for name, lacking in found.items() if lacking}


def _lacking(index: Index, entry: Judged, container: Container) -> list[str]:
    """A limit without a request becomes the request (API server defaulting)."""
    given = {**container.resources.requests, **container.resources.limits}
    defaulted = _defaulted(index)
    return [name for name in ("cpu", "memory") if name not in given and (entry.ref.namespace, name) not in defaulted]


@once
def _defaulted(index: Index) -> frozenset[tuple[str, str]]:
    """Namespace and resource that a LimitRange sets."""
    return frozenset(
        (item.namespace, resource)
        for item in index.snapshot.all(LimitRange)
        for limit in item.spec.limits
        if limit.type == "Container"
        for resource in (*limit.default, *limit.default_request)
    )
