"""Ingresses. Source: pkg/apis/networking/validation (ValidateIngressSpec)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seakeep.model.objects import Ingress
from seakeep.model.objects.network import IngressBackend, IngressPath
from seakeep.twin.admission import forms
from seakeep.twin.admission.rules import ports
from seakeep.twin.admission.rules.words import invalid, required, unsupported

_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
_SEQUENCES, _ENDS = ("//", "/./", "/../", "%2f", "%2F"), ("/..", "/.")
_WILDCARD = r"\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_CLASS = "kubernetes.io/ingress.class"


def errors(item: Ingress, *, made: bool) -> Iterator[str]:
    spec = item.spec
    if not spec.rules and spec.default_backend is None:
        yield invalid("spec", None, "either `defaultBackend` or `rules` must be specified")
    if spec.default_backend is not None:
        yield from _backend(spec.default_backend, "spec.defaultBackend")
    for number, rule in enumerate(spec.rules):
        path = f"spec.rules[{number}]"
        if rule.host:
            if _is_address(rule.host):
                yield invalid(f"{path}.host", rule.host, "must be a DNS name, not an IP address")
            yield from _host(rule.host, f"{path}.host")
        if rule.http is not None:
            if not rule.http.paths:
                yield required(f"{path}.http.paths")
            for index, each in enumerate(rule.http.paths):
                yield from _path(each, f"{path}.http.paths[{index}]")
    for number, tls in enumerate(spec.tls):
        for index, host in enumerate(tls.hosts):
            yield from _host(host, f"spec.tls[{number}].hosts[{index}]")
        if tls.secret_name:
            where = f"spec.tls[{number}].secretName"
            yield from (invalid(where, tls.secret_name, word) for word in forms.subdomain(tls.secret_name))
    name, noted = spec.ingress_class_name, item.metadata.annotations.get(_CLASS)
    if name:
        yield from (invalid("spec.ingressClassName", name, word) for word in forms.subdomain(name))
    if made and name and noted is not None and noted != name:
        yield invalid(f"annotations.{_CLASS}", noted, "must match `ingressClassName` when both are specified")


def _host(name: str, path: str) -> Iterator[str]:
    if "*" not in name:
        yield from (invalid(path, name, word) for word in forms.subdomain(name))
    elif not re.fullmatch(_WILDCARD, name):
        text = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character"
        yield invalid(path, name, forms.by(text, _WILDCARD, "*.example.com"))


def _path(item: IngressPath, path: str) -> Iterator[str]:
    if not item.path_type:
        yield required(f"{path}.pathType", "pathType must be specified")
        return
    own, where = item.path, f"{path}.path"
    if item.path_type not in _PATH_TYPES:
        yield unsupported(f"{path}.pathType", item.path_type, _PATH_TYPES)
    elif item.path_type == "ImplementationSpecific":
        if own and not own.startswith("/"):
            yield invalid(where, own, "must be an absolute path")
    else:
        if not own.startswith("/"):
            yield invalid(where, own, "must be an absolute path")
        yield from (invalid(where, own, f"must not contain '{each}'") for each in _SEQUENCES if each in own)
        yield from (invalid(where, own, f"cannot end with '{each}'") for each in _ENDS if own.endswith(each))
    yield from _backend(item.backend, f"{path}.backend")


def _backend(item: IngressBackend, path: str) -> Iterator[str]:
    """One without a Service may have a resource, which the model does not keep."""
    service = item.service
    if service is None:
        return
    if not service.name:
        yield required(f"{path}.service.name")
    else:
        yield from (invalid(f"{path}.service.name", service.name, word) for word in forms.label(service.name))
    if service.port.name and service.port.number:
        yield invalid(path, "", "cannot set both port name & port number")
    elif service.port.name:
        name = service.port.name
        yield from (invalid(f"{path}.service.port.name", name, word) for word in forms.port_name(name))
    elif service.port.number:
        yield from ports.number(service.port.number, f"{path}.service.port.number")
    else:
        yield required(path, "port name or number is required")


def _is_address(text: str) -> bool:
    from ipaddress import ip_address  # takes longer to load than all rules: most checks need none

    try:
        ip_address(text)
    except ValueError:
        return False
    return True
