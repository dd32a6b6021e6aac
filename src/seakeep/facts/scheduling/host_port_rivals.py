"""DaemonSets that ask for the same host port on the same nodes: the second one's pods can never be placed."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.scheduling.placement import host_ports
from seakeep.facts.workloads.podspecs import Judged, judged_templates
from seakeep.facts.workloads.templates import template_of
from seakeep.model.refs import Ref


class Rivals(Struct, frozen=True):
    """`late` came second, or where that cannot be told is the one with less reason to have the port."""

    late: Ref
    first: Ref
    port: int


def rivals(index: Index) -> Iterator[Rivals]:
    sets = [
        entry
        for entry in judged_templates(index)
        if entry.ref.kind == "DaemonSet" and entry.seen and host_ports(entry.spec)
    ]
    for number, one in enumerate(sets):
        for two in sets[number + 1 :]:
            shared = {(protocol, port) for protocol, port in host_ports(one.spec) & host_ports(two.spec) if port}
            if shared and _may_meet(one, two):
                first, late = sorted((one, two), key=lambda entry: _order(index, entry))
                yield Rivals(late.ref, first.ref, min(port for _, port in shared))


def _may_meet(one: Judged, two: Judged) -> bool:
    """Unless their node selectors contradict one another, or affinity, which is not compared, keeps one of them to some nodes."""
    mine, theirs = one.spec.node_selector, two.spec.node_selector
    if any(key in theirs and theirs[key] != value for key, value in mine.items()):
        return False
    return not any(entry.spec.affinity and entry.spec.affinity.node_affinity for entry in (one, two))


def _order(index: Index, entry: Judged) -> tuple[int, str, bool, Ref]:
    """The one that has pods, then the older, then the one whose name the port's owner would have."""
    template = template_of(index, entry.ref)
    born = template.item.metadata.creation_timestamp if template else None
    return -(template.ready if template else 0), born.isoformat() if born else "", not _is_exporter(entry), entry.ref


def _is_exporter(entry: Judged) -> bool:
    """9100 is node_exporter's by long custom, and exporters' ports follow it."""
    return "exporter" in entry.ref.name
