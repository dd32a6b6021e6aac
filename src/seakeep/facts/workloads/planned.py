"""Workloads as plain manifests plan them: nothing runs, so specifications are judged against each other.

What a set of manifests does not hold may be created elsewhere (Helm, an operator, another repository): absent there is unknown, unless the set itself says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.likeness import abbreviates, is_slip, leaves_out_a_word, near
from seakeep.facts.once import once
from seakeep.facts.references.made_secrets import made_secrets
from seakeep.facts.workloads.planned_parts import parts_within
from seakeep.facts.workloads.templates import Template, known_templates
from seakeep.model.confidence import LIKELY, POSSIBLE
from seakeep.model.objects import PodSpec, StatefulSet
from seakeep.model.objects.base import Quantities

# So many references of a kind that lead somewhere make a set of manifests look whole. Secrets are made elsewhere, as a rule; ConfigMaps often (generators, operators).
_WHOLE = {"ConfigMap": 2, "ServiceAccount": 1, "PriorityClass": 1, "PersistentVolumeClaim": 1}


# Of no use to anybody but the pods that name them.
_MADE_TO_BE_NAMED = frozenset({"AnalysisTemplate", "ServiceAccount", "PriorityClass", "PersistentVolumeClaim"})


@once
def planned(index: Index) -> tuple[Template, ...]:
    """Every workload that is to run. Empty where the source shows a cluster: there its state and the API server's own words decide."""
    if not index.snapshot.intent_only:
        return ()
    return tuple(item for item in known_templates(index) if item.spec_known and item.wanted != 0)


@once
def planned_parts(index: Index) -> tuple[Template, ...]:
    """Those, and the pod templates inside custom resources: for questions on what a template says, not on what it leaves out."""
    return (*planned(index), *parts_within(index))


def copies(item: Template) -> int:
    """Pods at least: a DaemonSet has one per node, which manifests do not tell."""
    return item.wanted if item.wanted is not None else 1


def own_claims(item: Template) -> frozenset[str]:
    """Volumes that a StatefulSet makes claims for by itself."""
    if not isinstance(item.item, StatefulSet):
        return frozenset()
    return frozenset(claim.name for claim in item.item.spec.volume_claim_templates)


class Lack(Struct, frozen=True):
    """How surely a thing that manifests refer to is missing, and the name that was meant, where one shows itself."""

    confidence: float
    meant: str = ""
    place: str = ""  # the namespace that has one of the very name
    shared: bool = False  # others name the one that was meant, too


def same_place(one: str, two: str) -> bool:
    """Manifests without a namespace go wherever they are applied to."""
    return one == two or not one or not two


def names_of(index: Index, kind: str, namespace: str) -> frozenset[str]:
    """With those that custom resources have made."""
    made = made_secrets(index) if kind == "Secret" else ()
    there = (*((item.namespace, item.name) for item in index.snapshot.of_kind(kind)), *made)
    return frozenset(name for place, name in there if same_place(place, namespace))


def lacks(index: Index, kind: str, wanted: Mapping[str, Iterable[str]]) -> Mapping[tuple[str, str], Lack]:
    """(namespace, name) → Lack, of the names wanted per namespace.

    A name that differs by a slip from one that nobody uses was mistyped; one that goes on where that ends, or the other way round, probably. A name that is the only one to lead nowhere, where others of the kind are found, is suspect.
    So is one beside a ConfigMap of its own release, and a lone one where a lone account or claim is left that nobody names. All else may be made elsewhere.
    """
    found: dict[tuple[str, str], Lack] = {}
    for namespace, names in sorted(wanted.items()):
        asked, there = frozenset(names), names_of(index, kind, namespace)
        missing = sorted(asked - there)
        for name in missing:
            slips = sorted(other for other in there - asked if is_slip(name, other) or abbreviates(name, other))
            alike = sorted(other for other in there - asked if near(name, other) or leaves_out_a_word(name, other))
            if slips:
                found[namespace, name] = Lack(LIKELY, slips[0])
            elif place := _abroad(index, kind, namespace, name, wanted):
                # Many tools copy Secrets, and what they are told by is not kept of those.
                found[namespace, name] = Lack(POSSIBLE if kind == "Secret" else LIKELY, "", place)
            elif len(missing) == len(alike) == 1:
                found[namespace, name] = Lack(POSSIBLE, alike[0])
            elif (len(missing) == 1 and len(asked & there) >= _WHOLE.get(kind, len(asked))) or (
                len(missing) == 1 and kind == "ConfigMap" and any(_are_kin(name, other) for other in asked & there)
            ):
                found[namespace, name] = Lack(POSSIBLE)
            elif len(missing) == len(there - asked) == 1 and kind in _MADE_TO_BE_NAMED:
                found[namespace, name] = Lack(POSSIBLE, min(there - asked))
    return found


def _abroad(index: Index, kind: str, namespace: str, name: str, wanted: Mapping[str, Iterable[str]]) -> str:
    """The only other namespace that has one of that name, of no use to anybody there; what a tool is told to copy bears annotations."""
    places = [
        item.namespace
        for item in index.snapshot.of_kind(kind)
        if item.name == name and item.namespace not in {"", namespace} and not item.metadata.annotations
    ]
    return places[0] if namespace and len(places) == 1 and name not in wanted.get(places[0], ()) else ""


def _are_kin(one: str, two: str) -> bool:
    """Names of one release: the same words before the last (`shop-web-env`, `shop-web-config`), so whoever made the one makes the other."""
    mine, theirs = one.rpartition("-")[0], two.rpartition("-")[0]
    return mine == theirs and "-" in mine


def unset(spec: PodSpec, resource: str, defaults: Quantities) -> tuple[str, ...]:
    """The containers that leave `requests.memory` and the like open; a limit stands in for a request."""
    part, _, name = resource.partition(".")
    return tuple(
        container.name
        for container in spec.containers
        if name not in (container.resources.limits if part == "limits" else container.resources.requests)
        and name not in container.resources.limits
        and name not in defaults
    )
