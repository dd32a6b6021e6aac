"""Defaults of pods and pod templates. Source: pkg/apis/core/v1/defaults.go, pkg/registry/core/pod/strategy.go."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.model.objects import Container, Pod, PodSpec, PodTemplate, Probe
from seakeep.model.objects.base import Quantities
from seakeep.model.objects.pods import (
    ContainerPort,
    EmptyDir,
    Handler,
    HttpGet,
    Lifecycle,
    Resources,
    SecurityContext,
    Volume,
)
from seakeep.twin.admission.amounts import parse
from seakeep.twin.memo import by_identity

_EMPTY_VOLUME = Volume()


def canonical(found: Quantities) -> Quantities:
    """As the API server writes them. Raises QuantityError."""
    return {name: str(parse(quantity)) for name, quantity in sorted(found.items())} if found else found


def canonical_resources(found: Resources) -> Resources:
    if not found.requests and not found.limits:
        return found
    return Resources(requests=canonical(found.requests), limits=canonical(found.limits))


def template_defaults(template: PodTemplate) -> PodTemplate:
    return replace(template, spec=spec_defaults(template.spec))


def spec_defaults(spec: PodSpec) -> PodSpec:
    """What templates get too. Raises QuantityError."""
    grace = 30 if spec.termination_grace_period_seconds is None else spec.termination_grace_period_seconds
    return replace(
        spec,
        containers=tuple(_container(item) for item in spec.containers),
        init_containers=tuple(_container(item) for item in spec.init_containers),
        volumes=tuple(_volume(item) for item in spec.volumes),
        security_context=spec.security_context or SecurityContext(),
        termination_grace_period_seconds=grace,
        overhead=canonical(spec.overhead),
        resources=canonical_resources(spec.resources),
    )


def pod_defaults(pod: Pod) -> Pod:
    """What only pods get: requests from limits, host ports of the host network."""
    return replace(pod, spec=_of_pods(pod.spec))


@by_identity
def _of_pods(spec: PodSpec) -> PodSpec:
    """A template's pods share it until admission makes them differ."""
    spec = spec_defaults(spec)
    host = spec.host_network
    return replace(
        spec,
        containers=tuple(_of_pod(item, host) for item in spec.containers),
        init_containers=tuple(_of_pod(item, host) for item in spec.init_containers),
        termination_grace_period_seconds=1
        if (spec.termination_grace_period_seconds or 0) < 0
        else spec.termination_grace_period_seconds,
    )


def _container(item: Container) -> Container:
    return replace(
        item,
        image_pull_policy=item.image_pull_policy or ("Always" if _tag(item.image) == "latest" else "IfNotPresent"),
        resources=canonical_resources(item.resources),
        liveness_probe=_probe(item.liveness_probe),
        readiness_probe=_probe(item.readiness_probe),
        startup_probe=_probe(item.startup_probe),
        lifecycle=_lifecycle(item.lifecycle),
    )


def _tag(image: str) -> str:
    """`latest` where neither tag nor digest is given."""
    named, _, digest = image.partition("@")
    tag = named.rpartition("/")[2].partition(":")[2]
    return tag or ("" if digest else "latest")


def _probe(probe: Probe | None) -> Probe | None:
    if probe is None:
        return None
    return replace(
        probe,
        http_get=_http(probe.http_get),
        period_seconds=probe.period_seconds or 10,
        timeout_seconds=probe.timeout_seconds or 1,
        success_threshold=probe.success_threshold or 1,
        failure_threshold=probe.failure_threshold or 3,
    )


def _http(action: HttpGet | None) -> HttpGet | None:
    return replace(action, path=action.path or "/", scheme=action.scheme or "HTTP") if action else None


def _lifecycle(found: Lifecycle | None) -> Lifecycle | None:
    def handler(item: Handler | None) -> Handler | None:
        return replace(item, http_get=_http(item.http_get)) if item else None

    return Lifecycle(pre_stop=handler(found.pre_stop), post_start=handler(found.post_start)) if found else None


def _volume(volume: Volume) -> Volume:
    """A volume without a source is an emptyDir."""
    if replace(volume, name="") == _EMPTY_VOLUME:
        return replace(volume, empty_dir=EmptyDir())
    if volume.empty_dir and volume.empty_dir.size_limit is not None:
        return replace(volume, empty_dir=replace(volume.empty_dir, size_limit=str(parse(volume.empty_dir.size_limit))))
    return volume


def _of_pod(item: Container, host: bool) -> Container:
    requests = item.resources.limits | item.resources.requests
    ports = tuple(_host_port(port) for port in item.ports) if host else item.ports
    return replace(item, resources=replace(item.resources, requests=dict(sorted(requests.items()))), ports=ports)


def _host_port(port: ContainerPort) -> ContainerPort:
    return replace(port, host_port=port.host_port or port.container_port)
