"""Partial views of objects, put together: a row, a description and a manifest of one object complement one another."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.transcript.told_states import is_lasting, told
from seakeep.model.objects import CLUSTER_SCOPED
from seakeep.model.snapshot import Depth

Raw = dict[str, Any]
# A ReplicaSet's hash and a pod's suffix, in the alphabet of `k8s.io/apimachinery/pkg/util/rand`.
_GENERATED = re.compile(r"-[bcdf0-9ghjklmnpqrstvwxz]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$")
_MADE = re.compile(r"^(?:Created pod: |create Pod )(?P<pod>[a-z0-9][\w.-]*)")
_DELETED = re.compile(r"^(?:Deleted pod: |delete Pod )(?P<pod>[a-z0-9][\w.-]*)")
_ORDINAL = re.compile(r"-\d+$")
# An item that is known by its place only.
_PLACE = re.compile(r"#\d+")

# What controllers put behind their own name (`k8s.io/apimachinery/pkg/util/rand`).
_BEHIND = {"Deployment": r"-[bcdf0-9ghjklmnpqrstvwxz]{6,10}-[a-z0-9]{5}", "StatefulSet": r"-\d+"}


class Gathered:
    """Raw objects in API form by kind, namespace and name."""

    def __init__(self) -> None:
        self._raw: dict[tuple[str, str, str], Raw] = {}
        self._depth: dict[tuple[str, str, str], Depth] = {}
        # Rows that stood without a command: their namespace was not shown.
        self._loose: set[tuple[str, str, str]] = set()

    def add(self, raw: Raw, depth: Depth, *, loose: bool = False) -> None:
        """The deeper view wins field by field; of two equally deep ones the later. `loose` of a row whose namespace nothing told."""
        metadata = raw.get("metadata")
        kind = raw.get("kind")
        if (
            not isinstance(metadata, Mapping)
            or not isinstance(kind, str)
            or not isinstance(metadata.get("name"), str)
            or not metadata["name"]
        ):
            return
        namespace = "" if kind in CLUSTER_SCOPED else str(metadata.get("namespace") or "default")
        raw = {**raw, "metadata": {**metadata, "namespace": namespace}}
        key = (kind, namespace, metadata["name"])
        known = self._raw.get(key)
        if loose and namespace:
            self._loose.add(key)
        else:
            self._loose.discard(key)
        if known is None:
            self._raw[key], self._depth[key] = raw, depth
            return
        newer = depth >= self._depth[key]
        self._raw[key] = _merged(known, raw) if newer else _merged(raw, known)
        self._depth[key] = max(depth, self._depth[key])

    def into(self, assembly: Assembly) -> None:
        self._settle()
        self._appear(assembly)
        self._place()
        self._own()
        self._fill()
        self._mount()
        self._tell(assembly.taken_at)
        for key in sorted(self._raw):
            if key[0] == "Pod" and self._depth[key] <= Depth.TABLE:
                _assume(self._raw[key])
            assembly.add_raw(self._raw[key], self._depth[key])

    def _settle(self) -> None:
        """Rows without a command belong where everything else that was shown does, if that is one namespace; an event where the object is that it is about."""
        placed = [key for key in self._raw if key[1] and key not in self._loose and key[0] != "Event"]
        homes = {key[1] for key in placed}
        for key in sorted(self._loose):
            about = self._raw[key].get("involvedObject") if key[0] == "Event" else None
            of = (str(about.get("kind")), str(about.get("name"))) if isinstance(about, dict) else key[::2]
            own = {other[1] for other in placed if other[::2] == of}
            found = own if len(own) == 1 else homes
            if len(found) != 1:
                continue
            (home,) = found
            row, depth = self._raw.pop(key), self._depth.pop(key)
            if isinstance(about, dict) and about.get("namespace"):
                row = {**row, "involvedObject": {**about, "namespace": home}}
            self.add({**row, "metadata": {**row["metadata"], "namespace": home}}, depth)

    def _fill(self) -> None:
        """A pod that was only listed, and is not well, was made from its workload's template, as far as that was shown."""
        for key, raw in self._raw.items():
            spec = raw.get("spec") or {}
            if key[0] != "Pod" or self._depth[key] > Depth.TABLE or spec.get("containers") or _is_ready(raw):
                continue
            for kind in ("Deployment", "StatefulSet", "DaemonSet"):
                for name, workload in self.of_kind(kind, key[1]):
                    template = ((workload.get("spec") or {}).get("template") or {}).get("spec") or {}
                    if template.get("containers") and is_of(key[2], kind, name):
                        raw["spec"] = {**spec, "containers": copy.deepcopy(template["containers"])}

    def _own(self) -> None:
        """A controller's own event tells which pods it made: `Created pod: web-x2x7k`."""
        for event in [raw for key, raw in self._raw.items() if key[0] == "Event"]:
            made = _MADE.search(str(event.get("message", "")))
            about = event.get("involvedObject")
            if event.get("reason") != "SuccessfulCreate" or not made or not isinstance(about, dict):
                continue
            namespace = str(event["metadata"].get("namespace"))
            pod = self._raw.get(("Pod", namespace, made["pod"]))
            if pod is not None and not pod["metadata"].get("ownerReferences"):
                owner = {"kind": about.get("kind"), "name": about.get("name"), "controller": True}
                pod["metadata"] = {**pod["metadata"], "ownerReferences": [owner]}

    def _place(self) -> None:
        """A recorder may list with another namespace than it describes: no two pods share a generated name, so the row is of the pod whose own output names its namespace."""
        deep = {key for key, depth in self._depth.items() if depth >= Depth.DESCRIBED}
        for key in [key for key in self._raw if key not in deep and key[0] == "Pod" and _GENERATED.search(key[2])]:
            twins = [other for other in deep if other[0] == key[0] and other[2] == key[2]]
            if len(twins) == 1:
                row = self._raw.pop(key)
                del self._depth[key]
                self._raw[twins[0]] = _merged({**row, "metadata": {}}, self._raw[twins[0]])

    def _appear(self, assembly: Assembly) -> None:
        """Pods that only events are about, where no pod of the namespace was listed: those that were unwell to the last, unless they were deleted."""
        shown = {key[1] for key in self._raw if key[0] == "Pod" and self._depth[key] > Depth.NAMED}
        deleted = {
            (str(raw["metadata"].get("namespace")), match["pod"])
            for key, raw in self._raw.items()
            if key[0] == "Event" and (match := _DELETED.match(str(raw.get("message", ""))))
        }
        for key, events in self._events().items():
            kind, namespace, name = key
            if kind != "Pod" or key in self._raw or namespace in shown or (namespace, name) in deleted:
                continue
            if not assembly.is_listed(kind, namespace) and is_lasting(events, assembly.taken_at):
                self.add({"kind": kind, "metadata": {"name": name, "namespace": namespace}}, Depth.NAMED)

    def _events(self) -> dict[tuple[str, str, str], list[Raw]]:
        """By what they are about."""
        about: dict[tuple[str, str, str], list[Raw]] = {}
        for key, event in self._raw.items():
            of = event.get("involvedObject")
            if key[0] == "Event" and isinstance(of, dict):
                about.setdefault((str(of.get("kind")), str(of.get("namespace")), str(of.get("name"))), []).append(event)
        return about

    def _tell(self, now: datetime | None) -> None:
        """What was shown no more of than events is as these say; and older than the first of them, whatever a row said that was printed before."""
        for key, events in self._events().items():
            raw = self._raw.get(key)
            if raw is None or self._depth[key] > Depth.TABLE:
                continue
            if (not _has_state(raw) or _is_creating(raw)) and (found := told(key[0], events, now)):
                older, newer = (raw, found) if _is_creating(raw) else (found, raw)
                self._raw[key], self._depth[key] = _merged(older, newer), Depth.TABLE
            born = raw["metadata"].get("creationTimestamp")
            first = min((str(event["lastTimestamp"]) for event in events if event.get("lastTimestamp")), default="")
            # Ages of one text have one zone; a date has its own.
            if born and first and first[-6:] == str(born)[-6:] and first < str(born):
                raw["metadata"]["creationTimestamp"] = first

    def _mount(self) -> None:
        """A set's claims carry its pods' names (`data-web-0` of `web-0`; operators also name one like the pod): of a pod whose volumes were not seen, that tells its claims."""
        bare = {
            key
            for key, raw in self._raw.items()
            if key[0] == "Pod" and self._depth[key] <= Depth.TABLE and _ORDINAL.search(key[2]) and not _claims(raw)
        }
        for kind, namespace, claim in sorted(self._raw):
            if kind != "PersistentVolumeClaim":
                continue
            named = [key for key in bare if key[1] == namespace and f"-{claim}".endswith(f"-{key[2]}")]
            for key in sorted(named, key=lambda key: len(key[2]))[-1:]:
                volume = {"name": claim, "persistentVolumeClaim": {"claimName": claim}}
                self._raw[key] = _merged(self._raw[key], {"spec": {"volumes": [*_volumes(self._raw[key]), volume]}})

    def of_kind(self, kind: str, namespace: str) -> list[tuple[str, Raw]]:
        """(name, raw), sorted."""
        return [(key[2], self._raw[key]) for key in sorted(self._raw) if key[:2] == (kind, namespace)]

    def everywhere(self, kind: str) -> list[tuple[str, str, Raw]]:
        """(namespace, name, raw), sorted."""
        return [(key[1], key[2], self._raw[key]) for key in sorted(self._raw) if key[0] == kind]


