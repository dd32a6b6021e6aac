"""Security contexts. Source: pkg/apis/core/validation (ValidateSecurityContext, validatePodSpecSecurityContext, validateOS, validateLinux)."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects import PodSpec
from seakeep.model.objects.pods import SecurityContext
from seakeep.twin.admission.rules.words import forbidden, invalid, required, unsupported

_MOST = 2**31 - 1
_SYSTEMS = ("linux", "windows")
_NO_MORE = "cannot set `allowPrivilegeEscalation` to false and"


def of_container(own: SecurityContext | None, path: str) -> Iterator[str]:
    """The value is longer than anybody reads."""
    if own is None:
        return
    yield from _id(own.run_as_user, f"{path}.runAsUser")
    yield from _id(own.run_as_group, f"{path}.runAsGroup")
    if own.allow_privilege_escalation is False:
        if own.privileged:
            yield f"{path}: Invalid value: {{…}}: {_NO_MORE} `privileged` to true"
        if own.capabilities is not None and "CAP_SYS_ADMIN" in own.capabilities.add:
            yield f"{path}: Invalid value: {{…}}: {_NO_MORE} `capabilities.Add` CAP_SYS_ADMIN"


def of_pod(own: SecurityContext | None, path: str) -> Iterator[str]:
    if own is None:
        return
    yield from _id(own.fs_group, f"{path}.fsGroup")
    yield from _id(own.run_as_user, f"{path}.runAsUser")
    yield from _id(own.run_as_group, f"{path}.runAsGroup")
    for number, group in enumerate(own.supplemental_groups):
        yield from _id(group, f"{path}.supplementalGroups[{number}]")


def _id(number: int | None, path: str) -> Iterator[str]:
    if number is not None and not 0 <= number <= _MOST:
        yield invalid(path, number, f"must be between 0 and {_MOST}, inclusive")


def system(spec: PodSpec, path: str) -> Iterator[str]:
    """The operating system, and what does not go with Linux."""
    if spec.os is None:
        return
    name = spec.os.get("name") or ""
    if not name:
        yield required(f"{path}.os.name")
    elif name not in _SYSTEMS:
        yield unsupported(f"{path}.os", name, _SYSTEMS)
    elif name == "linux":
        kinds = (("initContainers", spec.init_containers), ("containers", spec.containers))
        contexts = [(f"{path}.securityContext", spec.security_context)]
        contexts += [
            (f"{path}.{kind}[{number}].securityContext", item.security_context)
            for kind, found in kinds
            for number, item in enumerate(found)
        ]
        for where, own in contexts:
            if own is not None and own.windows_options is not None:
                yield forbidden(f"{where}.windowsOptions", "windows options cannot be set for a linux pod")
