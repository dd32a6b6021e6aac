"""From a diagnosis to what the twin may ask: which objects are behind which workload's faults, and what did not get through because of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seakeep.facts.calls.dependencies import edges_of
from seakeep.facts.index import Index
from seakeep.model.cause import Cause, Diagnosis
from seakeep.model.objects import Pod, Workload
from seakeep.model.refs import Ref
from seakeep.twin.kubelet.blame import BARRED, Blame, Call
from seakeep.twin.kubelet.faults import root_of
from seakeep.twin.network.base import Network, Sight
from seakeep.twin.network.reach import reach
from seakeep.twin.network.sources import SourceUnknownError
from seakeep.twin.state import State


def blames(index: Index, diagnosis: Diagnosis) -> Mapping[Ref, Blame]:
    """By topmost controller. A cause's repair may lie in another object than its culprit: what a change would make or edit counts as well."""
    state = State(index.snapshot.objects)
    culprits: dict[Ref, dict[Ref, None]] = {}
    for cause in diagnosis.causes:
        behind = dict.fromkeys((cause.candidate.object, *(item.target for item in cause.candidate.repair.changes)))
        for workload in _sufferers(state, cause):
            # Its own template is compared where the fault is; to change anything else of it repairs nothing.
            others = {ref: None for ref in behind if ref != workload}
            if others:
                culprits.setdefault(workload, {}).update(others)
    network = Network(state, sight=Sight.of(index.snapshot))
    return {
        workload: Blame(tuple(found), tuple(_barred(index, network, workload)))
        for workload, found in sorted(culprits.items())
    }


def _sufferers(state: State, cause: Cause) -> Iterator[Ref]:
    refs = [*cause.explains, *cause.candidate.affects]
    for consequence in cause.consequences:
        refs += [consequence.candidate.object, *consequence.explains, *consequence.candidate.affects]
    for ref in dict.fromkeys(refs):
        item = state.find(ref)
        if isinstance(item, Pod):
            yield root_of(state, item)
        elif isinstance(item, Workload):
            yield ref


def _barred(index: Index, network: Network, workload: Ref) -> Iterator[Call]:
    """What its configuration names and its pods do not reach, itself left out: each once."""
    calls = {
        (edge.address.host, edge.address.port, "TCP"): None
        for edge in edges_of(index, workload)
        if edge.address.port and workload not in edge.backends
    }
    for call in calls:
        try:
            answer = reach(network, workload, *call)
        except SourceUnknownError:
            continue
        if answer.verdict in BARRED:
            yield call
