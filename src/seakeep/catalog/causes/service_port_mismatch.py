"""A Service sends to a port that its pods do not serve, or offers another port than its callers use.

What: connections to the Service are refused or time out while every pod is ready; a targetPort that no container declares gives no endpoints (name) or a closed port (number).

Why: the container's port was changed on one side only, a typing error, port and targetPort mixed up, a renamed port.

Bad:
    ports: [{port: 80, targetPort: 8081}]     # containerPort: 8080

Good:
    ports: [{port: 80, targetPort: 8080}]

Ignore when: the container listens on a port that it does not declare.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import HINT, LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.calls.dependencies import edges_to
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.routing.misaddressed import displaced_ports
from seakeep.facts.routing.service_ports import Sureness, port_problems
from seakeep.facts.routing.service_repairs import retargeted, returned
from seakeep.facts.routing.unheard_services import unheard_services
from seakeep.facts.routing.untranslated_ports import misnamed, untranslated
from seakeep.facts.shell_words import quote
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod, Service

_CONFIDENCE = {
    Sureness.ODD: HINT,
    Sureness.UNDECLARED: POSSIBLE,
    Sureness.CONTRADICTED: LIKELY,
    Sureness.CERTAIN: PROVEN,
}


def find(index: Index) -> Iterable[Candidate]:
    for item in port_problems(index):
        name, ref = item.service.name, item.template.ref
        ports, serves = ", ".join(item.declared), "listens on" if item.heard else "declares"
        yield Candidate(
            id="service-port-mismatch",
            object=item.service.ref,
            summary=f"port {item.port.port} of Service {name} leads to targetPort {item.target}, which no container of {ref.kind} {ref.name} {serves}{f' (but on {ports})' if item.heard else f' (they declare {ports})' if ports else ''}{f'; {item.why}' if item.why else ''}",
            evidence=(
                state_evidence(item.service, f"spec.ports[{item.port.port}].targetPort", item.target),
                state_evidence(item.template.item, f"{item.template.path}.containers[].ports", ports),
                *(call.evidence for call in item.calls[:3]),
            ),
            affects=(ref, *dict.fromkeys(call.origin for call in item.calls)),
            repair=Repair(
                f"Set targetPort of port {item.port.port} of Service {name} to {item.right or 'one of ' + ports}.",
                retargeted(index, item),
            ),
            confidence=_CONFIDENCE[item.sureness],
            settled_by=""
            if item.sureness is Sureness.CERTAIN
            else f"kubectl exec -n {quote(ref.namespace)} {quote(ref.kind.lower())}/{quote(ref.name)} -- netstat -ltn",
        )
    for moved in displaced_ports(index):
        name = moved.service.name
        users = ", ".join(sorted(ref.name for ref in moved.consumers)[:4])
        yield Candidate(
            id="service-port-mismatch",
            object=moved.service.ref,
            summary=f"Service {name} offers port {moved.offered}, while its callers ({users}) use port {moved.port}{f'; {moved.why}' if moved.why else ''}",
            evidence=(state_evidence(moved.service, "spec.ports[].port", moved.offered), *moved.evidence),
            affects=moved.consumers,
            repair=Repair(
                f"Set the port of Service {name} back to {moved.port}, which {users} use.", returned(index, moved)
            ),
            confidence=PROVEN if moved.certain else LIKELY,
        )
    yield from _headless(index)
    yield from _by_hand(index)
    yield from _unheard(index)


def _unheard(index: Index) -> Iterable[Candidate]:
    for item in unheard_services(index):
        ref, told = item.template.ref, item.told
        who = f"container {item.container} of {ref.kind} {ref.name}"
        alone = told.loopback and told.port == item.target
        yield Candidate(
            id="service-port-mismatch",
            object=item.service.ref,
            summary=f"port {item.port} of Service {item.service.name} leads to port {item.target} of {who}, which {told.said} lets listen on {told.port}{' of its own pod only' if told.loopback else ''}",
            evidence=(
                Evidence(told.at, told.path, told.said[:300]),
                state_evidence(item.service, f"spec.ports[{item.port}].targetPort", str(item.target)),
            ),
            affects=(ref,),
            repair=Repair(
                f"Let {who} listen on all addresses ({told.said})."
                if alone
                else f"Set targetPort of port {item.port} of Service {item.service.name} to {told.port}, and the port that {who} declares with it, or let {told.said} say {item.target}."
            ),
            confidence=LIKELY if told.own else POSSIBLE,
            settled_by="" if told.own else f"Ask what container {item.container} listens on",
        )


def _headless(index: Index) -> Iterable[Candidate]:
    for item in untranslated(index):
        name, port = item.service.name, item.port.port
        callers = (*(edge.consumer for edge in item.users), *(call.workload for call in item.refused))
        yield Candidate(
            id="service-port-mismatch",
            object=item.service.ref,
            summary=f"Service {name} is headless, so its port {port} is not turned into the pods' port {item.listening}, and nobody listens on {port}",
            evidence=(
                state_evidence(item.service, "spec.clusterIP", "None"),
                state_evidence(item.service, f"spec.ports[{port}].targetPort", item.listening),
                *(Evidence(edge.address.at, edge.address.path, edge.address.text[:300]) for edge in item.users[:3]),
                *(call.evidence for call in item.refused[:2]),
            ),
            affects=tuple(dict.fromkeys(callers)),
            repair=Repair(f"Give Service {name} a cluster IP, or let it and its callers use port {item.listening}."),
            confidence=PROVEN if item.refused else LIKELY,
        )


def _by_hand(index: Index) -> Iterable[Candidate]:
    for item in misnamed(index):
        name, has = item.service.name, ", ".join(one or "(none)" for one in item.names)
        wanted = item.port.name or "(none)"
        yield Candidate(
            id="service-port-mismatch",
            object=item.service.ref,
            summary=f"port {item.port.port} of Service {name} is called {wanted}, and {item.source.kind} {item.source.name}, kept by hand, calls its port {has}: nothing is sent there",
            evidence=(
                state_evidence(item.service, f"spec.ports[{item.port.port}].name", wanted),
                state_evidence(item.source, "ports[].name", has),
            ),
            affects=tuple(dict.fromkeys(edge.consumer for edge in edges_to(index, item.service.ref))),
            repair=Repair(f"Call the port {wanted} in {item.source.kind} {item.source.name}, as Service {name} does."),
            confidence=PROVEN,
        )


CAUSE = CauseLeaf(
    id="service-port-mismatch", title="Service leads to a port that nobody serves", reads=(Service, Pod), find=find
)
