"""Services whose selector picks no pod, or another workload's, and the workload that was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.likeness import SHARED_LABELS, UNSTABLE_LABELS, leaves_out_a_word, near, same_name
from seakeep.facts.once import once
from seakeep.facts.routing.routing import backends, backends_of, lists_no_endpoint, services_by_backend
from seakeep.facts.selection import matches_map, selected_pods
from seakeep.facts.workloads.drift import applied_at
from seakeep.facts.workloads.podstate import is_finished
from seakeep.facts.workloads.templates import Template
from seakeep.model.objects import Service, StatefulSet
from seakeep.model.pattern import late
from seakeep.model.snapshot import Depth

# A score from which on a workload is taken for the one that the Service means.
_ENOUGH = 4
_SECOND = late(r"replica|slave|second|standby|follower|read|observer", re.IGNORECASE)


class Lookalike(Struct, frozen=True):
    """A workload that a selector does not pick but looks meant to. `wrong` maps the selector's keys to (selector's value, the pods' value or "")."""

    template: Template
    wrong: Mapping[str, tuple[str, str]]
    reasons: tuple[str, ...]
    score: int


class Astray(Struct, frozen=True):
    """A Service whose selector picks nothing (`instead` None) or the wrong workload. `recorded` is the selector as last applied, where it picks the meant workload; `labels_seen` is False where only empty endpoints tell."""

    service: Service
    meant: Lookalike
    instead: Template | None
    recorded: Mapping[str, str]
    labels_seen: bool

    @property
    def correction(self) -> str:
        """`to app=cart and without version`, to follow "change the selector"."""
        right = {key: value for key, (_, value) in sorted(self.meant.wrong.items())}
        labels = ",".join(f"{key}={value}" for key, value in right.items() if value)
        lacking = ", ".join(key for key, value in right.items() if not value)
        parts = (f"to {labels}" if labels else "", f"without {lacking}" if lacking else "")
        return " and ".join(part for part in parts if part) or f"to the labels of {self.meant.template.ref.name}"


@once
def astray(index: Index) -> tuple[Astray, ...]:
    return tuple(found for service in index.snapshot.all(Service) for found in _astray(index, service))


def is_astray(index: Index, service: Service) -> bool:
    return any(True for _ in _astray(index, service))


def _astray(index: Index, service: Service) -> Iterator[Astray]:
    selector = service.spec.selector
    if service.spec.type == "ExternalName" or service.metadata.deletion_timestamp:
        return
    if not selector:
        yield from _by_endpoints(index, service)
        return
    picked = backends_of(index, service)
    recorded = applied_at(service, "spec", "selector") or {}
    if not picked:
        if _picks_pods(index, service) or _waits_for_role(selector):
            return
        known = [item for item in lookalikes(index, service, recorded) if item.template.labels_known]
        if known and known[0].score >= _ENOUGH:
            yield Astray(service, known[0], None, _if_picks(recorded, known[0]), True)
        elif abroad := _abroad(index, service):
            yield Astray(service, abroad, None, {}, True)
        elif not known:
            yield from _by_endpoints(index, service)
    elif len(picked) == 1 and not same_name(picked[0].ref.name, service.name):
        yield from _another(index, service, picked[0], recorded)


def _abroad(index: Index, service: Service) -> Lookalike | None:
    """The only workload that carries all that the selector asks for, where that names a thing, is in another namespace: Services select in their own only."""
    selector = service.spec.selector
    if not set(selector) - SHARED_LABELS:
        return None
    groups = (
        (namespace, group) for namespace, group in sorted(backends(index).items()) if namespace and service.namespace
    )
    found = [item for namespace, group in groups for item in group if matches_map(selector, item.labels)]
    if len(found) != 1 or not same_name(found[0].ref.name, service.name):
        return None
    place = found[0].ref.namespace
    return Lookalike(found[0], {}, (f"it carries the selector's labels, in namespace {place}",), _ENOUGH + 1)


def _picks_pods(index: Index, service: Service) -> bool:
    return any(not is_finished(pod) for pod in selected_pods(index, service.namespace, service.spec.selector))


def _waits_for_role(selector: Mapping[str, str]) -> bool:
    """Operators put a role label on running pods; a Service of replicas has none where there is one instance."""
    return any(key.lower().endswith("role") and _SECOND.search(value) for key, value in selector.items())


