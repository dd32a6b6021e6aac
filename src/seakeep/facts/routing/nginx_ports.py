"""Where nginx is told to listen: read from the ConfigMaps that are mounted over the whole of its configuration."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.facts.containers.image_parts import parts_of
from seakeep.facts.index import Index
from seakeep.model.objects import ConfigMap, Container, PodSpec
from seakeep.model.pattern import late
from seakeep.model.snapshot import Depth

_IMAGES = frozenset({"nginx", "nginx-unprivileged", "openresty", "angie", "freenginx"})
_MAIN, _SITES = "/etc/nginx/nginx.conf", "/etc/nginx/conf.d/"
# The only site that the image itself brings.
_OWN_SITE = f"{_SITES}default.conf"
_COMMENT = late(r"#[^\n]*")
_SERVER = late(r"\bserver\s*\{")
_LISTEN = late(r"(?:^|[;{\s])listen\s+(?P<where>[^;]+);")
_PORT = late(r"(?:(?:[\w.*-]+|\[[^\]]*\]):)?(?P<port>\d{1,5})")
_INCLUDE = late(r"(?:^|[;{\s])include\s+(?P<path>[^;\s]+)\s*;")
_NO_SITES = late(r".*(?:mime\.types|_params|modules[\w./*-]*\.conf)")


def nginx_ports(index: Index, namespace: str, spec: PodSpec, container: Container) -> frozenset[int]:
    """Empty where any of it was not shown, or a variable decides."""
    if parts_of(container.image).repository.rpartition("/")[2] not in _IMAGES or container.command or container.args:
        return frozenset()
    files = dict(_files(index, namespace, spec, container))
    whole = _SITES in files or _OWN_SITE in files
    included = [match["path"] for match in _INCLUDE.finditer(_COMMENT.sub("", files.get(_MAIN, "")))]
    others = [path for path in included if not _NO_SITES.fullmatch(path)]
    if any(_under(path) != f"{_SITES}*.conf" for path in others) or (not whole and (others or _MAIN not in files)):
        return frozenset()
    read = [text for path, text in files.items() if path == _MAIN or path.endswith(".conf")]
    return _listening([_COMMENT.sub("", text) for text in read])


def _under(path: str) -> str:
    return path if path.startswith("/") else f"/etc/nginx/{path}"


def _files(index: Index, namespace: str, spec: PodSpec, container: Container) -> Iterator[tuple[str, str]]:
    """Path and text of what is mounted; of a folder that is mounted whole its own path too."""
    volumes = {volume.name: volume for volume in spec.volumes}
    for mount in container.volume_mounts:
        volume, place = volumes.get(mount.name), mount.mount_path.rstrip("/")
        if not _MAIN.startswith(place) and not f"{place}/".startswith(_SITES):
            continue
        source = volume.config_map if volume else None
        config = index.snapshot.get(ConfigMap, namespace, source.name) if source else None
        if source is None or config is None or index.snapshot.depth(config.ref) < Depth.DESCRIBED:
            yield f"{place}.conf", "server { listen unknown; }"
            continue
        names = {item.path: item.key for item in source.items} or {key: key for key in config.data}
        if mount.sub_path:
            yield place, config.data.get(names.get(mount.sub_path, ""), "")
            continue
        if f"{place}/" == _SITES:
            yield _SITES, ""
        yield from ((f"{place}/{path}", config.data.get(key, "")) for path, key in names.items())


def _listening(texts: list[str]) -> frozenset[int]:
    """Of all servers, each of which says where."""
    found: set[int] = set()
    for server in (part for text in texts for part in _SERVER.split(text)[1:]):
        told = [match["where"].split()[0] for match in _LISTEN.finditer(server)]
        ports = [match for where in told if (match := _PORT.fullmatch(where))]
        if not told or len(ports) < len(told):
            return frozenset()
        found |= {int(match["port"]) for match in ports}
    return frozenset(found)
