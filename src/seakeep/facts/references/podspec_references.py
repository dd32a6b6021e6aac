"""ConfigMaps, Secrets and keys that a pod cannot start without, as its specification names them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from seakeep.facts.workloads.podstate import containers
from seakeep.model.objects import PodSpec
from seakeep.model.objects.pods import KeyToPath


class Reference(Struct, frozen=True):
    kind: str
    name: str
    key: str
    place: str
    container: str = ""
    """The one that it is an environment variable of; "" for what is mounted."""


def references(spec: PodSpec) -> Iterator[Reference]:
    """What the pod cannot start without. Projected service account tokens' ConfigMap is the cluster's own."""
    for container in containers(spec):
        for source in container.env_from:
            if source.config_map_ref and not source.config_map_ref.optional:
                yield _whole("ConfigMap", source.config_map_ref.name, container.name)
            if source.secret_ref and not source.secret_ref.optional:
                yield _whole("Secret", source.secret_ref.name, container.name)
        for variable in container.env:
            if variable.value_from is None:
                continue
            for kind, selector in (
                ("ConfigMap", variable.value_from.config_map_key_ref),
                ("Secret", variable.value_from.secret_key_ref),
            ):
                if selector and not selector.optional:
                    place = f"env {variable.name} of container {container.name}"
                    yield Reference(kind, selector.name, selector.key, place, container.name)
    for volume in spec.volumes:
        parts = volume.projected.sources if volume.projected else ()
        for config in (volume.config_map, *(part.config_map for part in parts)):
            if config and not config.optional and (config is volume.config_map or config.name != "kube-root-ca.crt"):
                yield from _keys("ConfigMap", config.name, config.items, volume.name)
        for secret in (volume.secret, *(part.secret for part in parts)):
            name = (secret.secret_name or secret.name) if secret else ""
            if secret and name and not secret.optional:
                yield from _keys("Secret", name, secret.items, volume.name)


def _whole(kind: str, name: str, container: str) -> Reference:
    return Reference(kind, name, "", f"envFrom of container {container}", container)


def _keys(kind: str, name: str, items: Iterable[KeyToPath], volume: str) -> Iterator[Reference]:
    """The object, and what of it has to be there."""
    for key in ("", *(item.key for item in items)):
        yield Reference(kind, name, key, f"volume {volume}")
