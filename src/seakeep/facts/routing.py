"""Where a Service leads: selector, pods, ports, endpoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from seakeep.facts.addresses import templates
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.podstate import containers, is_finished, is_ready
from seakeep.facts.selection import matches_map, selected_pods
from seakeep.model.objects import Container, CronJob, Job, KubeObject, Pod, PodSpec, Service, ServicePort, Workload
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

# Labels that tell versions and templates apart, not what a pod is.
_UNSTABLE = {
    "pod-template-hash",
    "controller-revision-hash",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "version",
    "helm.sh/chart",
    "app.kubernetes.io/version",
}


@dataclass(frozen=True, slots=True)
class Backend:
    """A workload's pod template, as a Service sees it. `pods` are its existing ones."""

    workload: KubeObject
    labels: Mapping[str, str]
    spec: PodSpec
    pods: tuple[Pod, ...]

    @property
    def ready(self) -> int:
        return sum(is_ready(pod) for pod in self.pods)


@once
def backends(index: Index) -> Mapping[str, tuple[Backend, ...]]:
    """By namespace: every workload that a Service may select. Jobs are none."""
    found: dict[str, list[Backend]] = {}
    for item, spec in templates(index):
        if isinstance(item, Job | CronJob):
            continue
        pods = tuple(index.pods_by_workload.get(item.ref, ()))
        if isinstance(item, Workload):
            labels: Mapping[str, str] = item.spec.template.metadata.labels
        else:
            labels = pods[0].labels if pods else item.labels
        found.setdefault(item.namespace, []).append(Backend(item, labels, spec, pods))
    return {namespace: tuple(group) for namespace, group in found.items()}


def backends_of(index: Index, service: Service) -> tuple[Backend, ...]:
    """The workloads whose pods the Service's selector picks, by their templates."""
    return tuple(
        item for item in backends(index).get(service.namespace, ()) if matches_map(service.spec.selector, item.labels)
    )


def has_ready_endpoint(index: Index, service: Service) -> bool | None:
    """None where neither endpoints nor the selected pods' state were seen."""
    slices, endpoints = index.slices_of(service), index.endpoints_of(service)
    if slices:
        return any(
            endpoint.addresses and endpoint.conditions.ready is not False
            for item in slices
            for endpoint in item.endpoints
        )
    if endpoints is not None:
        return any(subset.addresses for subset in endpoints.subsets)
    if not service.spec.selector:
        return None
    pods = [pod for pod in selected_pods(index, service.namespace, service.spec.selector) if not is_finished(pod)]
    if pods:
        return any(is_ready(pod) for pod in pods)
    return False if index.snapshot.lists_all("Pod", service.namespace) else None


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A workload that a Service's selector does not pick but looks meant to. `wrong` maps the selector's keys to (selector's value, pods' value)."""

    backend: Backend
    wrong: Mapping[str, tuple[str, str]]
    reasons: tuple[str, ...]


def lookalikes(index: Index, service: Service) -> tuple[Lookalike, ...]:
    """Best first: the workload of the Service's name, or one whose labels differ from the selector in part only."""
    selector = service.spec.selector
    scored: list[tuple[int, str, Lookalike]] = []
    for item in backends(index).get(service.namespace, ()):
        if matches_map(selector, item.labels):
            continue
        reasons: list[str] = []
        score = 0
        if _same_name(service.name, item.workload.name):
            score += 4
            reasons.append("it has the Service's name")
        shared = [key for key, value in selector.items() if item.labels.get(key) == value]
        if shared and len(shared) < len(selector):
            score += 2
            reasons.append(f"it shares {', '.join(sorted(shared))}")
        if any(key in item.labels and _near(value, item.labels[key]) for key, value in selector.items()):
            score += 3
            reasons.append("its label values are nearly the selector's")
        if any(
            label == service.name or label in selector.values()
            for key, label in item.labels.items()
            if key not in _UNSTABLE
        ):
            score += 2
            reasons.append("a label of it has the Service's name")
        common = {
            key: value
            for key, value in service.labels.items()
            if key not in _UNSTABLE and item.labels.get(key) == value
        }
        if common:
            score += 1
        if score >= 2:
            wrong = {
                key: (value, item.labels.get(key, ""))
                for key, value in sorted(selector.items())
                if item.labels.get(key) != value
            }
            scored.append((score, item.workload.name, Lookalike(item, wrong, tuple(reasons))))
    scored.sort(key=lambda entry: (-entry[0], entry[1]))
    return tuple(entry[2] for entry in scored)


def _same_name(one: str, two: str) -> bool:
    if one == two:
        return True
    for suffix in ("-service", "-svc", "-headless", "-hl", "-deployment", "-deploy", "-server"):
        one, two = one.removesuffix(suffix), two.removesuffix(suffix)
    return one == two


def _near(one: str, two: str) -> bool:
    """Alike but not the same: one contains the other, or they differ in two characters at most (in five at least)."""
    if one == two or not one or not two:
        return False
    if (one.startswith(two) or two.startswith(one) or one.endswith(two) or two.endswith(one)) and min(
        len(one), len(two)
    ) >= 3:
        return True
    return min(len(one), len(two)) >= 5 and edit_distance(one, two) <= 2


def edit_distance(one: str, two: str) -> int:
    """Levenshtein distance of two short names."""
    previous = list(range(len(two) + 1))
    for row, left in enumerate(one, start=1):
        current = [row]
        for column, right in enumerate(two, start=1):
            current.append(min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (left != right)))
        previous = current
    return previous[-1]


def serving_port(container_specs: Iterable[Container], port: ServicePort) -> tuple[bool, bool]:
    """(number or name is declared, with the same protocol) for the target of a Service's port."""
    target = port.target_port if port.target_port is not None else port.port
    declared = [item for container in container_specs for item in container.ports]
    hits = [
        item
        for item in declared
        if target in (item.name, item.container_port) or str(target) == str(item.container_port)
    ]
    return bool(hits), any(item.protocol == port.protocol for item in hits)


def declared_ports(spec: PodSpec) -> dict[int, str]:
    """Container port → name, over all containers."""
    return {port.container_port: port.name for container in containers(spec) for port in container.ports}


def knows_target_ports(index: Index, service: Service) -> bool:
    """A table shows a Service's ports without their targets."""
    return index.snapshot.depth(service.ref) >= Depth.DESCRIBED


@once
def services_by_backend(index: Index) -> Mapping[Ref, tuple[Service, ...]]:
    """Workload → the Services that select it."""
    found: dict[Ref, list[Service]] = {}
    for service in index.snapshot.all(Service):
        for item in backends_of(index, service) if service.spec.selector else ():
            found.setdefault(item.workload.ref, []).append(service)
    return {ref: tuple(items) for ref, items in found.items()}
