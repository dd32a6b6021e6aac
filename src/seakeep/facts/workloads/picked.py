"""Which workloads label selectors pick, by the labels of their templates: pods that do not run now are meant too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from seakeep.facts.index import Index
from seakeep.facts.likeness import is_slip
from seakeep.facts.once import once
from seakeep.facts.selection import Labelled, matches
from seakeep.facts.workloads.podspecs import Judged, judged_templates, shows
from seakeep.model.objects import LabelSelector, Unstructured
from seakeep.model.refs import Ref

_MAKERS = ("Pod", "Deployment", "StatefulSet")
# Groups whose operators make no pods, but for a Gateway's; and kinds that only tell other pods what to do. A Rollout's pods are known.
_ROUTING = frozenset(
    {
        "cert-manager.io",
        "external-secrets.io",
        "gateway.networking.k8s.io",
        "networking.istio.io",
        "security.istio.io",
        "traefik.io",
    }
)
_PODLESS = frozenset(
    {
        "AnalysisTemplate",
        "KafkaTopic",
        "KafkaUser",
        "PodMonitor",
        "PrometheusRule",
        "Rollout",
        "ScaledObject",
        "SealedSecret",
        "ServiceMonitor",
        "TriggerAuthentication",
        "VerticalPodAutoscaler",
    }
)


def picked(index: Index, selectors: Iterable[tuple[Ref, LabelSelector | None]]) -> Mapping[Ref, tuple[Judged, ...]]:
    """By the object that has the selector; an empty one picks all of its namespace, none picks nothing."""
    spaces: dict[str, list[Judged]] = {}
    for entry in judged_templates(index):
        if entry.labels_known:
            spaces.setdefault(entry.ref.namespace, []).append(entry)
    tables = {space: Labelled(entries, lambda entry: entry.labels) for space, entries in spaces.items()}
    found: dict[Ref, tuple[Judged, ...]] = {}
    for ref, selector in selectors:
        entries = spaces.get(ref.namespace)
        if selector is None or not entries:
            found[ref] = ()
            continue
        near = tables[ref.namespace].matching(selector.match_labels) if selector.match_labels else entries
        found[ref] = tuple(entry for entry in near if matches(selector, entry.labels))
    return found


def misspelt(index: Index, space: str, selector: LabelSelector | None) -> bool:
    """Of manifests: one value differs by a slip from a label of a workload that has all the others, so that no operator's pods are meant."""
    wanted = selector.match_labels if selector and not selector.match_expressions else {}
    for entry in judged_templates(index) if index.snapshot.intent_only and wanted else ():
        wrong = [(value, entry.labels.get(key, "")) for key, value in wanted.items() if entry.labels.get(key) != value]
        if entry.ref.namespace == space and len(wrong) == 1 and is_slip(*wrong[0]):
            return True
    return False


def unseen_in(index: Index, space: str) -> str:
    """What the source does not show of the pods of a namespace, "" where it shows all that matters to a selector."""
    if space in _unlabelled(index) or not all(shows(index, kind, space) for kind in _MAKERS):
        return "all pods with their labels"
    return _made_by_operators(index).get(space, "")


@once
def _unlabelled(index: Index) -> frozenset[str]:
    return frozenset(entry.ref.namespace for entry in judged_templates(index) if not entry.labels_known)


@once
def _made_by_operators(index: Index) -> Mapping[str, str]:
    """A custom resource of plain manifests, which an operator may make pods of."""
    if not index.snapshot.intent_only:
        return {}
    items = (item for kind in sorted(index.snapshot.objects) for item in index.snapshot.of_kind(kind))
    return {
        item.namespace: f"the pods that the operator of {item.ref} makes"
        for item in items
        if isinstance(item, Unstructured) and not _makes_no_pods(item)
    }


def _makes_no_pods(item: Unstructured) -> bool:
    group = item.api_version.rpartition("/")[0]
    return (group in _ROUTING and item.kind != "Gateway") or item.kind in _PODLESS
