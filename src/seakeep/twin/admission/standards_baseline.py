"""Checks of the level baseline. Source: k8s.io/pod-security-admission/policy, one file per check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seakeep.facts.security.pod_security import BASELINE_CAPABILITIES
from seakeep.model.objects import Container
from seakeep.model.objects.pods import Handler, Probe, SecurityContext
from seakeep.twin.admission.standards_subject import NO_CONTEXT, Subject, containers, plural, quoted, setters, use

_SELINUX = frozenset({"", "container_t", "container_init_t", "container_kvm_t"})
_IPV4 = "net.ipv4."
# Minor version from which a sysctl is safe.
_SYSCTLS = {"kernel.shm_rmid_forced": 0} | {
    f"{_IPV4}{name}": since
    for since, names in (
        (0, "ip_local_port_range tcp_syncookies ping_group_range ip_unprivileged_port_start"),
        (27, "ip_local_reserved_ports"),
        (29, "tcp_keepalive_time tcp_fin_timeout tcp_keepalive_intvl tcp_keepalive_probes"),
        (32, "tcp_rmem tcp_wmem"),
        (37, "tcp_slow_start_after_idle tcp_notsent_lowat"),
    )
    for name in names.split()
}
_NEVER = 10**6
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"


def apparmor(pod: Subject) -> Iterator[str]:
    def bad(profile: Mapping[str, Any] | None) -> bool:
        return profile is not None and profile.get("type") not in {"RuntimeDefault", "Localhost"}

    names = pod.those(lambda own: bad(own.app_armor_profile))
    who = setters(bad(pod.context.app_armor_profile), names)
    every = (pod.context, *(item.security_context or NO_CONTEXT for item in pod.containers))
    values = sorted({str((own.app_armor_profile or {}).get("type", "")) for own in every if bad(own.app_armor_profile)})
    annotations = sorted(
        f'{key}="{value}"'
        for key, value in pod.annotations.items()
        if key.startswith(_APPARMOR) and value and value != "runtime/default" and not value.startswith("localhost/")
    )
    if annotations:
        values += annotations
        who.append(plural("annotation", len(annotations)))
    if who:
        reason = plural("forbidden AppArmor profile", len(values))
        yield f"{reason} ({' and '.join(who)} must not set AppArmor profile type to {quoted(values)})"


def capabilities(pod: Subject) -> Iterator[str]:
    def bad(own: SecurityContext) -> set[str]:
        return set(own.capabilities.add) - BASELINE_CAPABILITIES if own.capabilities else set()

    names = pod.those(lambda own: bool(bad(own)))
    if names:
        found = sorted({name for item in pod.containers for name in bad(item.security_context or NO_CONTEXT)})
        detail = f"{containers(names)} must not include {quoted(found)} in securityContext.capabilities.add"
        yield f"non-default capabilities ({detail})"


def host_namespaces(pod: Subject) -> Iterator[str]:
    spec = pod.spec
    wishes = (("hostNetwork", spec.host_network), ("hostPID", spec.host_pid), ("hostIPC", spec.host_ipc))
    found = [f"{name}=true" for name, wished in wishes if wished]
    if found:
        yield f"host namespaces ({', '.join(found)})"


def host_path(pod: Subject) -> Iterator[str]:
    names = [volume.name for volume in pod.spec.volumes if volume.host_path is not None]
    if names:
        yield f"hostPath volumes ({plural('volume', len(names))} {quoted(names)})"


def host_ports(pod: Subject) -> Iterator[str]:
    names = [item.name for item in pod.containers if any(port.host_port for port in item.ports)]
    if names:
        ports = sorted({str(port.host_port) for item in pod.containers for port in item.ports if port.host_port})
        detail = f"{containers(names)} {use(names)} {plural('hostPort', len(ports))} {', '.join(ports)}"
        yield f"hostPort ({detail})"


def probe_hosts(pod: Subject) -> Iterator[str]:
    by_name: dict[str, set[str]] = {}
    for item in pod.containers:
        hosts = set(_hosts(item))
        if hosts:
            by_name.setdefault(item.name, set()).update(hosts)
    if by_name:
        names, found = sorted(by_name), sorted(set().union(*by_name.values()))
        detail = f"{containers(names)} {use(names)} {plural('probe or lifecycle host', len(found))} {quoted(found)}"
        yield f"probe or lifecycle host ({detail})"


def _hosts(item: Container) -> Iterator[str]:
    probes: tuple[Probe | None, ...] = (item.liveness_probe, item.readiness_probe, item.startup_probe)
    life = item.lifecycle
    handlers: tuple[Handler | None, ...] = (life.post_start, life.pre_stop) if life else ()
    for each in (*probes, *handlers):
        for action in (each.http_get, each.tcp_socket) if each else ():
            if action is not None and action.host:
                yield action.host


def privileged(pod: Subject) -> Iterator[str]:
    names = pod.those(lambda own: own.privileged is True)
    if names:
        yield f"privileged ({containers(names)} must not set securityContext.privileged=true)"


def proc_mount(pod: Subject) -> Iterator[str]:
    names = pod.those(lambda own: own.proc_mount not in {"", "Default"})
    if names:
        mounts = {(item.security_context or NO_CONTEXT).proc_mount for item in pod.containers} - {"", "Default"}
        detail = f"{containers(names)} must not set securityContext.procMount to {quoted(sorted(mounts))}"
        yield f"procMount ({detail})"


def proc_mount_baseline(pod: Subject) -> Iterator[str]:
    return iter(()) if pod.user_namespace else proc_mount(pod)


def selinux(pod: Subject) -> Iterator[str]:
    allowed = _SELINUX | {"container_engine_t"} if pod.version >= 31 else _SELINUX
    every = [pod.context, *(item.security_context or NO_CONTEXT for item in pod.containers)]
    options = [own.se_linux_options or {} for own in every]

    def bad(own: Mapping[str, Any]) -> bool:
        return own.get("type", "") not in allowed or bool(own.get("user")) or bool(own.get("role"))

    who = setters(bad(options[0]), pod.those(lambda own: bad(own.se_linux_options or {})))
    if not who:
        return
    types = sorted({str(own["type"]) for own in options if own.get("type", "") not in allowed})
    data = [f"{plural('type', len(types))} {quoted(types)}"] if types else []
    data += [f"{name} may not be set" for name in ("user", "role") if any(own.get(name) for own in options)]
    detail = f"{' and '.join(who)} set forbidden securityContext.seLinuxOptions: {'; '.join(data)}"
    yield f"seLinuxOptions ({detail})"


def _seccomp_type(own: SecurityContext) -> str | None:
    return None if own.seccomp_profile is None else str(own.seccomp_profile.get("type", ""))


def _bad_seccomp(own: SecurityContext) -> bool:
    return _seccomp_type(own) not in {None, "RuntimeDefault", "Localhost"}


def seccomp(pod: Subject) -> Iterator[str]:
    who = setters(_bad_seccomp(pod.context), pod.those(_bad_seccomp))
    if who:
        every = (pod.context, *(item.security_context or NO_CONTEXT for item in pod.containers))
        values = sorted({str(_seccomp_type(own)) for own in every if _bad_seccomp(own)})
        detail = f"{' and '.join(who)} must not set securityContext.seccompProfile.type to {quoted(values)}"
        yield f"seccompProfile ({detail})"


def sysctls(pod: Subject) -> Iterator[str]:
    names = [str(item.get("name", "")) for item in pod.context.sysctls]
    found = [name for name in names if _SYSCTLS.get(name, _NEVER) > pod.version]
    if found:
        yield f"forbidden sysctls ({', '.join(found)})"


def host_process(pod: Subject) -> Iterator[str]:
    def bad(own: SecurityContext) -> bool:
        return (own.windows_options or {}).get("hostProcess") is True

    who = setters(bad(pod.context), pod.those(bad))
    if who:
        yield f"hostProcess ({' and '.join(who)} must not set securityContext.windowsOptions.hostProcess=true)"
