"""Which ConfigMaps and Secrets anything refers to, by namespace, and which may be read by their kind alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.workloads.podstate import containers
from seakeep.facts.workloads.templates import known_templates
from seakeep.model.objects import (
    ClusterRole,
    Ingress,
    Job,
    PersistentVolume,
    Pod,
    PodSpec,
    ReplicaSet,
    Role,
    ServiceAccount,
    StorageClass,
)

Use = tuple[str, str, str]
_READ = frozenset({"get", "list", "watch", "*"})
_KINDS: Mapping[str, str] = {"configmaps": "ConfigMap", "secrets": "Secret"}
_SECRET_KEYS = frozenset({"secretName", "secretRef", "nodePublishSecretRef"})


@once
def used(index: Index) -> frozenset[Use]:
    """(kind, namespace, name), optional references included; old ReplicaSets may be rolled back to."""
    found: set[Use] = set()
    specs = [(item.ref.namespace, item.spec) for item in known_templates(index)]
    specs += [(pod.namespace, pod.spec) for pod in index.snapshot.all(Pod)]
    specs += [(item.namespace, item.spec.template.spec) for item in index.snapshot.all(ReplicaSet)]
    specs += [(item.namespace, item.spec.template.spec) for item in index.snapshot.all(Job)]
    for namespace, spec in specs:
        found.update((kind, namespace, name) for kind, name in _of_pods(spec))
    for account in index.snapshot.all(ServiceAccount):
        found.update(("Secret", account.namespace, item.name) for item in account.image_pull_secrets)
    for ingress in index.snapshot.all(Ingress):
        found.update(("Secret", ingress.namespace, item.secret_name) for item in ingress.spec.tls)
    return frozenset(found)


def _of_pods(spec: PodSpec) -> Iterator[tuple[str, str]]:
    yield from (("Secret", item.name) for item in spec.image_pull_secrets)
    for container in containers(spec):
        for source in container.env_from:
            if source.config_map_ref:
                yield "ConfigMap", source.config_map_ref.name
            if source.secret_ref:
                yield "Secret", source.secret_ref.name
        for variable in container.env:
            if variable.value_from and variable.value_from.config_map_key_ref:
                yield "ConfigMap", variable.value_from.config_map_key_ref.name
            if variable.value_from and variable.value_from.secret_key_ref:
                yield "Secret", variable.value_from.secret_key_ref.name
    for volume in spec.volumes:
        if volume.config_map:
            yield "ConfigMap", volume.config_map.name
        elif volume.secret:
            yield "Secret", volume.secret.secret_name
        elif volume.projected:
            for part in volume.projected.sources:
                if part.config_map:
                    yield "ConfigMap", part.config_map.name
                if part.secret:
                    yield "Secret", part.secret.name
        elif not volume.empty_dir and not volume.persistent_volume_claim:
            yield from (("Secret", name) for name in _secrets(msgspec.to_builtins(volume)))


def _secrets(value: object, key: str = "") -> Iterator[str]:
    """What drivers' fields name as Secrets."""
    if isinstance(value, Mapping):
        if key in _SECRET_KEYS and isinstance(value.get("name"), str):
            yield value["name"]
        for name, part in value.items():
            yield from _secrets(part, name)
    elif isinstance(value, str) and key in _SECRET_KEYS:
        yield value


@once
def named_configs(index: Index) -> frozenset[str]:
    """Names that rights, storage classes and volumes give, in whatever namespace."""
    found: set[str] = set()
    roles: tuple[Role | ClusterRole, ...] = (*index.snapshot.all(Role), *index.snapshot.all(ClusterRole))
    for role in roles:
        found.update(name for rule in role.rules for name in rule.resource_names)
    for item in index.snapshot.all(StorageClass):
        found.update(item.parameters.values())
    for volume in index.snapshot.all(PersistentVolume):
        for part in (volume.spec.csi or {}).values():
            if isinstance(part, Mapping) and isinstance(part.get("name"), str):
                found.add(part["name"])
    return frozenset(found)


@once
def readable(index: Index) -> frozenset[tuple[str, str]]:
    """(kind, namespace) where a Role lets a program read all of the kind, as those do that look their configuration up themselves."""
    return frozenset(
        (_KINDS[resource], role.namespace)
        for role in index.snapshot.all(Role)
        for rule in role.rules
        if not rule.resource_names and _READ.intersection(rule.verbs)
        for resource in (_KINDS if "*" in rule.resources else _KINDS.keys() & set(rule.resources))
    )
