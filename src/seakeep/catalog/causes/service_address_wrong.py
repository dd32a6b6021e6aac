"""A workload is configured with an address that leads to no Service, or to a port that the Service does not offer.

What: an environment variable, a ConfigMap or a wait loop names a host or port that differs from the Service's; calls fail by name (no such host) or time out, often while every pod is ready.

Why: a typing error, a Service that was renamed or moved to another namespace, a port copied from the container instead of the Service; a broker that advertises an address which its clients do not reach.

Bad:
    env: [{name: CATALOG_ADDR, value: "catlog:3550"}]     # the Service is catalog

Good:
    env: [{name: CATALOG_ADDR, value: "catalog:3550"}]

Ignore when: the feature behind the address is switched off.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import HINT, LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.routing.address_verdicts import Misaddressed, right_host
from seakeep.facts.routing.advertised import Advertised, misadvertised
from seakeep.facts.routing.member_names import misnamed_members
from seakeep.facts.routing.misaddressed import misaddressed
from seakeep.facts.routing.route_backends import Astray, astray
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.setting_repairs import readdressed
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Ingress, Pod, Service
from seakeep.model.refs import Ref


def find(index: Index) -> Iterable[Candidate]:
    by_consumer: dict[Ref, list[Misaddressed]] = {}
    for item in misaddressed(index):
        by_consumer.setdefault(item.consumer, []).append(item)
    for consumer, items in sorted(by_consumer.items()):
        items.sort(key=lambda item: (-_confidence(item), item.host, item.port))
        item = items[0]
        where = item.address.path if item.address else "its configuration"
        shown = f"{item.host}:{item.port}" if item.port else item.host
        right = right_host(item) if item.meant else "the Service's name"
        right += f":{item.meant_port}" if item.meant_port else ""
        wrong = (
            f"which no Service answers to (Service {item.meant.name} is meant: {item.why})"
            if item.what == "host" and item.meant
            else f"but the Service offers port {item.evidence[-1].value}{f' ({item.why})' if item.why else ''}"
        )
        sure = (one for one in items if _confidence(one) >= LIKELY)
        changes = tuple(readdressed(index, sure)) if _confidence(item) >= LIKELY else ()
        yield Candidate(
            id="service-address-wrong",
            object=consumer,
            summary=f"{where} of {consumer.kind} {consumer.name} names {shown}, {wrong}",
            evidence=tuple(
                dict.fromkeys(
                    part for one in items[:3] for part in (*one.evidence, *(call.evidence for call in one.calls[:2]))
                )
            )[:6],
            affects=tuple(dict.fromkeys(call.origin for one in items for call in one.calls)),
            repair=Repair(
                f"Change {where} of {consumer.kind} {consumer.name} from {shown} to {right}.",
                changes[0] if changes else None,
                changes[1:],
            ),
            confidence=_confidence(item),
            settled_by="" if _confidence(item) > POSSIBLE else f"kubectl get service -n {quote(consumer.namespace)}",
        )
    for astray_item in astray(index):
        yield _route(astray_item)
    yield from map(_advertised, misadvertised(index))
    told = {edge.consumer for edge in misaddressed(index)}
    for named in misnamed_members(index):
        if named.caller in told:
            continue
        right = named.name[: -len(named.wrong)] + named.right
        yield Candidate(
            id="service-address-wrong",
            object=named.caller,
            summary=f"{named.path} of {named.at.kind} {named.at.name} names {named.name}, while Service {named.right} gives the pods of StatefulSet {named.members.name} their names",
            evidence=(
                Evidence(named.at, named.path, named.name),
                state_evidence(named.members, "spec.serviceName", named.right),
            ),
            affects=(named.caller,),
            repair=Repair(f"Change {named.path} of {named.at.kind} {named.at.name} from {named.name} to {right}."),
            confidence=LIKELY,
        )


def _route(item: Astray) -> Candidate:
    holder, name = item.backend.holder, item.backend.name
    wrong = (
        f"port {item.port} of Service {name}, which does not offer it"
        if item.port
        else f"Service {name}, which does not exist"
    )
    offered = ", ".join(str(port.port) for port in item.meant.spec.ports) if item.meant else ""
    right = (
        f"one of its ports ({offered})"
        if item.port
        else f"a Service of its own namespace (namespace {item.meant.namespace} has {name})"
        if item.meant and item.meant.namespace != item.backend.namespace
        else f"Service {item.meant.name}"
        if item.meant
        else "a Service that exists"
    )
    return Candidate(
        id="service-address-wrong",
        object=holder.ref,
        summary=f"{holder.kind} {holder.name} routes to {wrong}",
        evidence=(
            state_evidence(holder, item.backend.path, f"{name}:{item.backend.port}" if item.backend.port else name),
        ),
        repair=Repair(f"Let {holder.kind} {holder.name} route to {right}."),
        confidence=PROVEN if item.known and (item.meant or not item.port) else LIKELY,
    )


def _advertised(item: Advertised) -> Candidate:
    broker = f"{item.broker.kind} {item.broker.name}"
    shown = f"{item.host}:{item.port}" if item.port else item.host
    wrong = "which is each client's own machine" if item.service is None else "which no Service answers to"
    return Candidate(
        id="service-address-wrong",
        object=item.broker,
        summary=f"{broker} tells its clients to connect to {shown}, {wrong}",
        evidence=(Evidence(item.broker, item.path, item.text[:300]), *item.told[:3]),
        affects=(*item.users, *sorted({proof.object for proof in item.told})),
        repair=Repair(f"Let {broker} advertise a name that its clients resolve, under {item.path}."),
        confidence=PROVEN if item.told else LIKELY if item.users and item.service is None else POSSIBLE,
        settled_by="" if item.told or not item.users else _log_of(item.users[0]),
    )


def _log_of(user: Ref) -> str:
    return f"kubectl logs {quote(f'{user.kind.lower()}/{user.name}')} -n {quote(user.namespace)}"


def _confidence(item: Misaddressed) -> float:
    """A failing call to the very address settles what configuration only suggests."""
    levels = (HINT, POSSIBLE, LIKELY, PROVEN)
    return levels[min(3, max(item.strength, 0) + (1 if item.calls else 0))]


CAUSE = CauseLeaf(
    id="service-address-wrong", title="Workload calls a wrong address", reads=(Service, Pod, Ingress), find=find
)
