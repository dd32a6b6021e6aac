"""PodSecurity: a namespace's labels say which of the Pod Security Standards its pods must keep. Source: k8s.io/pod-security-admission/{admission,api}."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from seakeep.model.objects import Namespace, Pod
from seakeep.twin.admission.pod_standards import violations
from seakeep.twin.admission.request import Request, invalid

_PREFIX = "pod-security.kubernetes.io/"
_LEVELS = ("privileged", "baseline", "restricted")
_VERSION = re.compile(r"v1\.([1-9][0-9]*|0)")
_MODES = ("enforce", "audit", "warn")
_LEVEL_HELP = "must be one of privileged, baseline, restricted"
_VERSION_HELP = 'must be "latest" or "v1.x"'


def validate(request: Request, pod: Pod) -> None:
    """Raises RejectedError. Changes matter only where images change; audit and warn refuse nothing. A level that is none counts as restricted."""
    old = request.old
    if isinstance(old, Pod) and _images(old) == _images(pod):
        return
    namespace = request.state.get(Namespace, "", request.namespace)
    if namespace is None:
        return
    label = namespace.labels.get(f"{_PREFIX}enforce", "privileged")
    level = label if label in _LEVELS else "restricted"
    version = namespace.labels.get(f"{_PREFIX}enforce-version", "latest")
    match = _VERSION.fullmatch(version)
    found = violations(pod, level, int(match[1]) if match else None)
    if found:
        shown = version if match else "latest"
        raise request.forbidden(f'violates PodSecurity "{level}:{shown}": {", ".join(found)}')


def validate_namespace(request: Request, namespace: Namespace) -> None:
    """Raises RejectedError for labels that say nothing valid, where they are new."""
    errors = list(_errors(namespace.labels))
    if errors and (request.old is None or errors != list(_errors(request.old.labels))):
        raise invalid(namespace, errors)


def _errors(labels: Mapping[str, str]) -> Iterator[str]:
    for mode in _MODES:
        level = labels.get(f"{_PREFIX}{mode}")
        if level is not None and level not in _LEVELS:
            yield f'metadata.labels[{_PREFIX}{mode}]: Invalid value: "{level}": {_LEVEL_HELP}'
        version = labels.get(f"{_PREFIX}{mode}-version")
        if version is not None and version != "latest" and not _VERSION.fullmatch(version):
            yield f'metadata.labels[{_PREFIX}{mode}-version]: Invalid value: "{version}": {_VERSION_HELP}'


def _images(pod: Pod) -> tuple[tuple[str, ...], ...]:
    spec = pod.spec
    return tuple(
        tuple(item.image for item in group)
        for group in (spec.containers, spec.init_containers, spec.ephemeral_containers)
    )
