"""Which service relies on which: as their configuration shows, and as platform.yaml says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seakeep.facts.calls.dependencies import Edge
from seakeep.model.platform import Dependency, Intent, ServiceState
from seakeep.model.refs import Ref

DECLARED = "dependsOn"


def service_dependencies(
    services: Sequence[ServiceState], edges: Sequence[Edge], intent: Intent
) -> tuple[Dependency, ...]:
    """One per pair of services: what is configured tells more than what is declared, and an address that leads nowhere more than one that resolves."""
    found: dict[tuple[str, str], Dependency] = {}
    for item in (*_configured(services, edges), *_declared(services, intent)):
        known = found.get((item.source, item.target))
        if item.source != item.target and (known is None or (item.broken and not known.broken)):
            found[item.source, item.target] = item
    return tuple(found[key] for key in sorted(found))


def _configured(services: Sequence[ServiceState], edges: Sequence[Edge]) -> Iterator[Dependency]:
    owner = {ref: service.id for service in services for ref in service.workloads}
    for edge in edges:
        source = owner.get(edge.consumer, _text(edge.consumer))
        target = next((owner[ref] for ref in edge.backends if ref in owner), _text(edge.service))
        port = f":{edge.address.port}" if edge.address.port else ""
        yield Dependency(source, target, f"{edge.address.host}{port}", edge.address.at, edge.broken)


def _declared(services: Sequence[ServiceState], intent: Intent) -> Iterator[Dependency]:
    """Between services that were found: of others platform.yaml alone tells nothing."""
    for item in intent.services:
        source = _found(services, item.id, item.namespace)
        for name in item.depends_on if source else ():
            target = _found(services, name, item.namespace)
            if source and target:
                yield Dependency(source, target, DECLARED, Ref("Platform", "", intent.name))


def _found(services: Sequence[ServiceState], name: str, namespace: str | None) -> str | None:
    """By its id, by its name in the namespace, or by its name where only one has it."""
    ids = {service.id for service in services}
    for text in (name, f"{namespace}/{name}"):
        if text in ids:
            return text
    alike = [each for each in sorted(ids) if each.rpartition("/")[2] == name]
    return alike[0] if len(alike) == 1 else None


def _text(ref: Ref) -> str:
    """Manifests without a namespace go to `default`, unless somebody applies them elsewhere."""
    return f"{ref.namespace or 'default'}/{ref.name}"
