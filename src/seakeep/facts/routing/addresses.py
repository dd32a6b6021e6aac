"""Every address that a workload's configuration names: environment, ConfigMaps, commands, wait loops of init containers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.once import know, once
from seakeep.facts.routing.address_text import Form, Named, expanded, in_command, in_setting, in_value
from seakeep.facts.workloads.planned_parts import parts_within
from seakeep.facts.workloads.podstate import is_sidecar
from seakeep.facts.workloads.templates import Template, known_templates, template_of
from seakeep.model.objects import ConfigMap, Container, KubeObject, PodSpec, Service, StatefulSet
from seakeep.model.objects.pods import Volume
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

_CONFIG_LINES = 4000
_CLUSTER_DOMAIN = "cluster.local"
# nginx's name for a group of servers, which `proxy_pass` then uses like a host.
_UPSTREAM = late(r"\bupstream\s+([\w.-]+)\s*\{")


class Address(Struct, frozen=True):
    """`port` is 0 where none is named. `waits` is set for an init container's address. `at` is the object, `path` the field that names it, `text` its value, `name` the variable or key."""

    host: str
    port: int
    at: Ref
    path: str
    text: str
    container: str
    waits: bool = False
    form: Form = Form.PAIR
    implied_port: bool = False
    name: str = ""


class Resolved(Struct, frozen=True):
    """`service` is the Service that the host means inside the cluster (whether it exists or not); None for hosts outside, pods and unknowns."""

    service: Ref | None
    external: bool = False


@once
def templates(index: Index) -> tuple[tuple[KubeObject, PodSpec], ...]:
    """Every workload whose containers were seen, with its pod's spec: the template, or for bare pods and operators' pods the pod's own. Jobs that ended well are left out."""
    return tuple(
        (index.snapshot.find(item.ref) or item.item, item.spec) for item in known_templates(index) if item.spec_known
    )


@once
def addresses(index: Index) -> Mapping[Ref, tuple[Address, ...]]:
    """Workload → the addresses that its configuration names, each host and port once per field."""
    found: dict[Ref, list[Address]] = {}
    for item in (*known_templates(index), *parts_within(index)):
        if item.spec_known:
            found.setdefault(item.ref, []).extend(_of(index, item))
    return {ref: tuple(dict.fromkeys(group)) for ref, group in found.items()}


def addresses_after(index: Index, before: Index) -> Mapping[Ref, tuple[Address, ...]]:
    """As `addresses`, where `before` knows those of templates that are still the same; the ConfigMaps have to be."""
    know(index, _in_configs, _in_configs(before))
    known = addresses(before)
    return {
        item.ref: known[item.ref]
        if item.ref in known and _says_the_same(item, template_of(before, item.ref))
        else tuple(dict.fromkeys(_of(index, item)))
        for item in known_templates(index)
        if item.spec_known
    }


def _says_the_same(item: Template, old: Template | None) -> bool:
    return item is old or (old is not None and old.spec is item.spec and old.item.ref == item.item.ref)


def _of(index: Index, template: Template) -> Iterator[Address]:
    item, spec = template.item, template.spec
    for group, containers in (("initContainers", spec.init_containers), ("containers", spec.containers)):
        for container in containers:
            waits = group == "initContainers" and not is_sidecar(container)
            environment = environment_of(index, item.namespace, item.ref, container)
            values = {name: value for name, (value, _, _) in environment.items()}
            for name, (value, at, path) in environment.items():
                for named in in_value(name, expanded(value, values), values):
                    yield _address(named, at, path, value, container.name, waits, name)
            command = " ".join((*container.command, *container.args))
            path = f"spec.{group}[{container.name}].command"
            for named in in_command(expanded(command, values, in_shell=True)):
                yield _address(named, item.ref, path, command, container.name, waits, "")
            for config in mounted_configs(index, item.namespace, spec, container):
                for named, path, text, name in _in_configs(index)[config.ref]:
                    yield _address(named, config.ref, path, text, container.name, waits, name)


def _address(named: Named, at: Ref, path: str, text: str, container: str, waits: bool, name: str) -> Address:
    return Address(named.host, named.port, at, path, text[:200], container, waits, named.form, named.implied, name)


def environment_of(index: Index, namespace: str, owner: Ref, container: Container) -> dict[str, tuple[str, Ref, str]]:
    """Variable → value, the object that holds it, and its path there. Secrets' values are never known."""
    found: dict[str, tuple[str, Ref, str]] = {}
    for source in container.env_from:
        config = index.snapshot.get(ConfigMap, namespace, source.config_map_ref.name) if source.config_map_ref else None
        for key, value in (config.data if config else {}).items():
            if config:
                found[source.prefix + key] = (value, config.ref, f"data.{key}")
    for variable in container.env:
        reference = variable.value_from.config_map_key_ref if variable.value_from else None
        if reference is not None:
            config = index.snapshot.get(ConfigMap, namespace, reference.name)
            if config and reference.key in config.data:
                found[variable.name] = (config.data[reference.key], config.ref, f"data.{reference.key}")
        elif variable.value_from is None:
            found[variable.name] = (variable.value, owner, f"env.{variable.name}")
    return found


