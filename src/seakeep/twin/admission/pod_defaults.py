"""Defaults of pods and pod templates. Source: pkg/apis/core/v1/defaults.go, pkg/registry/core/pod/strategy.go."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.model.objects import Condition, Container, LabelSelector, Pod, PodSpec, PodTemplate, Probe, Requirement
from seakeep.model.objects.base import Quantities
from seakeep.model.objects.pods import (
    Affinity,
    ContainerPort,
    EmptyDir,
    Handler,
    HttpGet,
    Lifecycle,
    PodAffinity,
    PodAffinityTerm,
    PodStatus,
    Resources,
    SecurityContext,
    TopologySpread,
    Volume,
    WeightedPodAffinityTerm,
)
from seakeep.twin.admission.amounts import parse
from seakeep.twin.admission.pod_resources import qos_class, with_pod_defaults

_EMPTY_VOLUME = Volume()
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"


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
    spec = spec_defaults(pod.spec)
    host = spec.host_network
    spec = replace(
        spec,
        containers=tuple(_of_pod(item, host) for item in spec.containers),
        init_containers=tuple(_of_pod(item, host) for item in spec.init_containers),
        termination_grace_period_seconds=1
        if (spec.termination_grace_period_seconds or 0) < 0
        else spec.termination_grace_period_seconds,
    )
    return replace(pod, spec=spec)


def prepared(pod: Pod) -> Pod:
    """`PrepareForCreate`: after the mutating plugins."""
    spec = with_pod_defaults(_with_apparmor(_with_label_keys(pod.spec, pod.labels), pod.metadata.annotations))
    conditions: tuple[Condition, ...] = ()
    if spec.scheduling_gates:
        text = "Scheduling is blocked due to non-empty scheduling gates"
        conditions = (Condition(type="PodScheduled", status="False", reason="SchedulingGated", message=text),)
    status = PodStatus(phase="Pending", conditions=conditions, qos_class=qos_class(spec))
    return replace(pod, metadata=replace(pod.metadata, generation=1), spec=spec, status=status)


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


def _with_apparmor(spec: PodSpec, annotations: dict[str, str]) -> PodSpec:
    """The annotations of old become fields (`applyAppArmorVersionSkew`)."""
    if not any(key.startswith(_APPARMOR) for key in annotations) or (spec.os or {}).get("name") == "windows":
        return spec
    above = spec.security_context.app_armor_profile if spec.security_context else None

    def filled(item: Container) -> Container:
        own = item.security_context or SecurityContext()
        profile = _apparmor_profile(annotations.get(_APPARMOR + item.name, ""))
        if own.app_armor_profile is not None or profile is None or profile == above:
            return item
        return replace(item, security_context=replace(own, app_armor_profile=profile))

    return replace(
        spec,
        containers=tuple(filled(item) for item in spec.containers),
        init_containers=tuple(filled(item) for item in spec.init_containers),
        ephemeral_containers=tuple(filled(item) for item in spec.ephemeral_containers),
    )


def _apparmor_profile(annotation: str) -> dict[str, str] | None:
    kind, _, name = annotation.partition("/")
    if annotation in {"unconfined", "runtime/default"}:
        return {"type": "Unconfined" if annotation == "unconfined" else "RuntimeDefault"}
    return {"type": "Localhost", "localhostProfile": name} if kind == "localhost" and name else None


def _with_label_keys(spec: PodSpec, labels: dict[str, str]) -> PodSpec:
    """`matchLabelKeys` and `mismatchLabelKeys` become expressions of the selector they belong to."""
    spread = tuple(_spread(item, labels) for item in spec.topology_spread_constraints)
    affinity = spec.affinity
    if affinity:
        affinity = Affinity(
            node_affinity=affinity.node_affinity,
            pod_affinity=_terms(affinity.pod_affinity, labels),
            pod_anti_affinity=_terms(affinity.pod_anti_affinity, labels),
        )
    return replace(spec, topology_spread_constraints=spread, affinity=affinity)


def _spread(item: TopologySpread, labels: dict[str, str]) -> TopologySpread:
    return replace(item, label_selector=_merged(item.label_selector, labels, item.match_label_keys, ()))


def _terms(found: PodAffinity | None, labels: dict[str, str]) -> PodAffinity | None:
    def term(item: PodAffinityTerm) -> PodAffinityTerm:
        selector = _merged(item.label_selector, labels, item.match_label_keys, item.mismatch_label_keys)
        return replace(item, label_selector=selector)

    def weighted(item: WeightedPodAffinityTerm) -> WeightedPodAffinityTerm:
        return replace(item, pod_affinity_term=term(item.pod_affinity_term))

    if found is None:
        return None
    return PodAffinity(
        required_during_scheduling_ignored_during_execution=tuple(
            term(item) for item in found.required_during_scheduling_ignored_during_execution
        ),
        preferred_during_scheduling_ignored_during_execution=tuple(
            weighted(item) for item in found.preferred_during_scheduling_ignored_during_execution
        ),
    )


def _merged(
    selector: LabelSelector | None, labels: dict[str, str], keys: tuple[str, ...], unlike: tuple[str, ...]
) -> LabelSelector | None:
    if selector is None or not (keys or unlike):
        return selector
    more = [
        *(Requirement(key=key, operator="In", values=(labels[key],)) for key in keys if key in labels),
        *(Requirement(key=key, operator="NotIn", values=(labels[key],)) for key in unlike if key in labels),
    ]
    return replace(selector, match_expressions=(*selector.match_expressions, *more))
