"""What a pod or a template says beside its containers. Source: pkg/apis/core/validation (ValidatePodSpec)."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects import Container, PodSpec
from seakeep.twin.admission import forms
from seakeep.twin.admission.rules import placing, ports, security
from seakeep.twin.admission.rules.words import invalid, required, unsupported

_RESTART = ("Always", "OnFailure", "Never")
_DNS = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_RESTART_ONE = ("Always", "Never", "OnFailure")
_PREEMPTION = ("PreemptLowerPriority", "Never")
_LONGEST = 2**31 - 1


def before_users(spec: PodSpec, path: str, *, is_pod: bool) -> Iterator[str]:
    """Up to `hostUsers`."""
    if spec.host_network:
        yield from ports.of_host_network(spec.containers, f"{path}.containers", is_pod=is_pod)
    if spec.restart_policy not in _RESTART:
        yield unsupported(f"{path}.restartPolicy", spec.restart_policy, _RESTART)
    if spec.dns_policy not in _DNS:
        yield unsupported(f"{path}.dnsPolicy", spec.dns_policy, _DNS)
    yield from forms.labels(spec.node_selector, f"{path}.nodeSelector")
    yield from security.of_pod(spec.security_context, f"{path}.securityContext")
    yield from placing.affinity(spec, path)
    yield from _dns(spec, f"{path}.dnsConfig")
    yield from placing.spread(spec, path)


def after_users(spec: PodSpec, path: str, *, named: bool) -> Iterator[str]:
    """`named` where the pod keeps the hostname that it is given: a StatefulSet gives its own."""
    name, deadline = spec.service_account_name, spec.active_deadline_seconds
    if name:
        yield from (invalid(f"{path}.serviceAccountName", name, word) for word in forms.subdomain(name))
    if deadline is not None and not 1 <= deadline <= _LONGEST:
        yield invalid(f"{path}.activeDeadlineSeconds", deadline, f"must be between 1 and {_LONGEST}, inclusive")
    for field, label in (("hostname", spec.hostname), ("subdomain", spec.subdomain)):
        if label and named:
            yield from (invalid(f"{path}.{field}", label, word) for word in forms.label(label))
    yield from placing.tolerations(spec, path)
    for field, name in (("priorityClassName", spec.priority_class_name), ("runtimeClassName", spec.runtime_class_name)):
        if name:
            yield from (invalid(f"{path}.{field}", name, word) for word in forms.subdomain(name))
    if spec.preemption_policy and spec.preemption_policy not in _PREEMPTION:
        yield unsupported(f"{path}.preemptionPolicy", spec.preemption_policy, _PREEMPTION)
    yield from security.system(spec, path)


def restarts(container: Container, path: str) -> Iterator[str]:
    """A container's own policy."""
    if not container.restart_policy:
        if container.restart_policy_rules:
            yield required(f"{path}.restartPolicy", "must specify restartPolicy when restart rules are used")
    elif container.restart_policy not in _RESTART_ONE:
        yield unsupported(f"{path}.restartPolicy", container.restart_policy, _RESTART_ONE)


def _dns(spec: PodSpec, path: str) -> Iterator[str]:
    if spec.dns_policy != "None":
        return
    if spec.dns_config is None:
        yield required(path, "must provide `dnsConfig` when `dnsPolicy` is None")
    elif not spec.dns_config.nameservers:
        yield required(f"{path}.nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None")
