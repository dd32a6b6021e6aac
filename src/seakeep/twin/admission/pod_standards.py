"""The checks of the Pod Security Standards, worded as the API server words them. Source: k8s.io/pod-security-admission/policy, one file per check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from seakeep.model.objects import Container, Pod
from seakeep.model.objects.pods import Handler, Probe, SecurityContext, Volume

_NEWEST = 1000
_CAPABILITIES = frozenset(
    [
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
    ]
)
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
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_RESTRICTED_VOLUMES = {
    "host_path": "hostPath",
    "gce_persistent_disk": "gcePersistentDisk",
    "aws_elastic_block_store": "awsElasticBlockStore",
    "git_repo": "gitRepo",
    "nfs": "nfs",
    "iscsi": "iscsi",
    "glusterfs": "glusterfs",
    "rbd": "rbd",
    "flex_volume": "flexVolume",
    "cinder": "cinder",
    "cephfs": "cephfs",
    "fc": "fc",
    "azure_file": "azureFile",
    "vsphere_volume": "vsphereVolume",
    "azure_disk": "azureDisk",
    "portworx_volume": "portworxVolume",
    "scale_io": "scaleIO",
}
_FREE_VOLUMES = (
    *("config_map", "csi", "downward_api", "empty_dir", "ephemeral"),
    *("image", "persistent_volume_claim", "projected", "secret"),
)
_NO_CONTEXT = SecurityContext()


def violations(pod: Pod, level: str, minor: int | None) -> tuple[str, ...]:
    """`reason (detail)` of each check that the pod fails at a level, in Kubernetes' order; `minor` None is the latest version."""
    if level == "privileged":
        return ()
    version = _NEWEST if minor is None else minor
    own = _Pod(pod, version)
    checks = _RESTRICTED if level == "restricted" else _BASELINE
    return tuple(found for since, until, check in checks if since <= version < until for found in check(own))


class _Pod:
    """What the checks look at. Init containers come first, as in Kubernetes' visitor."""

    def __init__(self, pod: Pod, version: int) -> None:
        spec = pod.spec
        self.spec, self.version, self.annotations = spec, version, pod.metadata.annotations
        self.context = spec.security_context or _NO_CONTEXT
        self.containers = (*spec.init_containers, *spec.containers, *spec.ephemeral_containers)
        self.windows = version >= 25 and (spec.os or {}).get("name") == "windows"
        self.user_namespace = version >= 35 and spec.host_users is False

    def those(self, broken: Callable[[SecurityContext], bool]) -> list[str]:
        return [item.name for item in self.containers if broken(item.security_context or _NO_CONTEXT)]


def _apparmor(pod: _Pod) -> Iterator[str]:
    def bad(profile: Mapping[str, Any] | None) -> bool:
        return profile is not None and profile.get("type") not in {"RuntimeDefault", "Localhost"}

    names = pod.those(lambda own: bad(own.app_armor_profile))
    setters = _setters(bad(pod.context.app_armor_profile), names)
    every = (pod.context, *(item.security_context or _NO_CONTEXT for item in pod.containers))
    values = sorted({str((own.app_armor_profile or {}).get("type", "")) for own in every if bad(own.app_armor_profile)})
    annotations = sorted(
        f'{key}="{value}"'
        for key, value in pod.annotations.items()
        if key.startswith(_APPARMOR) and value and value != "runtime/default" and not value.startswith("localhost/")
    )
    if annotations:
        values += annotations
        setters.append(_plural("annotation", len(annotations)))
    if setters:
        reason = _plural("forbidden AppArmor profile", len(values))
        yield f"{reason} ({' and '.join(setters)} must not set AppArmor profile type to {_quoted(values)})"


def _capabilities(pod: _Pod) -> Iterator[str]:
    def bad(own: SecurityContext) -> set[str]:
        return set(own.capabilities.add) - _CAPABILITIES if own.capabilities else set()

    names = pod.those(lambda own: bool(bad(own)))
    if names:
        found = sorted({name for item in pod.containers for name in bad(item.security_context or _NO_CONTEXT)})
        detail = f"{_containers(names)} must not include {_quoted(found)} in securityContext.capabilities.add"
        yield f"non-default capabilities ({detail})"


def _host_namespaces(pod: _Pod) -> Iterator[str]:
    spec = pod.spec
    wishes = (("hostNetwork", spec.host_network), ("hostPID", spec.host_pid), ("hostIPC", spec.host_ipc))
    found = [f"{name}=true" for name, wished in wishes if wished]
    if found:
        yield f"host namespaces ({', '.join(found)})"


def _host_path(pod: _Pod) -> Iterator[str]:
    names = [volume.name for volume in pod.spec.volumes if volume.host_path is not None]
    if names:
        yield f"hostPath volumes ({_plural('volume', len(names))} {_quoted(names)})"


