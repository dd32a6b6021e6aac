"""Sources of volumes. Source: pkg/apis/core/validation (validateVolumeSource and what it calls)."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects.pods import ClaimVolume, ConfigMapVolume, HostPath, KeyToPath, SecretVolume, Volume
from seakeep.twin.admission.rules.words import forbidden, invalid, required, unsupported

# In the order in which they are looked at, by their names as the server writes them.
_SOURCES = {
    "emptyDir": "empty_dir",
    "hostPath": "host_path",
    "gitRepo": "git_repo",
    "gcePersistentDisk": "gce_persistent_disk",
    "awsElasticBlockStore": "aws_elastic_block_store",
    "secret": "secret",
    "nfs": "nfs",
    "iscsi": "iscsi",
    "glusterfs": "glusterfs",
    "persistentVolumeClaim": "persistent_volume_claim",
    "rbd": "rbd",
    "cinder": "cinder",
    "cephFS": "cephfs",
    "downwarAPI": "downward_api",
    "fc": "fc",
    "flexVolume": "flex_volume",
    "configMap": "config_map",
    "azureFile": "azure_file",
    "vsphereVolume": "vsphere_volume",
    "portworxVolume": "portworx_volume",
    "azureDisk": "azure_disk",
    "projected": "projected",
    "scaleIO": "scale_io",
    "csi": "csi",
    "ephemeral": "ephemeral",
    "image": "image",
}
_TYPES = ("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket")


def errors(volume: Volume, path: str) -> Iterator[str]:
    """Of several sources only the first is looked into."""
    given = [name for name, field in _SOURCES.items() if getattr(volume, field) is not None]
    if given:
        yield from _source(volume, given[0], f"{path}.{given[0]}")
    yield from (forbidden(f"{path}.{name}", "may not specify more than 1 volume type") for name in given[1:])


def _source(volume: Volume, name: str, path: str) -> Iterator[str]:
    own = getattr(volume, _SOURCES[name])
    match own:
        case HostPath():
            yield from _host_path(own, path)
        case SecretVolume():
            yield from () if own.secret_name else (required(f"{path}.secretName"),)
            yield from _items(own.items, f"{path}.items")
        case ConfigMapVolume():
            yield from () if own.name else (required(f"{path}.name"),)
            yield from _items(own.items, f"{path}.items")
        case ClaimVolume():
            yield from () if own.claim_name else (required(f"{path}.claimName"),)


def _host_path(own: HostPath, path: str) -> Iterator[str]:
    if not own.path:
        yield required(f"{path}.path")
        return
    yield from _backsteps(own.path, f"{path}.path")
    if own.type not in _TYPES:
        yield unsupported(f"{path}.type", own.type, _TYPES)


def _items(items: tuple[KeyToPath, ...], path: str) -> Iterator[str]:
    for number, item in enumerate(items):
        where = f"{path}[{number}].path"
        if not item.key:
            yield required(f"{path}[{number}].key")
        if not item.path:
            yield required(where)
        if item.path.startswith("/"):
            yield invalid(where, item.path, "must be a relative path")
        yield from _backsteps(item.path, where)
        if item.path.startswith("..") and not item.path.startswith("../"):
            yield invalid(where, item.path, "must not start with '..'")


def _backsteps(own: str, path: str) -> Iterator[str]:
    if ".." in own.split("/"):
        yield invalid(path, own, "must not contain '..'")
