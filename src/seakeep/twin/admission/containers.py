"""What a container of a manifest and its volumes must have, and in which form. Source: pkg/apis/core/validation (validateContainerCommon, validateContainerPorts, ValidateVolumes, ValidateVolumeMounts)."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects import Container, PodSpec
from seakeep.twin.admission import forms
from seakeep.twin.admission.rules import env, ports
from seakeep.twin.admission.rules import volumes as sources
from seakeep.twin.admission.rules.words import required, unsupported

_MOST_PORT = 65535
_PULLS = ("Always", "IfNotPresent", "Never")


def errors(container: Container, path: str, mountable: frozenset[str], *, full: bool = False) -> Iterator[str]:
    """`full` is all that is said of it up to its resources."""
    if not container.name:
        yield required(f"{path}.name")
    else:
        yield from (forms.wrong(f"{path}.name", container.name, word) for word in forms.label(container.name))
    if not container.image:
        yield required(f"{path}.image")
    yield from _ports(container, path, full=full)
    if full:
        yield from env.errors(container, path)
    yield from _mounts(container, path, mountable, full=full)
    if full and container.image_pull_policy not in {"", *_PULLS}:
        yield unsupported(f"{path}.imagePullPolicy", container.image_pull_policy, _PULLS)


def _ports(container: Container, path: str, *, full: bool) -> Iterator[str]:
    taken: set[str] = set()
    for number, port in enumerate(container.ports):
        where = f"{path}.ports[{number}]"
        words = list(forms.port_name(port.name)) if port.name else []
        yield from (forms.wrong(f"{where}.name", port.name, word) for word in words)
        if port.name in taken:
            yield f'{where}.name: Duplicate value: "{port.name}"'
        if port.name and not words:
            taken.add(port.name)
        if not port.container_port:
            yield f"{where}.containerPort: Required value"
        for field, value in (("containerPort", port.container_port), ("hostPort", port.host_port)):
            if value and not 1 <= value <= _MOST_PORT:
                yield f"{where}.{field}: Invalid value: {value}: must be between 1 and {_MOST_PORT}, inclusive"
        if full:
            yield from ports.protocol(port.protocol, f"{where}.protocol")


def volumes(spec: PodSpec, path: str, *, full: bool) -> Iterator[str]:
    """By their names, and in `full` by their sources."""
    known: set[str] = set()
    for number, volume in enumerate(spec.volumes):
        where = f"{path}.volumes[{number}].name"
        odd = list(sources.errors(volume, f"{path}.volumes[{number}]")) if full else []
        yield from odd
        if not volume.name:
            yield f"{where}: Required value"
            continue
        words = list(forms.label(volume.name))
        yield from (forms.wrong(where, volume.name, word) for word in words)
        if volume.name in known:
            yield f'{where}: Duplicate value: "{volume.name}"'
        elif not words and not odd:
            known.add(volume.name)


def mountable(spec: PodSpec, *, full: bool) -> frozenset[str]:
    """A volume of which something is wrong is not there to be mounted."""
    return frozenset(
        item.name
        for item in spec.volumes
        if not any(forms.label(item.name)) and not (full and any(sources.errors(item, "")))
    )


def _mounts(container: Container, path: str, known: frozenset[str], *, full: bool) -> Iterator[str]:
    taken: set[str] = set()
    for number, mount in enumerate(container.volume_mounts):
        if mount.name not in known:
            yield f'{path}.volumeMounts[{number}].name: Not found: "{mount.name}"'
        if full and not mount.mount_path:
            yield required(f"{path}.volumeMounts[{number}].mountPath")
        if mount.mount_path and mount.mount_path in taken:
            yield f'{path}.volumeMounts[{number}].mountPath: Invalid value: "{mount.mount_path}": must be unique'
        taken.add(mount.mount_path)
