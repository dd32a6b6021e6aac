"""A container may do to its node whatever it likes.

What: privileged, host PID or IPC namespace, the host's network, or a hostPath from which the node can be taken over.

Why: whoever breaks into the container owns the node, and with it every pod and Secret on it.

Bad:
    securityContext: {privileged: true}

Good:
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}

Ignore when: it is an agent whose work is on the node; known kinds of them (network, storage, node metrics, logs) are left out already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seakeep.contract.hardening import HardeningLeaf
from seakeep.facts.index import Index
from seakeep.facts.security.securing import confined_templates, context
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podspecs import Judged
from seakeep.facts.workloads.podstate import containers
from seakeep.facts.workloads.verdicts import HOLDS, Answer, judging
from seakeep.model.change import Advice, Change
from seakeep.model.finding import Finding
from seakeep.model.objects import PodSpec

ID = "container-runs-privileged"
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
_HARMLESS = frozenset({"/etc/localtime", "/etc/timezone", "/dev/shm", "/lib/modules"})  # noqa: S108 - paths to compare with


def _answer(_: Index, entry: Judged) -> Answer:
    return ", ".join(_powers(entry.spec)) or HOLDS


def _powers(spec: PodSpec) -> Iterator[str]:
    names = [item.name for item in containers(spec) if context(item).privileged]
    if names:
        yield f"privileged: {', '.join(names)}"
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
        if path in _HARMLESS:
            continue
        if path == "/" or any(path == each or path.startswith(f"{each}/") for each in _RULING):
            yield path


def propose(_: Index, finding: Finding) -> Sequence[Change] | Advice:
    """What it does with its powers is not to be seen in its specification."""
    ref = finding.object
    lookup = f"kubectl get {quote(ref.kind.lower())} {quote(ref.name)} -n {quote(ref.namespace)} -o yaml"
    return Advice(f"What does {ref} need {finding.detail} for, and what would do instead?", lookup)


HARDENING = HardeningLeaf(
    id=ID,
    title="Container with power over its node",
    reads=(),
    judge=judging(
        ID,
        _answer,
        of=confined_templates,
        unseen="its security context and volumes",
        path="spec.template.spec",
        repair="Take away what it does not need; give it single capabilities, or a volume, instead.",
    ),
    propose=propose,
)
