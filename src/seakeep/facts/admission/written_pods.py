"""What the API server refuses of a pod's specification: amounts, privileges, names. Source: pkg/apis/core/validation `validateContainerResources`, `ValidateSecurityContext`, `validatePodDNSConfig`."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects import PodSpec
from seakeep.model.objects.pods import Container, SecurityContext
from seakeep.model.pattern import late
from seakeep.model.quantity import QuantityError, nano

_STANDARD = frozenset({"cpu", "ephemeral-storage", "memory"})
_WHOLE = 10**9
_MOST_ID = 2**31 - 1
_IDS = {"runAsUser": "run_as_user", "runAsGroup": "run_as_group", "fsGroup": "fs_group"}
# What the downward API gives of a pod to variables (validEnvDownwardAPIFieldPathExpressions).
_OF_POD = ("metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName")
_FIELDS = frozenset({*_OF_POD, "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"})
_MAPS = late(r"metadata\.(?:labels|annotations)\['[^']+'\]")
_RESTARTS = frozenset({"", "Always", "Never", "OnFailure"})


def broken_pod(spec: PodSpec, path: str) -> Iterator[tuple[str, str]]:
    """Path and fault."""
    if spec.dns_policy == "None" and not (spec.dns_config and spec.dns_config.nameservers):
        yield f"{path}.dnsConfig", "a nameserver is required where dnsPolicy is None"
    if spec.security_context is not None:
        yield from _ids(spec.security_context, f"{path}.securityContext")


def broken_container(item: Container, path: str) -> Iterator[tuple[str, str]]:
    if item.restart_policy not in _RESTARTS:
        yield f"{path}.restartPolicy", "is one of Always, Never and OnFailure"
    for field, amounts in (("requests", item.resources.requests), ("limits", item.resources.limits)):
        for name, amount in amounts.items():
            for fault in _amount(name, amount):
                yield f"{path}.resources.{field}[{name}]", fault
    for entry in item.env:
        field = entry.value_from.field_ref.field_path if entry.value_from and entry.value_from.field_ref else ""
        if field and "$" not in field and field not in _FIELDS and not _MAPS.fullmatch(field):
            where = f"{path}.env[{entry.name}].valueFrom.fieldRef.fieldPath"
            yield where, f'"{field}" is no field that a variable may have'
    context = item.security_context
    if context is None:
        return
    yield from _ids(context, f"{path}.securityContext")
    if context.allow_privilege_escalation is False:
        added = context.capabilities.add if context.capabilities else ()
        for given, what in ((context.privileged, "privileged: true"), ("CAP_SYS_ADMIN" in added, "CAP_SYS_ADMIN")):
            if given:
                yield f"{path}.securityContext", f"allowPrivilegeEscalation: false does not go with {what}"


def _amount(name: str, amount: str | float) -> Iterator[str]:
    if "/" not in name and name not in _STANDARD and not name.startswith("hugepages-"):
        yield "must be a standard resource type or fully qualified"
        return
    try:
        figure = nano(amount)
    except QuantityError:  # the reader has told of it
        return
    if figure < 0:
        yield "must be greater than or equal to 0"
    elif "/" in name and figure % _WHOLE:
        yield "must be an integer"


def _ids(context: SecurityContext, path: str) -> Iterator[tuple[str, str]]:
    for field, name in _IDS.items():
        number = getattr(context, name)
        if number is not None and not 0 <= number <= _MOST_ID:
            yield f"{path}.{field}", f"must be between 0 and {_MOST_ID}, inclusive"
