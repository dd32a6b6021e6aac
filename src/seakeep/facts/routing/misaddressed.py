"""Addresses that lead nowhere, and who is wrong: the workload that names them, or the Service that is not there or has moved to another port."""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.facts.calls.calls import calls
from seakeep.facts.calls.dependencies import edges_to
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.routing.absent_hosts import judge_hosts
from seakeep.facts.routing.address_verdicts import DisplacedPort, Misaddressed, MissingService
from seakeep.facts.routing.wrong_ports import judge_ports
from seakeep.model.refs import Ref


@once
def _hosts(index: Index) -> tuple[list[Misaddressed], list[MissingService]]:
    return judge_hosts(index)


@once
def _ports(index: Index) -> tuple[list[Misaddressed], list[DisplacedPort]]:
    return judge_ports(index)


def misaddressed(index: Index) -> Sequence[Misaddressed]:
    """Wrong hosts, then wrong ports."""
    return [*_hosts(index)[0], *_ports(index)[0]]


def missing_services(index: Index) -> Sequence[MissingService]:
    return _hosts(index)[1]


def displaced_ports(index: Index) -> Sequence[DisplacedPort]:
    return _ports(index)[1]


def consumers_of(index: Index, service: Ref) -> tuple[Ref, ...]:
    """The workloads that address the Service, directly or through an ExternalName, in configuration or in what they were seen to call."""
    named = {edge.consumer for edge in edges_to(index, service)}
    called = {call.workload for call in calls(index) if call.service == service}
    return tuple(sorted(named | called))
