"""A Service that workloads rely on does not exist.

What: an init container waits for, or the configuration names, an in-cluster Service that is not there and that nothing else is called like; its look-up fails with "no such host".

Why: the Service was deleted or never created, its chart was not installed, or it lives in a namespace that was removed.

Bad:
    initContainers: [{command: [sh, -c, "until nc -z search 9200; do sleep 2; done"]}]     # no Service search

Good:
    kind: Service
    metadata: {name: search}

Ignore when: the component is optional and switched off.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.cause import HINT, LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.routing.address_verdicts import MissingService
from seakeep.facts.routing.addresses import Address
from seakeep.facts.routing.misaddressed import missing_services
from seakeep.facts.routing.stand_ins import put_back
from seakeep.facts.shell_words import named
from seakeep.facts.symptoms import is_unwell
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.change import Change
from seakeep.model.objects import Pod, Service


def find(index: Index) -> Iterable[Candidate]:
    for item in missing_services(index):
        service = item.service
        place = f" in namespace {service.namespace}" if service.namespace else ""
        users = ", ".join(f"{ref.kind} {ref.name}" for ref in item.consumers[:3])
        served = f" for {item.backend.kind} {item.backend.name}, which exists" if item.backend else ""
        port = next((address.port for address in item.addresses if address.port), 0)
        create = f"Create Service {service.name}{place}{f' with port {port}' if port else ''}{served}"
        yield Candidate(
            id="dependency-missing",
            object=service,
            summary=f"Service {service.name} does not exist{place}, and {users} rel{'y' if len(item.consumers) > 1 else 'ies'} on it",
            evidence=(
                *(Evidence(address.at, address.path, address.text[:300]) for address in item.addresses[:3]),
                *(call.evidence for call in item.calls[:3]),
            ),
            affects=tuple(dict.fromkeys((*item.consumers, *(call.origin for call in item.calls)))),
            repair=_repair(f"{create}, or remove the address from {users}.", put_back(index, item)),
            confidence=_confidence(index, item),
            settled_by="" if item.known_absent else f"kubectl get service {named(service)}",
        )


def _repair(summary: str, changes: Sequence[Change]) -> Repair:
    return Repair(summary, changes[0], tuple(changes[1:])) if changes else Repair(summary)


def _confidence(index: Index, item: MissingService) -> float:
    if not item.known_absent:
        return LIKELY if item.backend is None and item.waits else POSSIBLE
    if item.suffers or any(_holds_up(index, address) for address in item.addresses):
        return PROVEN
    if item.backend:
        return PROVEN if len(item.consumers) > 1 else LIKELY
    return POSSIBLE if len(item.consumers) > 1 else HINT


def _holds_up(index: Index, address: Address) -> bool:
    """The init container that names it is still running in some pod, whatever older pods of the workload do."""
    return address.waits and any(
        status.name == address.container and status.state.running
        for pod in index.pods_by_workload.get(address.at, ())
        if is_unwell(index, pod)
        for status in pod.status.init_container_statuses
    )


CAUSE = CauseLeaf(
    id="dependency-missing",
    title="Service that is relied on does not exist",
    reads=(Service, Pod),
    find=find,
    elsewhere=True,
)
