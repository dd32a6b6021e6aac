"""A plan's changes of objects that Helm keeps, as values of their release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

from seakeep.facts.containers.image_parts import parts_of
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.charts import CHARTS, Chart, Part
from seakeep.facts.owners.keepers import release_of
from seakeep.model.objects import CronJob, KubeObject, Pod, Workload
from seakeep.model.plan import Planned
from seakeep.model.refs import Ref

Release = tuple[str, str]
# What makes a probe another one, not only its timing.
_HANDLERS = frozenset({"httpGet", "tcpSocket", "exec", "grpc"})
_PROBES = frozenset({"livenessProbe", "readinessProbe", "startupProbe"})


class Value(Struct, frozen=True):
    """`path` in the values; `change`, `field` and `why` say which change it stands for. `replaces` where Helm puts a list in the place of a list."""

    path: tuple[str, ...]
    value: Any
    change: Ref
    field: str
    why: str
    replaces: bool = False


class Values(Struct, frozen=True):
    """`charts` with their version and source; `unknown` are fields of changes that no key is known for."""

    release: Release
    charts: tuple[tuple[str, str], ...]
    values: tuple[Value, ...]
    unknown: tuple[tuple[Ref, str], ...]


class _Piece(Struct, frozen=True):
    """One thing that a change sets: `key` as in `Chart.keys`, `container` where it is one's, `text` the path as people write it."""

    key: str
    container: str
    value: Any
    text: str


def values_of(index: Index, changes: Iterable[Planned]) -> Iterator[Values]:
    """By release, in order of its namespace and name. A budget that the plan makes goes with the workload that it is for."""
    found: dict[Release, list[tuple[Planned, KubeObject]]] = {}
    for change in changes:
        item = _keeping(index, change)
        release = release_of(item) if item is not None else None
        if item is not None and release is not None:
            found.setdefault(release, []).append((change, item))
    for release, pairs in sorted(found.items()):
        yield _of_release(index, release, pairs)


def _keeping(index: Index, change: Planned) -> KubeObject | None:
    """The object in the cluster whose release would have to know."""
    item = index.snapshot.find(change.target)
    if item is None and change.target.kind == "PodDisruptionBudget":
        return next((found for reason in change.reasons if (found := index.snapshot.find(reason.object))), None)
    return item


def _of_release(index: Index, release: Release, pairs: Sequence[tuple[Planned, KubeObject]]) -> Values:
    charts: set[tuple[str, str]] = set()
    values: list[Value] = []
    unknown: list[tuple[Ref, str]] = []
    for change, item in pairs:
        why = _why(change)
        place = _place(index, release, item)
        if place is not None:
            charts.add((label_of(item) or place[0].name, place[0].source))
        for piece in _pieces(change):
            value = _value(place, piece, change.target, why)
            if value is None:
                unknown.append((change.target, piece.text))
            else:
                values.append(value)
        unknown += [(change.target, f"without {path}") for path in change.remove]
    return Values(
        release, tuple(sorted(charts)), tuple(sorted(values, key=lambda item: item.path)), tuple(sorted(unknown))
    )


def _why(change: Planned) -> str:
    """The reason where there is one; which of several is about which field is in the plan's text."""
    reasons = change.reasons
    return f"{reasons[0].rule}: {reasons[0].why}" if len(reasons) == 1 else ""


def label_of(item: KubeObject) -> str:
    """`kafka-26.8.5`, from the label that charts put on what they make."""
    return item.labels.get("helm.sh/chart") or item.labels.get("chart", "")


def _place(index: Index, release: Release, item: KubeObject) -> tuple[Chart, Part, tuple[str, ...]] | None:
    """The chart, the part of it, and the path of the chart's values in the release's: an inner chart's stand under its name."""
    if not isinstance(item, Workload):
        return None
    name, version = _named(label_of(item))
    for chart in CHARTS:
        images = [parts_of(each.image).repository for each in item.spec.template.spec.containers]
        if name not in {chart.name, ""} or not any(fnmatchcase(image, chart.image) for image in images):
            continue
        component = item.labels.get("app.kubernetes.io/component") or item.labels.get("app", "")
        part = chart.parts.get(component) or chart.parts.get("")
        outer = _outer(index, release, chart.name) if name else ()
        return (chart, part, outer) if part and outer is not None and _is_since(version, chart.since) else None
    return None