def _another(index: Index, service: Service, picked: Template, recorded: Mapping[str, str]) -> Iterator[Astray]:
    """The selector picks one workload, while another one bears the Service's name and is picked by nothing."""
    for item in lookalikes(index, service, recorded):
        restored = bool(_if_picks(recorded, item))
        named = same_name(item.template.ref.name, service.name) and item.template.labels_known
        family = near(picked.ref.name, service.name) or near(picked.ref.name, item.template.ref.name)
        alone = not services_by_backend(index).get(item.template.ref)
        others = [other for other in services_by_backend(index).get(picked.ref, ()) if other.name != service.name]
        if restored or (named and alone and not family and others):
            yield Astray(service, item, picked, _if_picks(recorded, item), True)
            return


def _by_endpoints(index: Index, service: Service) -> Iterator[Astray]:
    """From tables, which show no labels: endpoints are empty while pods of a workload of the same name are ready."""
    if index.snapshot.depth(service.ref) >= Depth.DESCRIBED and not service.spec.selector:
        return
    if not lists_no_endpoint(index, service):
        return
    for item in backends(index).get(service.namespace, ()):
        if not item.labels_known and item.ready and same_name(item.ref.name, service.name):
            meant = Lookalike(item, {}, ("it has the Service's name",), _ENOUGH)
            yield Astray(service, meant, None, {}, False)
            return


def _if_picks(recorded: Mapping[str, str], item: Lookalike) -> Mapping[str, str]:
    return recorded if recorded and matches_map(recorded, item.template.labels) else {}


def lookalikes(index: Index, service: Service, recorded: Mapping[str, str] | None = None) -> tuple[Lookalike, ...]:
    """Best first: the workload that the selector as last applied picks, that has the Service's name or ports, or whose labels differ from the selector in part only."""
    scored = [
        found
        for item in backends(index).get(service.namespace, ())
        if not matches_map(service.spec.selector, item.labels)
        and (found := _likeness(index, service, item, recorded or {}))
    ]
    return tuple(sorted(scored, key=lambda item: (-item.score, item.template.ref)))


def _likeness(index: Index, service: Service, item: Template, recorded: Mapping[str, str]) -> Lookalike | None:
    selector = service.spec.selector
    reasons: list[tuple[int, str]] = []
    if recorded and matches_map(recorded, item.labels):
        reasons.append((8, "the selector as last applied picks it"))
    if isinstance(item.item, StatefulSet) and item.item.spec.service_name == service.name:
        reasons.append((6, "it names the Service as its own (serviceName)"))
    if item.ref.name == service.name:
        reasons.append((5, "it has the Service's name"))
    elif same_name(item.ref.name, service.name):
        reasons.append((4, "it has the Service's name"))
    shared = [key for key, value in selector.items() if item.labels.get(key) == value and key not in SHARED_LABELS]
    if shared:
        reasons.append((3, f"it carries {', '.join(f'{key}={selector[key]}' for key in sorted(shared))}"))
    slips = [
        key
        for key, value in selector.items()
        if key not in SHARED_LABELS and (near(value, own := item.labels.get(key, "")) or leaves_out_a_word(value, own))
    ]
    if slips:
        key = min(slips)
        reasons.append((3, f"its {key} is {item.labels[key]}"))
    values = {value for key, value in item.labels.items() if key not in UNSTABLE_LABELS | SHARED_LABELS}
    if service.name in values or values & set(selector.values()):
        reasons.append((2, "a label of it has the Service's name or a value of the selector"))
    if _serves_all(service, item):
        unserved = not services_by_backend(index).get(item.ref)
        reasons.append((2 if unserved else 1, "its containers declare the Service's target ports"))
    if not reasons or (len(reasons) == 1 and reasons[0][0] < 3):
        return None
    wrong = {
        key: (value, item.labels.get(key, ""))
        for key, value in sorted(selector.items())
        if item.labels.get(key) != value
    }
    return Lookalike(item, wrong, tuple(text for _, text in reasons), sum(points for points, _ in reasons))


def _serves_all(service: Service, item: Template) -> bool:
    declared = {
        value for container in item.serving for port in container.ports for value in (port.name, port.container_port)
    }
    targets = [port.port if port.target_port is None else port.target_port for port in service.spec.ports]
    return bool(targets) and all(
        target in declared or (str(target).isdigit() and int(target) in declared) for target in targets
    )


def labels_text(labels: Mapping[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items())) or "not shown"
