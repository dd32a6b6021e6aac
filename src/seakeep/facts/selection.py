"""Label, field and node selectors (apimachinery `labels`, component-helpers `nodeaffinity`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.model.objects import LabelSelector, Node, Pod, Requirement
from seakeep.model.objects.pods import NodeSelectorTerm

T = TypeVar("T")


def satisfies(requirement: Requirement, labels: Mapping[str, str]) -> bool:
    """One expression on a set of labels. An unknown operator, or a Gt/Lt on something that is no integer, matches nothing."""
    present = requirement.key in labels
    match requirement.operator:
        case "In":
            return present and labels[requirement.key] in requirement.values
        case "NotIn":
            return not present or labels[requirement.key] not in requirement.values
        case "Exists":
            return present
        case "DoesNotExist":
            return not present
        case "Gt" | "Lt":
            try:
                left, right = int(labels[requirement.key]), int(requirement.values[0])
            except (KeyError, IndexError, ValueError):
                return False
            return left > right if requirement.operator == "Gt" else left < right
    return False


def matches(selector: LabelSelector | None, labels: Mapping[str, str]) -> bool:
    """A null selector matches nothing, an empty one everything."""
    if selector is None:
        return False
    return all(labels.get(key) == value for key, value in selector.match_labels.items()) and all(
        satisfies(requirement, labels) for requirement in selector.match_expressions
    )


def matches_map(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """A Service's selector: an empty one selects nothing."""
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def matches_node_term(term: NodeSelectorTerm, node: Node) -> bool:
    """Expressions and fields of one term must all hold; a term with neither matches no node."""
    if not term.match_expressions and not term.match_fields:
        return False
    return all(satisfies(requirement, node.labels) for requirement in term.match_expressions) and all(
        satisfies(requirement, {"metadata.name": node.name}) for requirement in term.match_fields
    )


def matches_node_selector(terms: Sequence[NodeSelectorTerm], node: Node) -> bool:
    """Terms are alternatives."""
    return any(matches_node_term(term, node) for term in terms)


class Labelled(Generic[T]):
    """Things with labels, in look-up form: a namespace may have thousands of both pods and Services."""

    def __init__(self, items: Sequence[T], labels: Callable[[T], Mapping[str, str]]) -> None:
        self._items, self._labels = items, labels
        self._tables: dict[str, dict[str, list[T]]] = {}

    def matching(self, selector: Mapping[str, str]) -> list[T]:
        """In the order of the items; none for an empty selector."""
        if not selector:
            return []
        if len(selector) == 1:
            ((key, value),) = selector.items()
            return list(self._table(key).get(value, ()))
        candidates = [self._table(key).get(value, []) for key, value in selector.items()]
        return [item for item in min(candidates, key=len) if matches_map(selector, self._labels(item))]

    def _table(self, key: str) -> Mapping[str, list[T]]:
        if key not in self._tables:
            table = self._tables[key] = defaultdict(list)
            for item in self._items:
                labels = self._labels(item)
                if key in labels:
                    table[labels[key]].append(item)
        return self._tables[key]


def selected_pods(index: Index, namespace: str, selector: Mapping[str, str]) -> list[Pod]:
    """The pods that a Service with this selector picks."""
    known = _pods(index)
    if namespace not in known:
        known[namespace] = Labelled(index.pods_in(namespace), lambda pod: pod.labels)
    return known[namespace].matching(selector)


@once
def _pods(index: Index) -> dict[str, Labelled[Pod]]:
    """By namespace, filled as selectors ask."""
    del index
    return {}
