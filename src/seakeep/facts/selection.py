"""Label, field and node selectors (apimachinery `labels`, component-helpers `nodeaffinity`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.model.objects import LabelSelector, Node, Pod, Requirement
from seakeep.model.objects.pods import NodeSelectorTerm


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


def selected_pods(index: Index, namespace: str, selector: Mapping[str, str]) -> list[Pod]:
    """The pods that a Service with this selector picks."""
    if not selector:
        return []
    candidates = [_by_label(index, namespace, key).get(value, ()) for key, value in selector.items()]
    return [pod for pod in min(candidates, key=len) if matches_map(selector, pod.labels)]


def _by_label(index: Index, namespace: str, key: str) -> Mapping[str, Sequence[Pod]]:
    """Pods of a namespace by the value of one label. A namespace may have thousands of both pods and Services."""
    known = _label_tables(index)
    if (namespace, key) not in known:
        table = known[namespace, key] = defaultdict(list)
        for pod in index.pods_in(namespace):
            if key in pod.labels:
                table[pod.labels[key]].append(pod)
    return known[namespace, key]


@once
def _label_tables(index: Index) -> dict[tuple[str, str], dict[str, list[Pod]]]:
    """Filled as selectors ask."""
    del index
    return {}
