"""Services whose selector is so wide that another application answers for them too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.likeness import SHARED_LABELS, UNSTABLE_LABELS, near, same_name
from seakeep.facts.once import once
from seakeep.facts.routing.routing import backends_of, services_by_backend
from seakeep.facts.workloads.templates import Template
from seakeep.model.objects import Service


class Crowded(Struct, frozen=True):
    """`strangers` are other applications, with Services of their own; `telling` are labels that only the backend that is meant carries."""

    service: Service
    meant: Template
    strangers: tuple[Template, ...]
    telling: Mapping[str, str]


@once
def crowded(index: Index) -> tuple[Crowded, ...]:
    return tuple(found for service in index.snapshot.all(Service) for found in _of(index, service))


def _of(index: Index, service: Service) -> Iterator[Crowded]:
    """Headless Services and those of metrics are often meant for many."""
    ports = service.spec.ports
    if not service.spec.selector or service.spec.cluster_ip == "None" or all("metric" in port.name for port in ports):
        return
    picked = [item for item in backends_of(index, service) if item.labels_known and item.serving]
    meant = [item for item in picked if same_name(item.ref.name, service.name)]
    if len(meant) != 1 or len(picked) < 2:
        return
    strangers = tuple(item for item in picked if _is_stranger(index, service, meant[0], item))
    telling = {
        key: value
        for key, value in sorted(meant[0].labels.items())
        if key not in UNSTABLE_LABELS | SHARED_LABELS and all(item.labels.get(key) != value for item in strangers)
    }
    if strangers and telling and len(strangers) == len(picked) - 1:
        yield Crowded(service, meant[0], strangers, telling)


def _is_stranger(index: Index, service: Service, meant: Template, item: Template) -> bool:
    """Called otherwise, made of other images, and served by a Service of its own name: neither a canary nor another role of the same thing."""
    kin = same_name(item.ref.name, meant.ref.name) or near(item.ref.name, meant.ref.name)
    own = [other for other in services_by_backend(index).get(item.ref, ()) if same_name(other.name, item.ref.name)]
    return not kin and bool(own) and service not in own and not _images(item) & _images(meant) and item.ready > 0


def _images(item: Template) -> set[str]:
    return {container.image.partition("@")[0].rpartition(":")[0] or container.image for container in item.serving}
