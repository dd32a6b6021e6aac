"""Names of objects by their labels. Objects with equal labels are one set, and what a selector picks is worked out for sets: the pods of a template come and go in theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from seakeep.twin.groups import Groups
from seakeep.twin.labels import Labels, Selector
from seakeep.twin.memo import by_identity

# Selectors whose answers are kept at most.
_MOST = 16_384


class LabelSet(Struct, frozen=True, cache_hash=True, gc=False):
    """Sorted labels of objects of a kind in a namespace. It is looked up far more often than made."""

    kind: str
    namespace: str
    labels: tuple[tuple[str, str], ...]


class Labelled:
    """`branch` shares everything with its origin until one of them changes it."""

    __slots__ = ("_answers", "_sets", "_with", "names")

    def __init__(self) -> None:
        self.names: Groups[LabelSet, str, None] = Groups()
        # The sets that there are: of a namespace, and with one label.
        self._sets: Groups[tuple[str, str], LabelSet, None] = Groups()
        self._with: Groups[tuple[str, str, str, str], LabelSet, None] = Groups()
        # By kind and namespace, and there by the id of the selector. Branches share those of a namespace until its sets are others.
        self._answers: dict[tuple[str, str], dict[int, tuple[Selector, Sequence[LabelSet]]]] = {}

    def branch(self) -> Labelled:
        other = Labelled()
        other.names, other._sets, other._with = self.names.branch(), self._sets.branch(), self._with.branch()
        other._answers = dict(self._answers)
        return other

    def put(self, kind: str, namespace: str, labels: Labels, name: str) -> None:
        key = LabelSet(kind, namespace, _sorted(labels))
        if not self.names.get(key):
            self._sets.put((kind, namespace), key, None)
            self._with.put_all(_places(key), key, None)
            self._answers[kind, namespace] = {}
        self.names.put(key, name, None)

    def drop(self, kind: str, namespace: str, labels: Labels, name: str) -> None:
        key = LabelSet(kind, namespace, _sorted(labels))
        self.names.drop(key, name)
        if not self.names.get(key):
            self._sets.drop((kind, namespace), key)
            self._with.drop_all(_places(key), key)
            self._answers[kind, namespace] = {}

    def sets(self, kind: str, namespace: str, selector: Selector) -> Sequence[LabelSet]:
        """Those that a selector picks."""
        answers = self._answers.get((kind, namespace))
        if answers is None:
            return ()  # there is no such object
        known = answers.get(id(selector))
        if known is None:
            if len(answers) >= _MOST:
                answers.clear()
            found = [key for key in self._candidates(kind, namespace, selector) if selector.matches(dict(key.labels))]
            known = answers[id(selector)] = (selector, found)
        return known[1]

    def _candidates(self, kind: str, namespace: str, selector: Selector) -> Mapping[LabelSet, None]:
        """The fewest sets that one label leaves."""
        if selector.nothing:
            return {}
        pairs = [(item.key, item.values[0]) for item in selector.requirements if item.operator == "In" and len(item.values) == 1]  # fmt: skip
        if not pairs:
            return self._sets.get((kind, namespace))
        return self._with.smallest([(kind, namespace, key, value) for key, value in pairs])


@by_identity
def _sorted(labels: Labels) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(labels.items()))


def _places(key: LabelSet) -> list[tuple[str, str, str, str]]:
    return [(key.kind, key.namespace, *pair) for pair in key.labels]
