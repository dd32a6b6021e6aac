"""Label and node selectors, compiled. Semantics of apimachinery `labels` and component-helpers `nodeaffinity`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from seakeep.model.objects import LabelSelector, Node, Requirement
from seakeep.model.objects.pods import Affinity, NodeSelectorTerm
from seakeep.twin.memo import by_identity

Labels = Mapping[str, str]
_SET_OPERATORS = frozenset({"In", "NotIn"})
_EXISTENCE = frozenset({"Exists", "DoesNotExist"})
_INT64 = 2**63
# A label's value, which those of requirements have to be as well.
_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?", re.ASCII)
_LONGEST = 63


@dataclass(frozen=True, slots=True)
class Selector:
    """A conjunction of requirements. `nothing` matches no labels; no requirement matches all of them, and is `empty`."""

    requirements: tuple[Requirement, ...] = ()
    nothing: bool = False
    pairs: tuple[tuple[str, str], ...] | None = field(init=False, compare=False, default=None)
    """Where all requirements are plain pairs: the same in a form that is quick to ask."""

    def __post_init__(self) -> None:
        if not self.nothing and all(item.operator == "In" and len(item.values) == 1 for item in self.requirements):
            object.__setattr__(self, "pairs", tuple((item.key, item.values[0]) for item in self.requirements))

    @property
    def empty(self) -> bool:
        return not self.requirements and not self.nothing

    def matches(self, labels: Labels) -> bool:
        if self.pairs is not None:
            for key, value in self.pairs:  # noqa: SIM110 - asked millions of times
                if labels.get(key) != value:
                    return False
            return True
        return not self.nothing and all(_holds(item, labels) for item in self.requirements)


NOTHING = Selector(nothing=True)


@by_identity
def compile_selector(selector: LabelSelector | None) -> Selector:
    """As `LabelSelectorAsSelector`: none at all matches nothing, an empty one everything."""
    if selector is None:
        return NOTHING
    return _compiled(tuple(sorted(selector.match_labels.items())), selector.match_expressions)


@lru_cache(maxsize=8192)
def _compiled(pairs: tuple[tuple[str, str], ...], expressions: tuple[Requirement, ...]) -> Selector:
    exact = tuple(Requirement(key=key, operator="In", values=(value,)) for key, value in pairs)
    return Selector((*exact, *expressions))


def from_map(labels: Labels) -> Selector:
    return _compiled(tuple(sorted(labels.items())), ())


def _holds(item: Requirement, labels: Labels) -> bool:
    value = labels.get(item.key)
    match item.operator:
        case "In":
            return value is not None and value in item.values
        case "NotIn":
            return value is None or value not in item.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt" | "Lt":
            have, want = _integer(value), _integer(item.values[0] if item.values else None)
            if have is None or want is None:
                return False
            return have > want if item.operator == "Gt" else have < want
    return False


def _integer(text: str | None) -> int | None:
    """As Go's ParseInt with base 10 and 64 bits: an optional sign and ASCII digits."""
    if (
        not text
        or not text.removeprefix("-").removeprefix("+").isdigit()
        or not text.isascii()
        or text.startswith("-+")
    ):
        return None
    number = int(text)
    return number if -_INT64 <= number < _INT64 else None


@lru_cache(maxsize=4096)
def _is_valid(item: Requirement) -> bool:
    """What NewRequirement refuses makes the whole term match nothing."""
    if not all(len(each) <= _LONGEST and _VALUE.fullmatch(each) for each in item.values):
        return False
    if item.operator in _SET_OPERATORS:
        return bool(item.values)
    if item.operator in _EXISTENCE:
        return not item.values
    return item.operator in {"Gt", "Lt"} and len(item.values) == 1 and _integer(item.values[0]) is not None


def matches_term(term: NodeSelectorTerm, node: Node) -> bool:
    """One term of a node selector: expressions on labels and fields, all of which must hold; an empty term matches nothing."""
    if not term.match_expressions and not term.match_fields:
        return False
    if not all(_is_valid(item) for item in term.match_expressions):
        return False
    if not all(item.operator in _SET_OPERATORS and len(item.values) == 1 for item in term.match_fields):
        return False
    fields = {"metadata.name": node.name} if node.name else {}
    return all(_holds(item, node.labels) for item in term.match_expressions) and (
        not fields or all(_field_holds(item, fields) for item in term.match_fields)
    )


def _field_holds(item: Requirement, fields: Labels) -> bool:
    """A field that is not there has the value ""."""
    return (fields.get(item.key, "") == item.values[0]) == (item.operator == "In")


def matches_terms(terms: Sequence[NodeSelectorTerm], node: Node) -> bool:
    return any(matches_term(term, node) for term in terms)


def matches_required(node_selector: Labels, affinity: Affinity | None, node: Node) -> bool:
    """`spec.nodeSelector` and required node affinity together."""
    if any(node.labels.get(key) != value for key, value in node_selector.items()):
        return False
    required = (
        affinity.node_affinity.required_during_scheduling_ignored_during_execution
        if affinity and affinity.node_affinity
        else None
    )
    return required is None or matches_terms(required.node_selector_terms, node)