def is_of(pod: str, kind: str, workload: str) -> bool:
    """Whether a pod has the name that this workload gives."""
    return bool(re.fullmatch(re.escape(workload) + _BEHIND.get(kind, r"-[a-z0-9]{5}"), pod))


def _has_state(pod: Raw) -> bool:
    status = pod.get("status") or {}
    return bool(status.get("phase") or status.get("containerStatuses") or status.get("initContainerStatuses"))


def _is_creating(pod: Raw) -> bool:
    """A row that was printed before the kubelet had said why."""
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    waiting = [((item.get("state") or {}).get("waiting") or {}).get("reason") for item in statuses]
    return bool(waiting) and set(waiting) <= {"ContainerCreating", "PodInitializing"}


def _is_ready(pod: Raw) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(item.get("type") == "Ready" and item.get("status") == "True" for item in conditions)


def _volumes(pod: Raw) -> list[Any]:
    found = (pod.get("spec") or {}).get("volumes")
    return found if isinstance(found, list) else []


def _claims(pod: Raw) -> bool:
    return any(isinstance(item, dict) and "persistentVolumeClaim" in item for item in _volumes(pod))


def _assume(pod: Raw) -> None:
    """Of a pod that was seen in parts: a container that runs is ready unless something says that it is not, and a pod whose containers were started runs."""
    status = pod.get("status")
    if not isinstance(status, dict):
        return
    for item in status.get("conditions") or ():
        # Only a pod that has no place has a message there.
        if item.get("type") == "PodScheduled" and item.get("message") and not item.get("status"):
            item |= {"status": "False", "reason": item.get("reason") or "Unschedulable"}
    statuses = [item for item in status.get("containerStatuses") or () if isinstance(item, dict)]
    spec = pod.get("spec")
    names = [item.get("name") for item in (spec.get("containers") or () if isinstance(spec, dict) else ())]
    if len(names) == len(statuses) == 1 and _PLACE.fullmatch(str(statuses[0].get("name"))):
        statuses[0]["name"] = names[0]
    for item in statuses:
        if item.get("ready") is None:
            item["ready"] = isinstance(item.get("state"), dict) and "running" in item["state"]
    if statuses and not status.get("phase"):
        status["phase"] = "Running"


