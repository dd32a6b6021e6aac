"""What becomes of a pod after the mutating plugins. Source: pkg/registry/core/pod/strategy.go `PrepareForCreate`."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.model.objects import Condition, Container, LabelSelector, Pod, PodSpec, Requirement
from seakeep.model.objects.pods import (
    Affinity,
    PodAffinity,
    PodAffinityTerm,
    PodStatus,
    SecurityContext,
    TopologySpread,
    WeightedPodAffinityTerm,
)
from seakeep.twin.admission.pod_resources import qos_class, with_pod_defaults

_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"


def prepared(pod: Pod) -> Pod:
    """`PrepareForCreate`: after the mutating plugins."""
    spec = with_pod_defaults(_with_apparmor(_with_label_keys(pod.spec, pod.labels), pod.metadata.annotations))
    conditions: tuple[Condition, ...] = ()
    if spec.scheduling_gates:
        text = "Scheduling is blocked due to non-empty scheduling gates"
        conditions = (Condition(type="PodScheduled", status="False", reason="SchedulingGated", message=text),)
    status = PodStatus(phase="Pending", conditions=conditions, qos_class=qos_class(spec))
    return replace(pod, metadata=replace(pod.metadata, generation=1), spec=spec, status=status)


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
    if not spec.topology_spread_constraints and not spec.affinity:
        return spec
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
