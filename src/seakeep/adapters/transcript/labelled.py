"""Whose log `kubectl logs -l app=x` shows: without --prefix its lines name nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from seakeep.adapters.transcript.gathered import Gathered, Raw
from seakeep.adapters.transcript.loose_events import UNNAMED

_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job")
# Labels whose value is, by custom, the workload's name.
_NAMING = ("app", "app.kubernetes.io/name", "k8s-app", "name", "component", "job-name", "batch.kubernetes.io/job-name")

# What tells a workload's pods apart.
_SUFFIX = re.compile(r"-\d+$|(?:-[bcdf0-9ghjklmnpqrstvwxz]{6,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}$")


def owner_name(gathered: Gathered, namespace: str, selector: str) -> str:
    """The only pod with these labels, or the workload whose pods have them; else what the selector itself calls it, "" where it says nothing."""
    wanted = dict(equalities(selector))
    if not wanted:
        return ""
    pods = [name for name, raw in gathered.of_kind("Pod", namespace) if _has(_labels(raw), wanted)]
    if len(pods) == 1:
        return pods[0]
    for kind in _WORKLOADS:
        found = [name for name, raw in gathered.of_kind(kind, namespace) if _has(_selected(raw), wanted)]
        if len(found) == 1:
            return found[0]
    return next((wanted[label] for label in _NAMING if label in wanted), "")


def one_of(gathered: Gathered, kind: str, namespace: str, selector: str) -> str:
    """A pod with these labels, to stand for all: the first that is not ready; "" where none was seen. Where labels were not shown, pods whose names begin with what the selector calls the workload."""
    wanted = dict(equalities(selector))
    if kind != "Pod" or not wanted:
        return ""
    pods = gathered.of_kind("Pod", namespace)
    found = [(name, raw) for name, raw in pods if _has(_labels(raw), wanted)]
    if not found:
        called = owner_name(gathered, namespace, selector)
        found = [
            (name, raw)
            for name, raw in pods
            if called and not _labels(raw) and re.match(rf"{re.escape(called)}-", name)
        ]
    return min(found, key=lambda item: (_is_ready(item[1]), item[0]), default=("", {}))[0]


def meant(gathered: Gathered, namespace: str = "", *, spoke: bool = False) -> tuple[str, str]:
    """(namespace, name) of the pod that a text without a name speaks of: the only one that is not well, or the only one at all; else a name that stands for none. `spoke` of a log: a pod that has not begun wrote none."""
    pods = [pod for pod in gathered.everywhere("Pod") if not namespace or pod[0] == namespace]
    unwell = [
        pod
        for pod in pods
        if not _is_ready(pod[2])
        and (pod[2].get("status") or {}).get("phase") != "Succeeded"
        and not (spoke and _has_not_begun(pod[2]))
    ]
    # Replicas ail alike: the first of them stands for all.
    if len({(place, _SUFFIX.sub("", name)) for place, name, _ in unwell}) == 1:
        return unwell[0][0], unwell[0][1]
    if len(pods) == 1 and not (spoke and _has_not_begun(pods[0][2])):
        return pods[0][0], pods[0][1]
    # Where all that was shown is in one place, it is from there too.
    places = {place for place, _, _ in gathered.everywhere("Pod")}
    return namespace or (places.pop() if len(places) == 1 else "default"), UNNAMED


def _has_not_begun(pod: Raw) -> bool:
    status = pod.get("status") or {}
    return status.get("phase") == "Pending" and not status.get("initContainerStatuses")


def _is_ready(pod: Raw) -> bool:
    status = pod.get("status")
    conditions = status.get("conditions") if isinstance(status, Mapping) else None
    return any(item.get("type") == "Ready" and item.get("status") == "True" for item in conditions or ())


def equalities(selector: str) -> Iterator[tuple[str, str]]:
    """The labels that a selector names with their values; what it excludes or lists says no single value."""
    for part in selector.split(","):
        key, equals, value = part.replace("==", "=").partition("=")
        if equals and not key.endswith("!") and "(" not in part:
            yield key.strip(), value.strip()


def _has(labels: Mapping[str, object], wanted: Mapping[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in wanted.items())


def _labels(raw: object) -> Mapping[str, object]:
    metadata = raw.get("metadata") if isinstance(raw, Mapping) else None
    found = metadata.get("labels") if isinstance(metadata, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _selected(raw: Raw) -> Mapping[str, object]:
    """The labels that a workload's pods have: its template's, and those of its selector."""
    spec = raw.get("spec")
    if not isinstance(spec, Mapping):
        return {}
    selector = spec.get("selector")
    chosen = selector.get("matchLabels") if isinstance(selector, Mapping) else None
    return {**_labels(spec.get("template")), **(chosen if isinstance(chosen, Mapping) else {})}