def mounted_configs(index: Index, namespace: str, spec: PodSpec, container: Container) -> Iterator[ConfigMap]:
    volumes = {volume.name: volume for volume in spec.volumes}
    names = {name for mount in container.volume_mounts for name in _config_maps(volumes.get(mount.name))}
    for name in sorted(names):
        config = index.snapshot.get(ConfigMap, namespace, name)
        if config is not None:
            yield config


def _config_maps(volume: Volume | None) -> Iterable[str]:
    if volume is None:
        return ()
    projected = volume.projected.sources if volume.projected else ()
    return [
        source.name
        for source in (volume.config_map, *(part.config_map for part in projected))
        if source is not None and source.name != "kube-root-ca.crt"
    ]


def jvm_options(index: Index, namespace: str, spec: PodSpec, container: Container) -> Iterator[tuple[str, Ref, str]]:
    """Lines of mounted files of options for a Java virtual machine (`jvm.config`, `jvm.options`): text, ConfigMap and path."""
    for config in mounted_configs(index, namespace, spec, container):
        for key, text in config.data.items():
            if key.startswith("jvm") and "-Xmx" in text:
                yield from ((line.strip(), config.ref, f"data.{key}") for line in text.splitlines())


@once
def _in_configs(index: Index) -> Mapping[Ref, tuple[tuple[Named, str, str, str], ...]]:
    """ConfigMap → (address, path, line, key), read once however many workloads mount it."""
    return {item.ref: tuple(_in_config(item)) for item in index.snapshot.all(ConfigMap)}


def _in_config(config: ConfigMap) -> Iterator[tuple[Named, str, str, str]]:
    for key, text in sorted(config.data.items()):
        if len(text) > 200 and key.endswith((".json", ".crt", ".pem", ".sql")) and "://" not in text:
            continue
        rows = text.splitlines()[:_CONFIG_LINES]
        groups = frozenset(_UPSTREAM.findall(text)) if "upstream" in text else frozenset()
        if len(rows) <= 1:
            for named in in_value(key, text, config.data):
                yield named, f"data.{key}", text.strip(), key
            continue
        for number, row in enumerate(rows, start=1):
            for named in in_setting(row):
                if named.implied and named.host in groups:
                    continue
                yield named, f"data.{key}:{number}", row.strip(), row.strip().partition("=")[0].partition(":")[0]


def resolve(index: Index, host: str, namespace: str) -> Resolved:
    """What a host name means to a pod in the namespace, by the search domains of cluster DNS (`NS.svc.cluster.local`, `svc.cluster.local`, `cluster.local`)."""
    if host.replace(".", "").isdigit():
        return Resolved(_by_cluster_ip(index).get(host), external=True)
    name = host.lower().rstrip(".")
    inside = name.endswith((".svc", f".svc.{_CLUSTER_DOMAIN}"))
    labels = name.removesuffix(f".{_CLUSTER_DOMAIN}").removesuffix(".svc").split(".")
    if len(labels) == 1:
        return Resolved(Ref("Service", namespace, labels[0]), external=inside)
    known = _namespaces(index)
    if inside:
        # Manifests that name no namespace go to this one, unless somebody says otherwise.
        unplaced = not namespace and labels[-1] == "default" and "default" not in known
        return Resolved(Ref("Service", "" if unplaced else labels[-1], labels[-2]))
    if len(labels) == 2 and labels[1] in known:
        return Resolved(Ref("Service", labels[1], labels[0]))
    if len(labels) == 3 and labels[2] in known:
        return Resolved(Ref("Service", labels[2], labels[1]))
    if len(labels) == 2 and (
        index.snapshot.get(Service, namespace, labels[1]) is not None or _is_ordinal(index, namespace, labels[0])
    ):
        return Resolved(Ref("Service", namespace, labels[1]))  # pod-0.headless
    return Resolved(None, external=True)


def _is_ordinal(index: Index, namespace: str, name: str) -> bool:
    """The name of a StatefulSet's pod."""
    owner, _, ordinal = name.rpartition("-")
    return ordinal.isdecimal() and index.snapshot.get(StatefulSet, namespace, owner) is not None


@once
def _by_cluster_ip(index: Index) -> Mapping[str, Ref]:
    return {
        item.spec.cluster_ip: item.ref
        for item in index.snapshot.all(Service)
        if item.spec.cluster_ip not in {"", "None"}
    }


@once
def _namespaces(index: Index) -> frozenset[str]:
    named: Iterable[str] = (item.name for item in index.snapshot.of_kind("Namespace"))
    used = (namespace for group in index.snapshot.objects.values() for namespace, _ in group)
    return frozenset({*named, *used} - {""})