def _merged(base: Raw, over: Raw) -> Raw:
    """Maps merge, and lists of which one does not know its items' names; everything else of `over` replaces. None and empty text never replace something."""
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            merged[key] = _merged(old, value)
        elif isinstance(old, list) and isinstance(value, list) and (together := _paired(key, old, value)) is not None:
            merged[key] = together
        elif value not in (None, "") or old is None:
            merged[key] = value
    return merged


def _paired(key: str, old: list[Any], new: list[Any]) -> list[Any] | None:
    """Containers by their place where a partial view calls them `#0`, `#1`; conditions by their type. None where the new list simply replaces the old one."""
    if not all(isinstance(item, dict) for item in (*old, *new)) or not old:
        return None
    if key == "conditions" and min(len(old), len(new)) == 1:
        fresh = {item.get("type"): item for item in new}
        kept = [_merged(item, fresh.pop(item.get("type"), {})) for item in old]
        return [*kept, *fresh.values()]
    if not any(_PLACE.fullmatch(str(item.get("name"))) for item in (*old, *new)):
        return None
    found = []
    for number in range(max(len(old), len(new))):
        pair = [group[number] for group in (old, new) if number < len(group)]
        both = _merged(pair[0], pair[-1])
        named = [item["name"] for item in pair if not _PLACE.fullmatch(str(item.get("name"))) and item.get("name")]
        found.append({**both, "name": named[-1]} if named else both)
    return found
