"""An Ingress leads to a Service that is not there.

What: a backend names a Service that its namespace does not have, or a port that the Service does not have.

Why: every request for that path is answered with 503 by the controller, while the Ingress itself looks fine. Some controllers leave the whole host out.

Bad:
    backend: {service: {name: web-api, port: {number: 80}}}     # the Service is called api

Good:
    backend: {service: {name: api, port: {name: http}}}

Ignore when: another chart brings the Service later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.routing.operator_services import may_be_made
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podspecs import shows
from seakeep.model.change import Advice
from seakeep.model.finding import Finding
from seakeep.model.objects import Ingress, Service
from seakeep.model.objects.network import IngressServiceBackend
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

RULE = Rule("ingress-backend-missing")


def judge(index: Index) -> Iterable[Finding]:
    for item in index.snapshot.all(Ingress):
        asked = list(_backends(item))
        made = [maker for _, backend in asked if (maker := _maker(index, item, backend))]
        lost = [text for where, backend in asked if (text := _lost(index, item, where, backend))]
        if not asked and index.snapshot.depth(item.ref) < Depth.DESCRIBED:
            yield RULE.cannot_see(item.ref, "its backends")
        elif not asked:
            continue
        elif not lost and made:
            yield RULE.cannot_see(item.ref, f"the Services that the operator of {made[0].kind} {made[0].name} makes")
        elif not lost:
            yield RULE.passes(item.ref)
        elif not shows(index, "Service", item.namespace):
            yield RULE.cannot_see(item.ref, "every Service of its namespace")
        else:
            repair = "Name a Service that is there, and one of its ports."
            yield RULE.fails(item.ref, "; ".join(lost), "spec.rules", repair)


def _backends(item: Ingress) -> Iterator[tuple[str, IngressServiceBackend]]:
    """By what is asked for. A backend that is no Service is another object's matter."""
    if item.spec.default_backend and item.spec.default_backend.service:
        yield "every other request", item.spec.default_backend.service
    for rule in item.spec.rules:
        for path in rule.http.paths if rule.http else ():
            if path.backend.service and path.backend.service.name:
                yield f"{rule.host}{path.path or '/'}", path.backend.service


def _lost(index: Index, item: Ingress, where: str, backend: IngressServiceBackend) -> str:
    service = index.snapshot.get(Service, item.namespace, backend.name)
    if service is None:
        return "" if _maker(index, item, backend) else f"{where} leads to Service {backend.name}, which is not there"
    wanted = backend.port.name or backend.port.number
    ports = service.spec.ports
    if not wanted or not ports or any(wanted in (port.name, port.port) for port in ports):
        return ""
    return f"{where} leads to port {wanted} of Service {backend.name}, which has none of that kind"


def _maker(index: Index, item: Ingress, backend: IngressServiceBackend) -> Ref | None:
    """The custom resource of which an operator makes the Service, where manifests show no such Service."""
    ref = Ref("Service", item.namespace, backend.name)
    absent = index.snapshot.intent_only and index.snapshot.find(ref) is None
    return may_be_made(index, ref) if absent else None


def propose(index: Index, finding: Finding) -> Advice:
    """Rules are one list: which other Service is meant, only their author knows."""
    ref = finding.object
    item = index.snapshot.get(Ingress, ref.namespace, ref.name)
    lost = [text for where, each in _backends(item) if (text := _lost(index, item, where, each))] if item else []
    return Advice(
        f"To which Service is {ref} to lead ({'; '.join(lost)})?", f"kubectl get services -n {quote(ref.namespace)}"
    )


HARDENING = RULE.leaf("Ingress that leads nowhere", judge, propose, reads=(Ingress, Service))
