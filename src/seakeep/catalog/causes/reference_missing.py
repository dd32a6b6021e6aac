"""Object refers to one that is not there, or not for it.

What: in manifests, a route names a Gateway or a listener, an Ingress its class or the Secret of its certificate, a binding its role, a Certificate its issuer, or an operator's resource (KafkaTopic, Kibana, Pooler …)
another one, and no object has that name while one of nearly that name has no user. Or a Gateway takes no routes of the route's namespace, a monitor of the Prometheus operator names a port that its Services do not have,
or a StatefulSet a Service that is not there while another headless one picks its pods.

In a cluster, an Ingress names a class or a Secret that nobody has made.

Why: a typing error, or a rename on one side only. Nothing refuses it: the route stays unattached, the topic is never made, the binding gives nothing.

Bad:
    parentRefs: [{name: public-gatway}]

Good:
    parentRefs: [{name: public-gateway}]

Ignore when: the object is made elsewhere under that name.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.references.named_objects import Lost, lost
from seakeep.facts.references.scraped import unscraped
from seakeep.facts.routing.gateway_listeners import shut_out
from seakeep.facts.routing.ingress_references import Unheld, unheld
from seakeep.facts.routing.tls_secrets import unmade_secrets
from seakeep.facts.shell_words import typed
from seakeep.model.cause import Candidate, Evidence, Repair


def find(index: Index) -> Iterable[Candidate]:
    # Claims and their classes have a cause of their own.
    yield from (_candidate(item) for item in lost(index) if item.named.kind != "StorageClass")
    for route, path, gateway in shut_out(index):
        yield Candidate(
            id="reference-missing",
            object=route.ref,
            summary=f"{route.kind} {route.name} names Gateway {gateway.namespace}/{gateway.name}, whose listeners take routes of namespace {gateway.namespace} only",
            evidence=(
                Evidence(route.ref, path, f"{gateway.namespace}/{gateway.name}"),
                Evidence(gateway.ref, "spec.listeners[].allowedRoutes.namespaces.from", "Same"),
            ),
            affects=(route.ref,),
            repair=Repair(
                f"Let allowedRoutes.namespaces of Gateway {gateway.name} admit namespace {route.namespace}, or move {route.kind} {route.name} to namespace {gateway.namespace}."
            ),
            confidence=PROVEN,
        )
    yield from (_of_ingress(item) for item in unheld(index))
    for found in unscraped(index):
        yield Candidate(
            id="reference-missing",
            object=found.monitor,
            summary=f"{found.monitor.kind} {found.monitor.name} {found.why}",
            evidence=(Evidence(found.monitor, found.path, found.said),),
            affects=(found.monitor,),
            repair=Repair(found.repair),
            confidence=found.confidence,
        )
    for one in unmade_secrets(index):
        yield Candidate(
            id="reference-missing",
            object=one.ingress.ref,
            summary=f"Ingress {one.ingress.name} takes its certificate from Secret {one.named}, while Certificate {one.certificate.name} for {one.host} puts it into {one.made}",
            evidence=(
                Evidence(one.ingress.ref, "spec.tls[].secretName", one.named),
                Evidence(one.certificate.ref, "spec.secretName", one.made),
            ),
            affects=(one.ingress.ref,),
            repair=Repair(f"Let Ingress {one.ingress.name} name Secret {one.made}."),
            confidence=LIKELY,
        )


def _of_ingress(item: Unheld) -> Candidate:
    what = f"{item.named.kind} {item.named.name}"
    known = f" ({', '.join(item.others[:4])})" if item.others else ""
    return Candidate(
        id="reference-missing",
        object=item.ingress.ref,
        summary=f"Ingress {item.ingress.name} names {what}, which does not exist: {item.effect}",
        evidence=(state_evidence(item.ingress, item.path, item.named.name),),
        affects=(item.ingress.ref,),
        repair=Repair(f"Create {what}, or let {item.path} of Ingress {item.ingress.name} name one that exists{known}."),
        confidence=LIKELY,
    )


def _candidate(item: Lost) -> Candidate:
    target, meant, holder = item.named, item.lack.meant, item.named.holder
    what = f"{target.kind} {target.name}"
    if target.part:
        wrong = f"listener {target.part} of {what}, which has no such listener"
        right = f"listener {meant}" if meant else "one of its listeners"
    else:
        wrong = f"{what}, which is not among the manifests"
        right = f"{target.kind} {meant}" if meant else f"a {target.kind} that exists"
        if item.kind:
            right = f"{item.kind} {meant} by its kind"
        elif item.lack.place:
            right = f"the {target.kind} of namespace {item.lack.place}"
    other = "" if item.lack.shared else ", and nothing names it"
    return Candidate(
        id="reference-missing",
        object=holder.ref,
        summary=f"{holder.kind} {holder.name} names {wrong}"
        + (f" ({item.kind or target.kind} {meant} is{other})" if meant and not target.part else ""),
        evidence=(Evidence(holder.ref, target.path, target.part or target.name),),
        affects=(holder.ref,),
        repair=Repair(f"Let {target.path} of {holder.kind} {holder.name} name {right}."),
        confidence=item.lack.confidence,
        settled_by="" if item.lack.confidence >= PROVEN else f"kubectl get {typed(target)}",
    )


CAUSE = CauseLeaf(id="reference-missing", title="Object refers to one that is not there", reads=(), find=find)
