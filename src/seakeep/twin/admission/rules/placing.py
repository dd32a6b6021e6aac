"""What a pod asks of its place. Source: pkg/apis/core/validation (validateAffinity, ValidateTolerations, validateTopologySpreadConstraints)."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects import PodSpec
from seakeep.model.objects.pods import (
    NodeSelector,
    NodeSelectorTerm,
    PodAffinity,
    PodAffinityTerm,
    Toleration,
    TopologySpread,
)
from seakeep.twin.admission import forms
from seakeep.twin.admission.rules import label_selectors
from seakeep.twin.admission.rules.words import duplicate, forbidden, invalid, required, unsupported

_WHEN = ("DoNotSchedule", "ScheduleAnyway")
_MOST_WEIGHT = 100
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_WEIGHTS = "must be in the range 1-100"
_REQUIRED, _PREFERRED = (
    "requiredDuringSchedulingIgnoredDuringExecution",
    "preferredDuringSchedulingIgnoredDuringExecution",
)


def affinity(spec: PodSpec, path: str) -> Iterator[str]:
    found = spec.affinity
    if found is None:
        return
    if found.node_affinity is not None:
        own, where = found.node_affinity, f"{path}.affinity.nodeAffinity"
        if own.required_during_scheduling_ignored_during_execution is not None:
            yield from _node_selector(own.required_during_scheduling_ignored_during_execution, f"{where}.{_REQUIRED}")
        for number, item in enumerate(own.preferred_during_scheduling_ignored_during_execution or ()):
            at = f"{where}.{_PREFERRED}[{number}]"
            if not 1 <= item.weight <= _MOST_WEIGHT:
                yield invalid(f"{at}.weight", item.weight, _WEIGHTS)
            yield from _node_term(item.preference, f"{at}.preference")
    for kind, pods in (("podAffinity", found.pod_affinity), ("podAntiAffinity", found.pod_anti_affinity)):
        if pods is not None:
            yield from _pods(pods, f"{path}.affinity.{kind}")


def _node_selector(item: NodeSelector, path: str) -> Iterator[str]:
    if not item.node_selector_terms:
        yield required(f"{path}.nodeSelectorTerms", "must have at least one node selector term")
    for number, term in enumerate(item.node_selector_terms):
        yield from _node_term(term, f"{path}.nodeSelectorTerms[{number}]")


def _node_term(term: NodeSelectorTerm, path: str) -> Iterator[str]:
    for number, item in enumerate(term.match_expressions):
        where = f"{path}.matchExpressions[{number}]"
        match item.operator:
            case "In" | "NotIn":
                if not item.values:
                    yield required(f"{where}.values", "must be specified when `operator` is 'In' or 'NotIn'")
            case "Exists" | "DoesNotExist":
                if item.values:
                    why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
                    yield forbidden(f"{where}.values", why)
            case "Gt" | "Lt":
                if len(item.values) != 1:
                    why = "must be specified single value when `operator` is 'Lt' or 'Gt'"
                    yield required(f"{where}.values", why)
            case _:
                yield invalid(f"{where}.operator", item.operator, "not a valid selector operator")
        yield from (invalid(f"{where}.key", item.key, word) for word in forms.label_key(item.key))


def _pods(item: PodAffinity, path: str) -> Iterator[str]:
    for number, term in enumerate(item.required_during_scheduling_ignored_during_execution):
        yield from _pod_term(term, f"{path}.{_REQUIRED}[{number}]")
    for number, weighted in enumerate(item.preferred_during_scheduling_ignored_during_execution):
        where = f"{path}.{_PREFERRED}[{number}]"
        if not 1 <= weighted.weight <= _MOST_WEIGHT:
            yield invalid(f"{where}.weight", weighted.weight, _WEIGHTS)
        yield from _pod_term(weighted.pod_affinity_term, f"{where}.podAffinityTerm")


def _pod_term(term: PodAffinityTerm, path: str) -> Iterator[str]:
    yield from label_selectors.errors(term.label_selector, f"{path}.labelSelector")
    yield from label_selectors.errors(term.namespace_selector, f"{path}.namespaceSelector")
    for name in term.namespaces:
        yield from (invalid(f"{path}.namespace", name, word) for word in forms.label(name))
    if not term.topology_key:
        yield required(f"{path}.topologyKey", "can not be empty")
    yield from (invalid(f"{path}.topologyKey", term.topology_key, word) for word in forms.label_key(term.topology_key))


def spread(spec: PodSpec, path: str) -> Iterator[str]:
    found = spec.topology_spread_constraints
    for number, item in enumerate(found):
        where = f"{path}.topologySpreadConstraints[{number}]"
        if item.max_skew <= 0:
            yield invalid(f"{where}.maxSkew", item.max_skew, "must be greater than zero")
        if not item.topology_key:
            yield required(f"{where}.topologyKey", "can not be empty")
        if item.when_unsatisfiable not in _WHEN:
            yield unsupported(f"{where}.whenUnsatisfiable", item.when_unsatisfiable, _WHEN)
        own = (item.topology_key, item.when_unsatisfiable)
        if own in {(each.topology_key, each.when_unsatisfiable) for each in found[number + 1 :]}:
            yield duplicate(f"{where}.{{topologyKey, whenUnsatisfiable}}", f"{{{', '.join(own)}}}")
        yield from _domains(item, f"{where}.minDomains")
        yield from label_selectors.errors(item.label_selector, f"{where}.labelSelector")


def _domains(item: TopologySpread, path: str) -> Iterator[str]:
    least, when = item.min_domains, item.when_unsatisfiable
    if least is not None and least <= 0:
        yield invalid(path, least, "must be greater than zero")
    if least is not None and when != "DoNotSchedule":
        yield invalid(path, least, f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {when}")


def tolerations(spec: PodSpec, path: str) -> Iterator[str]:
    for number, item in enumerate(spec.tolerations):
        yield from _toleration(item, f"{path}.tolerations[{number}]")


def _toleration(item: Toleration, path: str) -> Iterator[str]:
    if item.key:
        yield from (invalid(f"{path}.key", item.key, word) for word in forms.label_key(item.key))
    elif item.operator != "Exists":
        why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
        yield invalid(f"{path}.operator", item.operator, why)
    if item.toleration_seconds is not None and item.effect != "NoExecute":
        yield invalid(f"{path}.effect", item.effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")
    if item.operator in {"Equal", ""}:
        if words := ";".join(forms.label_value(item.value)):
            yield invalid(f"{path}.operator", item.value, words)
    elif item.operator == "Exists" and item.value:
        yield invalid(f"{path}.operator", item.value, "value must be empty when `operator` is 'Exists'")
    elif item.operator not in {"Exists", "Gt", "Lt"}:
        yield unsupported(f"{path}.operator", item.operator, ("Equal", "Exists"))
    if item.effect and item.effect not in _EFFECTS:
        yield unsupported(f"{path}.effect", item.effect, _EFFECTS)
