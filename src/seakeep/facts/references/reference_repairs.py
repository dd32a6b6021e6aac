"""References of pod templates to ConfigMaps and Secrets, corrected to the one thing that was meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seakeep.facts.index import Index
from seakeep.facts.likeness import is_slip
from seakeep.facts.proposing import in_pod_spec
from seakeep.facts.references.podspec_references import references
from seakeep.facts.workloads.template_repairs import changeable
from seakeep.model.change import Change, Risk
from seakeep.model.objects import ConfigMap, Container, PodSpec, Secret
from seakeep.model.objects.pods import Volume
from seakeep.model.refs import Ref

_FIELDS = {"ConfigMap": ("configMapRef", "configMapKeyRef"), "Secret": ("secretRef", "secretKeyRef")}


def corrected(index: Index, ref: Ref, kind: str, name: str, key: str, meant: str = "") -> Change | None:
    """The workload with the name, or the key, that the reference is a slip of; `meant` is the name where that is known already. None where two may be meant, or none."""
    template = changeable(index, ref)
    if template is None:
        return None
    if key:
        item = index.snapshot.find(Ref(kind, ref.namespace, name))
        keys = tuple(item.data) if isinstance(item, ConfigMap) else item.keys if isinstance(item, Secret) else ()
        found = _only(key, keys)
        return _rekeyed(ref, template.spec, kind, name, key, found) if found else None
    found = meant or slip_of(index, kind, ref.namespace, name)
    wanted = {item.key for item in references(template.spec) if item.kind == kind and item.name == name} - {""}
    if not found or not wanted <= _keys(index, Ref(kind, ref.namespace, found)):
        return None
    fields = _renamed(template.spec, kind, name, found)
    why = f"{kind} {name} does not exist, and {found} differs from it in few letters"
    return Change(ref, in_pod_spec(ref, fields), (), Risk.MEDIUM, why) if fields else None


def slip_of(index: Index, kind: str, namespace: str, name: str) -> str:
    """The one object of the kind whose name differs in few letters, "" where there is none or more than one."""
    return _only(name, [item.name for item in index.snapshot.of_kind(kind) if item.namespace == namespace])


def _only(name: str, others: Any) -> str:
    found = [other for other in others if is_slip(name, other)]
    return found[0] if len(found) == 1 else ""


def _keys(index: Index, ref: Ref) -> set[str]:
    item = index.snapshot.find(ref)
    if isinstance(item, ConfigMap):
        return {*item.data, *item.binary_data}
    return set(item.keys) if isinstance(item, Secret) else set()


def _renamed(spec: PodSpec, kind: str, name: str, meant: str) -> dict[str, Any]:
    """{} where the name stands at a place that cannot be set by itself (projected volumes)."""
    fields: dict[str, Any] = {}
    for group, containers in (("containers", spec.containers), ("initContainers", spec.init_containers)):
        entries = [
            {"name": item.name, **part} for item in containers if (part := _in_container(item, kind, name, meant))
        ]
        if entries:
            fields[group] = entries
    volumes = [entry for volume in spec.volumes if (entry := _in_volume(volume, kind, name, meant))]
    if volumes:
        fields["volumes"] = volumes
    return {} if any(_projects(volume, kind, name) for volume in spec.volumes) else fields


def _in_container(container: Container, kind: str, name: str, meant: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    whole, single = _FIELDS[kind]
    variables = [
        {"name": variable, "valueFrom": {single: {"name": meant}}} for variable, _ in _variables(container, kind, name)
    ]
    if variables:
        fields["env"] = variables
    sources = []
    for item in container.env_from:
        entry: dict[str, Any] = {"prefix": item.prefix} if item.prefix else {}
        for field, source in (("configMapRef", item.config_map_ref), ("secretRef", item.secret_ref)):
            if source:
                right = meant if field == whole and source.name == name else source.name
                entry[field] = {"name": right, **({"optional": True} if source.optional else {})}
        sources.append(entry)
    sourced = [item.config_map_ref if kind == "ConfigMap" else item.secret_ref for item in container.env_from]
    if any(source and source.name == name for source in sourced):
        fields["envFrom"] = sources
    return fields


def _variables(container: Container, kind: str, name: str) -> Iterator[tuple[str, str]]:
    """Variable and key of each that is taken from the object."""
    for item in container.env:
        source = item.value_from
        selector = (
            None if source is None else source.config_map_key_ref if kind == "ConfigMap" else source.secret_key_ref
        )
        if selector and selector.name == name:
            yield item.name, selector.key


def _in_volume(volume: Volume, kind: str, name: str, meant: str) -> Mapping[str, Any] | None:
    if kind == "ConfigMap" and volume.config_map and volume.config_map.name == name:
        return {"name": volume.name, "configMap": {"name": meant}}
    if kind == "Secret" and volume.secret and volume.secret.secret_name == name:
        return {"name": volume.name, "secret": {"secretName": meant}}
    return None


def _projects(volume: Volume, kind: str, name: str) -> bool:
    sources = volume.projected.sources if volume.projected else ()
    parts = [source.config_map if kind == "ConfigMap" else source.secret for source in sources]
    return any(part is not None and part.name == name for part in parts)


def _rekeyed(ref: Ref, spec: PodSpec, kind: str, name: str, key: str, meant: str) -> Change | None:
    """Keys that variables name; those of volumes stand in lists that are replaced as a whole, and may be wanted as files' names."""
    single = _FIELDS[kind][1]
    fields: dict[str, Any] = {}
    for group, containers in (("containers", spec.containers), ("initContainers", spec.init_containers)):
        entries = []
        for item in containers:
            wrong = [variable for variable, own in _variables(item, kind, name) if own == key]
            if wrong:
                env = [{"name": variable, "valueFrom": {single: {"key": meant}}} for variable in wrong]
                entries.append({"name": item.name, "env": env})
        if entries:
            fields[group] = entries
    why = f"{kind} {name} has no key {key}, and its key {meant} differs in few letters"
    return Change(ref, in_pod_spec(ref, fields), (), Risk.MEDIUM, why) if fields else None