def _host_ports(pod: _Pod) -> Iterator[str]:
    names = [item.name for item in pod.containers if any(port.host_port for port in item.ports)]
    if names:
        ports = sorted({str(port.host_port) for item in pod.containers for port in item.ports if port.host_port})
        detail = f"{_containers(names)} {_use(names)} {_plural('hostPort', len(ports))} {', '.join(ports)}"
        yield f"hostPort ({detail})"


def _probe_hosts(pod: _Pod) -> Iterator[str]:
    by_name: dict[str, set[str]] = {}
    for item in pod.containers:
        hosts = set(_hosts(item))
        if hosts:
            by_name.setdefault(item.name, set()).update(hosts)
    if by_name:
        names, found = sorted(by_name), sorted(set().union(*by_name.values()))
        detail = f"{_containers(names)} {_use(names)} {_plural('probe or lifecycle host', len(found))} {_quoted(found)}"
        yield f"probe or lifecycle host ({detail})"


def _hosts(item: Container) -> Iterator[str]:
    probes: tuple[Probe | None, ...] = (item.liveness_probe, item.readiness_probe, item.startup_probe)
    life = item.lifecycle
    handlers: tuple[Handler | None, ...] = (life.post_start, life.pre_stop) if life else ()
    for each in (*probes, *handlers):
        for action in (each.http_get, each.tcp_socket) if each else ():
            if action is not None and action.host:
                yield action.host


def _privileged(pod: _Pod) -> Iterator[str]:
    names = pod.those(lambda own: own.privileged is True)
    if names:
        yield f"privileged ({_containers(names)} must not set securityContext.privileged=true)"


def _proc_mount(pod: _Pod) -> Iterator[str]:
    names = pod.those(lambda own: own.proc_mount not in {"", "Default"})
    if names:
        mounts = {(item.security_context or _NO_CONTEXT).proc_mount for item in pod.containers} - {"", "Default"}
        detail = f"{_containers(names)} must not set securityContext.procMount to {_quoted(sorted(mounts))}"
        yield f"procMount ({detail})"


def _proc_mount_baseline(pod: _Pod) -> Iterator[str]:
    return iter(()) if pod.user_namespace else _proc_mount(pod)


def _selinux(pod: _Pod) -> Iterator[str]:
    allowed = _SELINUX | {"container_engine_t"} if pod.version >= 31 else _SELINUX
    every = [pod.context, *(item.security_context or _NO_CONTEXT for item in pod.containers)]
    options = [own.se_linux_options or {} for own in every]

    def bad(own: Mapping[str, Any]) -> bool:
        return own.get("type", "") not in allowed or bool(own.get("user")) or bool(own.get("role"))

    setters = _setters(bad(options[0]), pod.those(lambda own: bad(own.se_linux_options or {})))
    if not setters:
        return
    types = sorted({str(own["type"]) for own in options if own.get("type", "") not in allowed})
    data = [f"{_plural('type', len(types))} {_quoted(types)}"] if types else []
    data += [f"{name} may not be set" for name in ("user", "role") if any(own.get(name) for own in options)]
    detail = f"{' and '.join(setters)} set forbidden securityContext.seLinuxOptions: {'; '.join(data)}"
    yield f"seLinuxOptions ({detail})"


def _seccomp_type(own: SecurityContext) -> str | None:
    return None if own.seccomp_profile is None else str(own.seccomp_profile.get("type", ""))


def _bad_seccomp(own: SecurityContext) -> bool:
    return _seccomp_type(own) not in {None, "RuntimeDefault", "Localhost"}


def _seccomp(pod: _Pod) -> Iterator[str]:
    setters = _setters(_bad_seccomp(pod.context), pod.those(_bad_seccomp))
    if setters:
        every = (pod.context, *(item.security_context or _NO_CONTEXT for item in pod.containers))
        values = sorted({str(_seccomp_type(own)) for own in every if _bad_seccomp(own)})
        detail = f"{' and '.join(setters)} must not set securityContext.seccompProfile.type to {_quoted(values)}"
        yield f"seccompProfile ({detail})"


def _seccomp_restricted(pod: _Pod) -> Iterator[str]:
    if pod.windows:
        return
    explicit = list(_seccomp(pod))
    yield from explicit
    if explicit or pod.context.seccomp_profile is not None:
        return
    names = pod.those(lambda own: own.seccomp_profile is None)
    if names:
        detail = f'pod or {_containers(names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
        yield f"seccompProfile ({detail})"


def _sysctls(pod: _Pod) -> Iterator[str]:
    names = [str(item.get("name", "")) for item in pod.context.sysctls]
    found = [name for name in names if _SYSCTLS.get(name, _NEWEST + 1) > pod.version]
    if found:
        yield f"forbidden sysctls ({', '.join(found)})"


def _host_process(pod: _Pod) -> Iterator[str]:
    def bad(own: SecurityContext) -> bool:
        return (own.windows_options or {}).get("hostProcess") is True

    setters = _setters(bad(pod.context), pod.those(bad))
    if setters:
        yield f"hostProcess ({' and '.join(setters)} must not set securityContext.windowsOptions.hostProcess=true)"


