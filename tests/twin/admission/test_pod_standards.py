"""The Pod Security Standards, check by check: what breaks each, and at which level."""

from __future__ import annotations

from typing import Any

import pytest

from seakeep.adapters.decode import from_mapping
from seakeep.model.objects import Pod
from seakeep.twin.admission.pod_standards import violations

_GOOD = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def made(own: dict[str, Any] | None = None, container: dict[str, Any] | None = None, **spec: Any) -> Pod:
    first = {"name": "c", "securityContext": _GOOD | (own or {})} | (container or {})
    found = from_mapping({"kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": [first]} | spec})
    assert isinstance(found, Pod)
    return found


def test_what_restricted_asks_for_is_enough() -> None:
    assert violations(made(), "restricted", None) == ()


@pytest.mark.parametrize(
    ("pod", "text"),
    [
        (made(hostNetwork=True, hostIPC=True), "host namespaces (hostNetwork=true, hostIPC=true)"),
        (made(volumes=[{"name": "v", "hostPath": {"path": "/"}}]), 'hostPath volumes (volume "v")'),
        (made(container={"ports": [{"hostPort": 80}]}), 'hostPort (container "c" uses hostPort 80)'),
        (
            made(container={"livenessProbe": {"httpGet": {"host": "h", "port": 1}}}),
            'probe or lifecycle host (container "c" uses probe or lifecycle host "h")',
        ),
        (made({"privileged": True}), 'privileged (container "c" must not set securityContext.privileged=true)'),
        (
            made({"procMount": "Unmasked"}),
            'procMount (container "c" must not set securityContext.procMount to "Unmasked")',
        ),
        (
            made({"seLinuxOptions": {"type": "spc_t", "user": "u"}}),
            'seLinuxOptions (container "c" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set)',
        ),
        (
            made(securityContext={"seccompProfile": {"type": "Unconfined"}}),
            'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
        ),
        (
            made(securityContext={"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}),
            "forbidden sysctls (kernel.msgmax)",
        ),
        (
            made({"windowsOptions": {"hostProcess": True}}),
            'hostProcess (container "c" must not set securityContext.windowsOptions.hostProcess=true)',
        ),
        (
            made({"capabilities": {"add": ["SYS_ADMIN", "CHOWN"]}}),
            'non-default capabilities (container "c" must not include "SYS_ADMIN" in securityContext.capabilities.add)',
        ),
    ],
)
def test_baseline(pod: Pod, text: str) -> None:
    assert violations(pod, "baseline", None) == (text,)
    assert violations(pod, "privileged", None) == ()


@pytest.mark.parametrize(
    ("pod", "text"),
    [
        (
            made({"capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}}),
            'unrestricted capabilities (container "c" must not include "CHOWN" in securityContext.capabilities.add)',
        ),
        (
            made(volumes=[{"name": "a", "nfs": {"server": "s"}}, {"name": "b", "hostPath": {"path": "/"}}]),
            'restricted volume types (volumes "a", "b" use restricted volume types "hostPath", "nfs")',
        ),
        (
            made({"runAsNonRoot": False}, securityContext={"runAsNonRoot": False}),
            'runAsNonRoot != true (pod and container "c" must not set securityContext.runAsNonRoot=false)',
        ),
        (made({"runAsUser": 0}), 'runAsUser=0 (container "c" must not set runAsUser=0)'),
    ],
)
def test_restricted(pod: Pod, text: str) -> None:
    assert violations(pod, "restricted", None) == (text,)


def test_init_containers_come_first_and_windows_pods_and_user_namespaces_are_spared() -> None:
    bare = made(
        {"allowPrivilegeEscalation": None},
        initContainers=[{"name": "i", "securityContext": _GOOD | {"allowPrivilegeEscalation": True}}],
    )
    assert violations(bare, "restricted", None)[0].startswith(
        'allowPrivilegeEscalation != false (containers "i", "c" must'
    )
    assert violations(made({"allowPrivilegeEscalation": True}, os={"name": "windows"}), "restricted", None) == ()
    assert violations(made({"runAsNonRoot": False, "runAsUser": 0}, hostUsers=False), "restricted", None) == ()


def test_older_versions_know_fewer_checks() -> None:
    probing = made(container={"livenessProbe": {"tcpSocket": {"host": "h", "port": 1}}})
    assert violations(probing, "baseline", 33) == ()
    assert len(violations(probing, "baseline", 34)) == len(violations(probing, "baseline", 5000)) == 1
    tuned = made(securityContext={"sysctls": [{"name": "net.ipv4.tcp_rmem", "value": "1"}]})
    assert (len(violations(tuned, "baseline", 31)), len(violations(tuned, "baseline", 32))) == (1, 0)
