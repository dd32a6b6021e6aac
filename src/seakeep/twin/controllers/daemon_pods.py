"""A DaemonSet's pods: which nodes they fit, what is added to the template. Source: pkg/controller/daemon/util and `NodeShouldRunDaemonPod`."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.facts.scheduling.placement import tolerates
from seakeep.model.objects import DaemonSet, Node, Pod, Requirement
from seakeep.model.objects.pods import (
    Affinity,
    NodeAffinity,
    NodeSelector,
    NodeSelectorTerm,
    PodSpec,
    PodTemplate,
    Toleration,
)
from seakeep.twin.controllers.deployment_sizes import share
from seakeep.twin.controllers.revisions import REVISION_LABEL
from seakeep.twin.controllers.templates import with_label
from seakeep.twin.generation import TEMPLATE_GENERATION
from seakeep.twin.labels import matches_required
from seakeep.twin.memo import by_identity
from seakeep.twin.moments import EARLIEST

_GENERATION_LABEL = "pod-template-generation"
_STAY = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_START = (
    "node.kubernetes.io/disk-pressure",
    "node.kubernetes.io/memory-pressure",
    "node.kubernetes.io/pid-pressure",
    "node.kubernetes.io/unschedulable",
)
_NETWORK = "node.kubernetes.io/network-unavailable"


@by_identity
def tolerations(spec: PodSpec) -> tuple[Toleration, ...]:
    """The template's own and those that every daemon pod gets."""
    found = list(spec.tolerations)
    added = [(key, "NoExecute") for key in _STAY] + [(key, "NoSchedule") for key in _START]
    if spec.host_network:
        added.append((_NETWORK, "NoSchedule"))
    for key, effect in added:
        new = Toleration(key=key, operator="Exists", effect=effect)
        alike = [
            index
            for index, each in enumerate(found)
            if (each.key, each.operator, each.effect, each.value) == (key, "Exists", effect, "")
        ]
        if alike:
            found[alike[0]] = new
        else:
            found.append(new)
    return tuple(found)


def fits(item: DaemonSet, node: Node) -> tuple[bool, bool]:
    """(a pod should run there, a pod that runs there may stay)."""
    spec = item.spec.template.spec
    if spec.node_name not in {"", node.name} or not matches_required(spec.node_selector, spec.affinity, node):
        return False, False
    if not node.spec.taints:
        return True, True
    tolerated = tolerations(spec)
    untolerated = {taint.effect for taint in node.spec.taints if not tolerates(tolerated, taint)}
    if untolerated & {"NoSchedule", "NoExecute"}:
        return False, "NoExecute" not in untolerated
    return True, True


def template(item: DaemonSet, suffix: str, node: str) -> PodTemplate:
    """Tied to its node by affinity to the node's name, so that the scheduler places it."""
    found = with_label(item.spec.template, REVISION_LABEL, suffix)
    generation = item.metadata.annotations.get(TEMPLATE_GENERATION, "")
    if generation:
        found = with_label(found, _GENERATION_LABEL, generation)
    spec = found.spec
    affinity = spec.affinity or Affinity()
    field = Requirement(key="metadata.name", operator="In", values=(node,))
    required = NodeSelector(node_selector_terms=(NodeSelectorTerm(match_fields=(field,)),))
    tied = replace(
        affinity.node_affinity or NodeAffinity(), required_during_scheduling_ignored_during_execution=required
    )
    return replace(
        found, spec=replace(spec, tolerations=tolerations(spec), affinity=replace(affinity, node_affinity=tied))
    )


def target(pod: Pod) -> str:
    """The node that it is on, or meant for; "" where that cannot be told."""
    if pod.spec.node_name:
        return pod.spec.node_name
    affinity = pod.spec.affinity.node_affinity if pod.spec.affinity else None
    required = affinity.required_during_scheduling_ignored_during_execution if affinity else None
    for term in required.node_selector_terms if required else ():
        for each in term.match_fields:
            if (each.key, each.operator) == ("metadata.name", "In") and len(each.values) == 1:
                return each.values[0]
    return ""


def is_updated(item: DaemonSet, pod: Pod, suffix: str) -> bool:
    generation = item.metadata.annotations.get(TEMPLATE_GENERATION, "")
    by_generation = bool(generation) and pod.labels.get(_GENERATION_LABEL) == generation
    return by_generation or (bool(suffix) and pod.labels.get(REVISION_LABEL) == suffix)


def strategy(item: DaemonSet) -> str:
    return item.spec.update_strategy.type if item.spec.update_strategy else "RollingUpdate"


def surge(item: DaemonSet, nodes: int) -> int:
    rolling = item.spec.update_strategy.rolling_update if item.spec.update_strategy else None
    if strategy(item) != "RollingUpdate" or rolling is None:
        return 0
    return share(rolling.max_surge, nodes, up=True, default=0)


def unavailable(item: DaemonSet, nodes: int) -> int:
    rolling = item.spec.update_strategy.rolling_update if item.spec.update_strategy else None
    if rolling is not None and rolling.max_unavailable is None and rolling.max_surge not in {None, 0, "0%"}:
        return 0
    return share(rolling.max_unavailable if rolling else None, nodes, up=True, default=1)


def oldest(pod: Pod) -> tuple[object, ...]:
    """`podByCreationTimestampAndPhase`."""
    return (not pod.spec.node_name, pod.metadata.creation_timestamp or EARLIEST, pod.name)
