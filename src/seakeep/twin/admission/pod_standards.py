"""Which checks of the Pod Security Standards a level and a version ask for. Source: k8s.io/pod-security-admission/policy/registry.go."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from seakeep.model.objects import Pod
from seakeep.twin.admission import standards_baseline as base
from seakeep.twin.admission import standards_restricted as restricted
from seakeep.twin.admission.standards_subject import Subject

_NEWEST = 1000


def violations(pod: Pod, level: str, minor: int | None) -> tuple[str, ...]:
    """`reason (detail)` of each check that the pod fails at a level, in Kubernetes' order; `minor` None is the latest version."""
    if level == "privileged":
        return ()
    version = _NEWEST if minor is None else min(minor, _NEWEST)
    own = Subject(pod, version)
    checks = _RESTRICTED if level == "restricted" else _BASELINE
    return tuple(found for since, until, check in checks if since <= version < until for found in check(own))


_Check = tuple[int, int, Callable[[Subject], Iterator[str]]]
_EVER = _NEWEST + 1
# From which minor version until before which, in the order of the checks' ids.
_BASELINE: tuple[_Check, ...] = (
    (0, _EVER, base.apparmor),
    (0, _EVER, base.capabilities),
    (0, _EVER, base.host_namespaces),
    (0, _EVER, base.host_path),
    (0, _EVER, base.host_ports),
    (34, _EVER, base.probe_hosts),
    (0, _EVER, base.privileged),
    (0, _EVER, base.proc_mount_baseline),
    (0, _EVER, base.selinux),
    (19, _EVER, base.seccomp),
    (0, _EVER, base.sysctls),
    (0, _EVER, base.host_process),
)
_RESTRICTED: tuple[_Check, ...] = (
    (0, _EVER, base.apparmor),
    (0, 22, base.capabilities),
    (0, _EVER, base.host_namespaces),
    (0, _EVER, base.host_ports),
    (34, _EVER, base.probe_hosts),
    (0, _EVER, base.privileged),
    (0, 35, base.proc_mount_baseline),
    (0, _EVER, base.selinux),
    (0, _EVER, base.sysctls),
    (0, _EVER, base.host_process),
    (8, _EVER, restricted.escalation),
    (22, _EVER, restricted.drop_all),
    (35, _EVER, base.proc_mount),
    (0, _EVER, restricted.volumes),
    (0, _EVER, restricted.non_root),
    (23, _EVER, restricted.root_user),
    (19, _EVER, restricted.seccomp_restricted),
)
