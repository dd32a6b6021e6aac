"""ConfigMaps, Secrets and keys that a pod cannot start without, as its specification names them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.workloads.podstate import containers
from seakeep.model.objects import PodSpec


class Reference(Struct, frozen=True):
    kind: str
    name: str
    key: str
    place: str


def references(spec: PodSpec) -> Iterator[Reference]:
    """What the pod cannot start without. Projected service account tokens' ConfigMap is the cluster's own."""
    for container in containers(spec):
        for source in container.env_from:
            if source.config_map_ref and not source.config_map_ref.optional:
                yield Reference("ConfigMap", source.config_map_ref.name, "", f"envFrom of container {container.name}")
            if source.secret_ref and not source.secret_ref.optional:
                yield Reference("Secret", source.secret_ref.name, "", f"envFrom of container {container.name}")
        for variable in container.env:
            if variable.value_from is None:
                continue
            for kind, selector in (
                ("ConfigMap", variable.value_from.config_map_key_ref),
                ("Secret", variable.value_from.secret_key_ref),
            ):
                if selector and not selector.optional:
                    yield Reference(
                        kind, selector.name, selector.key, f"env {variable.name} of container {container.name}"
                    )
    for volume in spec.volumes:
        if volume.config_map and not volume.config_map.optional:
            yield Reference("ConfigMap", volume.config_map.name, "", f"volume {volume.name}")
            for item in volume.config_map.items:
                yield Reference("ConfigMap", volume.config_map.name, item.key, f"volume {volume.name}")
        if volume.secret and not volume.secret.optional:
            yield Reference("Secret", volume.secret.secret_name, "", f"volume {volume.name}")
        for part in volume.projected.sources if volume.projected else ():
            if part.config_map and not part.config_map.optional and part.config_map.name != "kube-root-ca.crt":
                yield Reference("ConfigMap", part.config_map.name, "", f"volume {volume.name}")
            if part.secret and not part.secret.optional and part.secret.name:
                yield Reference("Secret", part.secret.name, "", f"volume {volume.name}")