def _escalation(pod: _Pod) -> Iterator[str]:
    names = [] if pod.windows else pod.those(lambda own: own.allow_privilege_escalation is not False)
    if names:
        detail = f"{_containers(names)} must set securityContext.allowPrivilegeEscalation=false"
        yield f"allowPrivilegeEscalation != false ({detail})"


def _drop_all(pod: _Pod) -> Iterator[str]:
    if pod.windows:
        return

    def added(own: SecurityContext) -> set[str]:
        return set(own.capabilities.add) - {"NET_BIND_SERVICE"} if own.capabilities else set()

    keeping = pod.those(lambda own: own.capabilities is None or "ALL" not in own.capabilities.drop)
    adding = pod.those(lambda own: bool(added(own)))
    details = []
    if keeping:
        details.append(f'{_containers(keeping)} must set securityContext.capabilities.drop=["ALL"]')
    if adding:
        found = sorted({name for item in pod.containers for name in added(item.security_context or _NO_CONTEXT)})
        details.append(f"{_containers(adding)} must not include {_quoted(found)} in securityContext.capabilities.add")
    if details:
        yield f"unrestricted capabilities ({'; '.join(details)})"


def _volumes(pod: _Pod) -> Iterator[str]:
    found = [item for item in pod.spec.volumes if all(getattr(item, name) is None for name in _FREE_VOLUMES)]
    if found:
        names, kinds = [item.name for item in found], sorted({_volume_kind(item) for item in found})
        detail = f"{_plural('volume', len(names))} {_quoted(names)} {_use(names)} {_plural('restricted volume type', len(kinds))} {_quoted(kinds)}"
        yield f"restricted volume types ({detail})"


def _volume_kind(volume: Volume) -> str:
    return next((kind for name, kind in _RESTRICTED_VOLUMES.items() if getattr(volume, name) is not None), "unknown")


def _non_root(pod: _Pod) -> Iterator[str]:
    if pod.user_namespace:
        return
    reason = "runAsNonRoot != true"
    setters = _setters(pod.context.run_as_non_root is False, pod.those(lambda own: own.run_as_non_root is False))
    if setters:
        yield f"{reason} ({' and '.join(setters)} must not set securityContext.runAsNonRoot=false)"
        return
    names = [] if pod.context.run_as_non_root else pod.those(lambda own: own.run_as_non_root is None)
    if names:
        yield f"{reason} (pod or {_containers(names)} must set securityContext.runAsNonRoot=true)"


def _root_user(pod: _Pod) -> Iterator[str]:
    if pod.user_namespace:
        return
    setters = _setters(pod.context.run_as_user == 0, pod.those(lambda own: own.run_as_user == 0))
    if setters:
        yield f"runAsUser=0 ({' and '.join(setters)} must not set runAsUser=0)"


def _setters(pod: bool, names: list[str]) -> list[str]:
    return [*(["pod"] if pod else []), *([_containers(names)] if names else [])]


def _containers(names: list[str]) -> str:
    return f"{_plural('container', len(names))} {_quoted(names)}"


def _plural(word: str, number: int) -> str:
    return word if number == 1 else f"{word}s"


def _use(names: list[str]) -> str:
    return "uses" if len(names) == 1 else "use"


def _quoted(items: Iterable[str]) -> str:
    return ", ".join(f'"{item}"' for item in items)


_Check = tuple[int, int, Callable[[_Pod], Iterator[str]]]
_EVER = _NEWEST + 1
# From which minor version until before which, in the order of the checks' ids.
_BASELINE: tuple[_Check, ...] = (
    (0, _EVER, _apparmor),
    (0, _EVER, _capabilities),
    (0, _EVER, _host_namespaces),
    (0, _EVER, _host_path),
    (0, _EVER, _host_ports),
    (34, _EVER, _probe_hosts),
    (0, _EVER, _privileged),
    (0, _EVER, _proc_mount_baseline),
    (0, _EVER, _selinux),
    (19, _EVER, _seccomp),
    (0, _EVER, _sysctls),
    (0, _EVER, _host_process),
)
_RESTRICTED: tuple[_Check, ...] = (
    (0, _EVER, _apparmor),
    (0, 22, _capabilities),
    (0, _EVER, _host_namespaces),
    (0, _EVER, _host_ports),
    (34, _EVER, _probe_hosts),
    (0, _EVER, _privileged),
    (0, 35, _proc_mount_baseline),
    (0, _EVER, _selinux),
    (0, _EVER, _sysctls),
    (0, _EVER, _host_process),
    (8, _EVER, _escalation),
    (22, _EVER, _drop_all),
    (35, _EVER, _proc_mount),
    (0, _EVER, _volumes),
    (0, _EVER, _non_root),
    (23, _EVER, _root_user),
    (19, _EVER, _seccomp_restricted),
)
