"""How pods are confined: questions that the rules on security contexts share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seakeep.facts.containers.image_parts import parts_of
from seakeep.facts.containers.image_users import image_user
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.proposing import in_pod_spec
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podspecs import Judged, judged_templates
from seakeep.facts.workloads.podstate import containers
from seakeep.model.change import Advice, Shared
from seakeep.model.objects import Container, PodSpec
from seakeep.model.objects.pods import SecurityContext
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

NO_CONTEXT = SecurityContext()
# Services of the catalog that work on the node itself.
_AGENTS = frozenset({"cni", "kube-proxy", "node-exporter", "storage-provisioner", "control-plane", "falco"})
_SYSTEMS = frozenset({"storage-provisioner", "control-plane"})
# DaemonSets that read the node's logs, set up its network, devices or volumes, or watch it; by their image.
_AGENT_IMAGES = late(
    r"metallb/speaker|promtail|fluent-?bit|fluentd|vector$|filebeat|metricbeat|alloy|csi-|-csi|csi/|multus|device-plugin|node-?agent|node-?local-?dns|falco|tetragon|datadog|/agent$|"
    r"kured|nvidia|node-feature-discovery|node-problem-detector|kube-vip|keepalived|istio/install-cni|velero|cadvisor|longhorn|rook|ceph|openebs|spire-agent|secrets-store"
)
PRIVILEGED_PORTS = 1024


@once
def confined_templates(index: Index) -> tuple[Judged, ...]:
    """Those that a rule on security contexts judges: not agents of the node, whose work it is to reach past their container, and nothing on Windows."""
    return tuple(
        entry for entry in judged_templates(index) if not is_windows(entry.spec) and not is_node_agent(index, entry)
    )


def is_windows(spec: PodSpec) -> bool:
    """Said by the pod, or by the nodes that it asks for."""
    return (spec.os or {}).get("name") == "windows" or spec.node_selector.get("kubernetes.io/os") == "windows"


def is_node_agent(index: Index, entry: Judged) -> bool:
    """An agent of a known kind, or a DaemonSet of the system's own namespace. Of a network's parts only those on every node are agents (not Typha, nor controllers)."""
    if entry.ref.kind != "DaemonSet" and entry.ref.namespace != "kube-system":
        return False
    traits = index.traits.get(entry.ref)
    if traits is not None and traits.service in (_AGENTS if entry.ref.kind == "DaemonSet" else _SYSTEMS):
        return True
    if entry.ref.kind != "DaemonSet":
        return False
    return entry.ref.namespace == "kube-system" or any(
        _AGENT_IMAGES.search(parts_of(item.image).repository) for item in entry.spec.containers
    )


def context(container: Container) -> SecurityContext:
    return container.security_context or NO_CONTEXT


def unprivileged(index: Index, entry: Judged) -> tuple[Container, ...]:
    """Init containers included. Of a privileged container no other field confines anything; SYS_ADMIN comes close (the API server treats both alike)."""
    known = _unprivileged(index)
    if entry.ref not in known:
        known[entry.ref] = tuple(item for item in containers(entry.spec) if not _is_privileged(item))
    return known[entry.ref]


@once
def _unprivileged(index: Index) -> dict[Ref, tuple[Container, ...]]:
    """Filled as rules ask: five of them do."""
    del index
    return {}


def _is_privileged(container: Container) -> bool:
    own = container.security_context
    return own is not None and bool(own.privileged or (own.capabilities and added(container) & {"SYS_ADMIN", "ALL"}))


def added(container: Container) -> set[str]:
    own = context(container).capabilities
    return {name.upper().removeprefix("CAP_") for name in own.add} if own else set()


def dropped(container: Container) -> set[str]:
    own = context(container).capabilities
    return {name.upper().removeprefix("CAP_") for name in own.drop} if own else set()


def user_of(spec: PodSpec, container: Container) -> int | None:
    """`runAsUser` as it takes effect; None where the image decides."""
    own = context(container).run_as_user
    return own if own is not None else (spec.security_context or NO_CONTEXT).run_as_user


def demands_non_root(spec: PodSpec, container: Container) -> bool:
    own = context(container).run_as_non_root
    return bool(own if own is not None else (spec.security_context or NO_CONTEXT).run_as_non_root)


def is_known_non_root(spec: PodSpec, container: Container) -> bool:
    """By the pod's own word, or by the image's known user."""
    user = user_of(spec, container)
    if user is not None:
        return user > 0
    return demands_non_root(spec, container) or bool(image_user(container.image))


def low_ports(container: Container) -> list[int]:
    """Declared ports that only a privileged process may open by the kernel's default."""
    return sorted({port.container_port for port in container.ports if 0 < port.container_port < PRIVILEGED_PORTS})


def names_of(items: Sequence[Container]) -> str:
    return f"container{'s' if len(items) > 1 else ''} {', '.join(item.name for item in items)}"


def in_containers_of(ref: Ref, spec: PodSpec, fields: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The patch that sets fields of containers and init containers, by their names."""
    groups = {"initContainers": spec.init_containers, "containers": spec.containers}
    found = {
        group: [{"name": item.name, **fields[item.name]} for item in items if item.name in fields]
        for group, items in groups.items()
    }
    return in_pod_spec(ref, {group: items for group, items in found.items() if items})


def ask_for_users(entry: Judged, items: Sequence[Container]) -> Advice:
    """What two rules want to know: who is not root needs neither root nor root's capabilities. One look-up answers for a namespace."""
    ref, space = entry.ref, quote(entry.ref.namespace)
    every = (
        f'for pod in $(kubectl get pods -n {space} -o name); do echo "$pod $(kubectl exec -n {space} $pod -- id)"; done'
    )
    shared = Shared(
        "As which users do the containers of {} run, and which of them need to be root?",
        f"{ref.kind} {ref.name}",
        every,
    )
    target = f"{quote(ref.kind.lower())}/{quote(ref.name)}"
    return Advice(
        f"As which user may {names_of(items)} of {ref} run, if not as root?",
        f"kubectl exec -n {space} {target} -c {quote(items[0].name)} -- id",
        shared,
    )