def _named(label: str) -> tuple[str, str]:
    """Name and version: the version starts at the last dash that a digit follows."""
    name, dash, version = label.rpartition("-")
    return (name, version) if dash and version[:1].isdigit() else (label, "")


def _is_since(version: str, least: int) -> bool:
    major = version.partition(".")[0]
    return not least or (major.isdigit() and int(major) >= least)


def _outer(index: Index, release: Release, name: str) -> tuple[str, ...] | None:
    """Under which name the chart stands in the release's values; None where another chart is in the release and nobody says how they belong together."""
    others = _charts(index).get(release, frozenset()) - {name}
    if any(name in chart.inner for chart in CHARTS if chart.name in others):
        return (name,)
    known = {inner for chart in CHARTS if chart.name == name for inner in chart.inner}
    family = all(each in known or each.partition("-")[0] == name.partition("-")[0] for each in others)
    return () if family else None


@once
def _charts(index: Index) -> Mapping[Release, frozenset[str]]:
    """The charts that each release's workloads came from."""
    found: dict[Release, set[str]] = {}
    for kind in ("Deployment", "StatefulSet", "DaemonSet"):
        for item in index.snapshot.of_kind(kind):
            release, name = release_of(item), _named(label_of(item))[0]
            if release is not None and name:
                found.setdefault(release, set()).add(name)
    return {release: frozenset(names) for release, names in found.items()}


def _value(place: tuple[Chart, Part, tuple[str, ...]] | None, piece: _Piece, target: Ref, why: str) -> Value | None:
    if place is None or piece.value is None:
        return None
    chart, part, outer = place
    key = chart.keys.get(piece.key)
    if key is None or (piece.container and not fnmatchcase(piece.container, part.container)):
        return None
    inside = () if key.startswith("/") else tuple(part.prefix.split(".")) if part.prefix else ()
    value = piece.value
    if piece.key == "pdb":
        # Null takes a chart's default away: a budget may have one of the two only.
        value = {chart.keys["pdb.switch"]: True, **dict.fromkeys(("minAvailable", "maxUnavailable")), **value}
    return Value(
        (*outer, *inside, *key.lstrip("/").split(".")), value, target, piece.text, why, isinstance(value, list | tuple)
    )


def _pieces(change: Planned) -> Iterator[_Piece]:
    """What the patch sets, as far down as charts have keys for it."""
    kind, spec = change.target.kind, change.patch.get("spec") or {}
    if kind == "PodDisruptionBudget":
        wanted = {key: spec[key] for key in ("minAvailable", "maxUnavailable") if key in spec}
        yield _Piece("pdb", "", wanted, "spec")
        return
    for key in sorted(change.patch.keys() - {"spec"}):
        yield _Piece("", "", change.patch[key], key)
    if kind in {Pod.__name__, CronJob.__name__} or not isinstance(spec, Mapping):
        yield _Piece("", "", spec, "spec")
    else:
        yield from _of_workload(spec)


def _of_workload(spec: Mapping[str, Any]) -> Iterator[_Piece]:
    for key, value in sorted(spec.items()):
        if key != "template":
            yield _Piece(key, "", value, f"spec.{key}")
    template = spec.get("template") or {}
    for key in sorted(template.keys() - {"spec"}):
        yield _Piece("", "", template[key], f"spec.template.{key}")
    for key, value in sorted((template.get("spec") or {}).items()):
        if key == "containers":
            for container in value:
                yield from _of_container(container)
        else:
            yield _Piece(key, "", value, f"spec.template.spec.{key}")


def _of_container(container: Mapping[str, Any]) -> Iterator[_Piece]:
    name = str(container.get("name", ""))
    for key, value in sorted(container.items()):
        if key == "name":
            continue
        timing = key in _PROBES and isinstance(value, Mapping) and not value.keys() & _HANDLERS
        known = f"{key}.timing" if timing else f"container.{key}" if key == "securityContext" else key
        yield _Piece(known, name, value, f"spec.template.spec.containers[name={name}].{key}")
