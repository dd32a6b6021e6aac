"""Files that a container of manifests is told to read where nothing is mounted, while one of that name is mounted beside."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.likeness import near
from seakeep.facts.workloads.planned import planned_parts
from seakeep.facts.workloads.templates import Template
from seakeep.model.objects import ConfigMap, Container
from seakeep.model.pattern import late

_PATH = late(r"(?<![\w./:-])/(?:[\w.-]+/)+[\w.-]+(?![\w/-])")


class MistakenPath(Struct, frozen=True):
    """`path` is what an argument of container `container` says, `there` where ConfigMap `config` has the file."""

    template: Template
    container: str
    path: str
    there: str
    config: str


def mistaken_paths(index: Index) -> Iterator[MistakenPath]:
    for template in planned_parts(index):
        if not any(volume.config_map for volume in template.spec.volumes):
            continue
        for container in template.spec.containers:
            files = dict(_files(index, template, container))
            alone = {mount.mount_path.rstrip("/") for mount in container.volume_mounts if mount.sub_path}
            told = " ".join((*container.command, *container.args))
            # Who names the folder may copy what is in it.
            if any((path if path in alone else path.rpartition("/")[0]) in told for path in files):
                continue
            places = [mount.mount_path.rstrip("/") for mount in container.volume_mounts]
            for path in dict.fromkeys(_PATH.findall(told)):
                if any(path == place or path.startswith(f"{place}/") for place in places):
                    continue
                meant = [there for there in files if _is_slip_of(path, there)]
                if len(meant) == 1:
                    yield MistakenPath(template, container.name, path, meant[0], files[meant[0]])


def _files(index: Index, template: Template, container: Container) -> Iterator[tuple[str, str]]:
    """Path → the ConfigMap that is mounted there, as a folder or as one file."""
    configs = {volume.name: volume.config_map for volume in template.spec.volumes if volume.config_map}
    for mount in container.volume_mounts:
        source = configs.get(mount.name)
        item = index.snapshot.get(ConfigMap, template.ref.namespace, source.name) if source else None
        if source is None or item is None:
            continue
        if mount.sub_path:
            yield mount.mount_path.rstrip("/"), item.name
            continue
        names = [part.path for part in source.items] or [*item.data, *item.binary_data]
        yield from ((f"{mount.mount_path.rstrip('/')}/{name}", item.name) for name in names)


def _is_slip_of(path: str, there: str) -> bool:
    """The same but for one folder: one whose names are alike (`conf` and `config`), or one more that is called like the file (`/etc/loki/loki.yaml`)."""
    mine, theirs = path.split("/"), there.split("/")
    if mine[-1] != theirs[-1]:
        return False
    if len(mine) == len(theirs) + 1 and mine[:-2] == theirs[:-1]:
        return mine[-2] == mine[-1].partition(".")[0]
    if len(mine) != len(theirs):
        return False
    pairs = [(one, two) for one, two in zip(mine, theirs, strict=True) if one != two]
    return len(pairs) == 1 and near(*pairs[0])
