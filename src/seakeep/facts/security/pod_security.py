"""The Pod Security Standards on a pod's specification (`k8s.io/pod-security-admission/policy`, latest), as far as the model shows the fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from seakeep.facts.scheduling.placement import host_ports
from seakeep.facts.workloads.podstate import containers
from seakeep.model.objects import PodSpec
from seakeep.model.objects.pods import SecurityContext

LEVEL_LABEL = "pod-security.kubernetes.io/enforce"
BASELINE_CAPABILITIES = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)


def violations(spec: PodSpec, level: str) -> tuple[str, ...]:
    """In the order of the standard; none for `privileged` and unknown levels."""
    if level == "baseline":
        return tuple(_baseline(spec))
    return (*_baseline(spec), *_restricted(spec)) if level == "restricted" else ()


def _baseline(spec: PodSpec) -> Iterator[str]:
    if spec.host_network or spec.host_pid:
        yield "host namespaces (hostNetwork or hostPID)"
    yield from _each(spec, "privileged", lambda own: bool(own.privileged))
    yield from _each(spec, "capabilities beyond the default set", lambda own: bool(_added(own) - BASELINE_CAPABILITIES))
    if paths := sorted(volume.name for volume in spec.volumes if volume.host_path):
        yield f"hostPath volumes ({', '.join(paths[:3])})"
    if any(port for _, port in host_ports(spec)):
        yield "hostPort"
    if any(_seccomp(own) == "Unconfined" for own in (spec.security_context, *_contexts(spec))):
        yield "seccompProfile Unconfined"


def _restricted(spec: PodSpec) -> Iterator[str]:
    if outside := sorted(
        volume.name
        for volume in spec.volumes
        if volume.nfs or volume.iscsi or volume.rbd or volume.gce_persistent_disk or volume.aws_elastic_block_store
    ):
        yield f"restricted volume types ({', '.join(outside[:3])})"
    pod = spec.security_context or SecurityContext()
    yield from _each(spec, "allowPrivilegeEscalation != false", lambda own: own.allow_privilege_escalation is not False)
    yield from _each(
        spec,
        "unrestricted capabilities (must drop ALL)",
        lambda own: "ALL" not in _dropped(own) or bool(_added(own) - {"NET_BIND_SERVICE"}),
    )
    yield from _each(
        spec,
        "runAsNonRoot != true",
        lambda own: (pod.run_as_non_root if own.run_as_non_root is None else own.run_as_non_root) is not True,
    )
    if pod.run_as_user == 0 or any(own.run_as_user == 0 for own in _contexts(spec)):
        yield "runAsUser=0"
    yield from _each(
        spec,
        "seccompProfile (must be RuntimeDefault or Localhost)",
        lambda own: (_seccomp(own) or _seccomp(pod)) not in {"RuntimeDefault", "Localhost"},
    )


def _each(spec: PodSpec, text: str, broken: Callable[[SecurityContext], bool]) -> Iterator[str]:
    names = [item.name for item in containers(spec) if broken(item.security_context or SecurityContext())]
    if names:
        yield f"{text} (container {', '.join(names[:3])})"


def _contexts(spec: PodSpec) -> list[SecurityContext]:
    return [item.security_context for item in containers(spec) if item.security_context]


def _seccomp(own: SecurityContext | None) -> str:
    return str((own.seccomp_profile or {}).get("type", "")) if own else ""


def _added(own: SecurityContext) -> set[str]:
    return {name.upper().removeprefix("CAP_") for name in own.capabilities.add} if own.capabilities else set()


def _dropped(own: SecurityContext) -> set[str]:
    return {name.upper() for name in own.capabilities.drop} if own.capabilities else set()
