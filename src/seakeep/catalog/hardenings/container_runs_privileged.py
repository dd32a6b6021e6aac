"""A container may do to its node whatever it likes.

What: privileged, a capability such as SYS_ADMIN or SYS_MODULE, host PID or IPC namespace, the host's network, or a hostPath from which the node can be taken over.

Why: whoever breaks into the container owns the node, and with it every pod and Secret on it.

Bad:
    securityContext: {privileged: true}

Good:
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}

Ignore when: it is an agent whose work is on the node; known kinds of them (network, storage, node metrics, logs) are left out already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from seakeep.contract.template_rule import HOLDS, Answer, template_rule
from seakeep.facts.index import Index
from seakeep.facts.security.securing import added, confined_templates, context
from seakeep.facts.shell_words import typed
from seakeep.facts.workloads.podspecs import Judged
from seakeep.facts.workloads.podstate import containers
from seakeep.model.change import Advice, Change
from seakeep.model.finding import Finding
from seakeep.model.objects import PodSpec

# What lies there rules the node: its programs, keys, sockets of the container runtime, devices.
_RULING = (
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/proc",
    "/root",
    "/run",
    "/sys",
    "/usr",
    "/var/lib/containerd",
    "/var/lib/containers",
    "/var/lib/docker",
    "/var/lib/etcd",
    "/var/lib/kubelet",
    "/var/lib/rancher/k3s/server",
    "/var/run",
)
# Certificates of authorities, to be read.
_READ = (
    "/etc/ca-certificates",
    "/etc/pki",
    "/etc/ssl",
    "/usr/local/share/ca-certificates",
    "/usr/share/ca-certificates",
)
# Each of them is a way out of the container, by itself or with another process's help (capabilities(7)).
_MIGHTY = frozenset({"ALL", "BPF", "DAC_READ_SEARCH", "MAC_ADMIN", "SYS_ADMIN", "SYS_BOOT", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO"})  # fmt: skip
_HARMLESS = frozenset({"/etc/localtime", "/etc/timezone", "/dev/shm", "/lib/modules"})  # noqa: S108 - paths to compare with


def _answer(_: Index, entry: Judged) -> Answer:
    return ", ".join(_powers(entry.spec)) or HOLDS


def _powers(spec: PodSpec) -> Iterator[str]:
    names = [item.name for item in containers(spec) if context(item).privileged]
    if names:
        yield f"privileged: {', '.join(names)}"
    adding = [item for item in containers(spec) if item.security_context and item.security_context.capabilities]
    mighty = {item.name: sorted(added(item) & _MIGHTY) for item in adding}
    yield from (f"{', '.join(kept)}: {name}" for name, kept in mighty.items() if kept and name not in names)
    if spec.host_pid:
        yield "hostPID"
    if spec.host_ipc:
        yield "hostIPC"
    if spec.host_network:
        yield "hostNetwork"
    if any(volume.host_path for volume in spec.volumes):
        yield from (f"hostPath {path}" for path in sorted({*_host_paths(spec)}))


def _host_paths(spec: PodSpec) -> Iterator[str]:
    for volume in spec.volumes:
        path = volume.host_path.path.rstrip("/") or "/" if volume.host_path else ""
        if path in _HARMLESS or (_is_under(path, _READ) and _is_read(spec, volume.name)):
            continue
        if path == "/" or _is_under(path, _RULING):
            yield path


def _is_under(path: str, roots: Iterable[str]) -> bool:
    return any(path == each or path.startswith(f"{each}/") for each in roots)


def _is_read(spec: PodSpec, name: str) -> bool:
    return all(mount.read_only for item in containers(spec) for mount in item.volume_mounts if mount.name == name)


def propose(_: Index, finding: Finding) -> Sequence[Change] | Advice:
    """What it does with its powers is not to be seen in its specification."""
    ref = finding.object
    lookup = f"kubectl get {typed(ref)} -o yaml"
    return Advice(f"What does {ref} need {finding.detail} for, and what would do instead?", lookup)


HARDENING = template_rule(
    "container-runs-privileged",
    "Container with power over its node",
    _answer,
    of=confined_templates,
    written=True,
    unseen="its security context and volumes",
    path="spec.template.spec",
    repair="Take away what it does not need; give it single capabilities, or a volume, instead.",
    propose=propose,
)
