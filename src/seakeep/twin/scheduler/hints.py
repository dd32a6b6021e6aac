"""Which changes of placed pods make the scheduler try a waiting pod again. Source: the plugins' `EventsToRegister`, Kubernetes 1.37."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from seakeep.model.objects import Pod
from seakeep.twin.labels import Labels, compile_selector
from seakeep.twin.scheduler.ports import conflict, host_ports
from seakeep.twin.scheduler.terms import Term, terms_of

# Any pod's going counts, whichever it was.
_BY_ANY = frozenset({"NodeResourcesFit", "VolumeRestrictions", "NodeVolumeLimits", "VolumeBinding"})
# Only what these refused can be helped by a pod's coming or by its labels.
NEAR = frozenset({"InterPodAffinity", "PodTopologySpread"})
Namespaces = Mapping[str, Labels]


def by_going(plugins: frozenset[str], pod: Pod, gone: Pod, namespaces: Namespaces) -> bool:
    """Whether `pod`, which these plugins refused, is tried again when a placed pod goes."""
    if plugins & _BY_ANY:
        return True
    if "NodePorts" in plugins and conflict(host_ports(pod), host_ports(gone)):
        return True
    if "InterPodAffinity" in plugins and (
        _matches_any(terms_of(pod).anti_affinity, gone, namespaces)
        or _matches_any(terms_of(gone).anti_affinity, pod, namespaces)
    ):
        return True
    return "PodTopologySpread" in plugins and _spread_counts(pod, gone)


def by_coming(plugins: frozenset[str], pod: Pod, came: Pod, namespaces: Namespaces) -> bool:
    """The same when a pod is placed."""
    if "InterPodAffinity" in plugins and _matches_all(terms_of(pod).affinity, came, namespaces):
        return True
    return "PodTopologySpread" in plugins and _spread_counts(pod, came)


def by_labels(plugins: frozenset[str], pod: Pod, old: Pod, new: Pod, namespaces: Namespaces) -> bool:
    """The same when a placed pod's labels change."""
    terms = terms_of(pod)
    if "InterPodAffinity" in plugins and (
        (not _matches_all(terms.affinity, old, namespaces) and _matches_all(terms.affinity, new, namespaces))
        or (
            _matches_any(terms.anti_affinity, old, namespaces)
            and not _matches_any(terms.anti_affinity, new, namespaces)
        )
    ):
        return True
    return "PodTopologySpread" in plugins and _spread_counts(pod, old) != _spread_counts(pod, new)


def _matches_all(terms: Iterable[Term], pod: Pod, namespaces: Namespaces) -> bool:
    found = [term.matches(pod.namespace, pod.labels, namespaces.get(pod.namespace, {})) for term in terms]
    return bool(found) and all(found)


def _matches_any(terms: Iterable[Term], pod: Pod, namespaces: Namespaces) -> bool:
    return any(term.matches(pod.namespace, pod.labels, namespaces.get(pod.namespace, {})) for term in terms)


def _spread_counts(pod: Pod, other: Pod) -> bool:
    """A hard spread constraint of `pod` counts `other`."""
    return pod.namespace == other.namespace and any(
        compile_selector(item.label_selector).matches(other.labels)
        for item in pod.spec.topology_spread_constraints
        if item.when_unsatisfiable == "DoNotSchedule"
    )
