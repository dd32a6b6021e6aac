"""Inter-pod affinity terms, compiled. Source: kube-scheduler framework `AffinityTerm`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from seakeep.model.objects import Pod
from seakeep.model.objects.pods import PodAffinity, PodAffinityTerm
from seakeep.twin.labels import NOTHING, Labels, Selector, compile_selector


@dataclass(frozen=True, slots=True)
class Term:
    """`weight` is 0 for required terms."""

    namespaces: frozenset[str]
    namespace_selector: Selector
    selector: Selector
    topology_key: str
    weight: int = 0

    def matches(self, namespace: str, labels: Labels, namespace_labels: Labels) -> bool:
        """Whether a pod with these labels, in a namespace with those, is one that the term means."""
        in_scope = namespace in self.namespaces or self.namespace_selector.matches(namespace_labels)
        return in_scope and self.selector.matches(labels)


@dataclass(frozen=True, slots=True)
class PodTerms:
    """A pod's terms by kind."""

    affinity: tuple[Term, ...] = ()
    anti_affinity: tuple[Term, ...] = ()
    preferred: tuple[Term, ...] = ()
    preferred_anti: tuple[Term, ...] = ()
    has_pod_affinity: bool = False

    @property
    def speak(self) -> bool:
        """There is any term at all."""
        return bool(self.affinity or self.anti_affinity or self.preferred or self.preferred_anti)

    @property
    def topology_keys(self) -> frozenset[str]:
        """Every key that the terms speak of."""
        every = (*self.affinity, *self.anti_affinity, *self.preferred, *self.preferred_anti)
        return frozenset(term.topology_key for term in every)

    def resolved(self, namespaces: Mapping[str, Labels]) -> PodTerms:
        """The terms of a pod to place: their namespace selectors are looked up now, once."""
        if not self.speak:
            return self

        def each(terms: tuple[Term, ...]) -> tuple[Term, ...]:
            return tuple(_looked_up(term, namespaces) for term in terms)

        return PodTerms(
            each(self.affinity),
            each(self.anti_affinity),
            each(self.preferred),
            each(self.preferred_anti),
            self.has_pod_affinity,
        )


def _looked_up(term: Term, namespaces: Mapping[str, Labels]) -> Term:
    if term.namespace_selector.empty:
        return term
    found = {name for name, labels in namespaces.items() if term.namespace_selector.matches(labels)}
    return replace(term, namespaces=term.namespaces | found, namespace_selector=NOTHING)


_NONE = PodTerms()


def terms_of(pod: Pod) -> PodTerms:
    affinity = pod.spec.affinity
    if affinity is None or (affinity.pod_affinity is None and affinity.pod_anti_affinity is None):
        return _NONE
    near, far = affinity.pod_affinity or PodAffinity(), affinity.pod_anti_affinity or PodAffinity()
    return PodTerms(
        affinity=_required(pod, near),
        anti_affinity=_required(pod, far),
        preferred=_preferred(pod, near),
        preferred_anti=_preferred(pod, far),
        has_pod_affinity=True,
    )


def _required(pod: Pod, side: PodAffinity) -> tuple[Term, ...]:
    return tuple(_term(pod, item) for item in side.required_during_scheduling_ignored_during_execution)


def _preferred(pod: Pod, side: PodAffinity) -> tuple[Term, ...]:
    return tuple(
        _term(pod, item.pod_affinity_term, item.weight)
        for item in side.preferred_during_scheduling_ignored_during_execution
    )


def _term(pod: Pod, item: PodAffinityTerm, weight: int = 0) -> Term:
    own = not item.namespaces and item.namespace_selector is None
    return Term(
        namespaces=frozenset([pod.namespace] if own else item.namespaces),
        namespace_selector=compile_selector(item.namespace_selector),
        selector=compile_selector(item.label_selector),
        topology_key=item.topology_key,
        weight=weight,
    )
