"""Pods that are gone: whose they were, by the name that the controller gave them."""

from __future__ import annotations

from seakeep.facts.index import Index
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

_SUFFIX = "[bcdfghjklmnpqrstvwxz2456789]"
_FORMS = (
    ("Deployment", late(rf"-{_SUFFIX}{{6,10}}-{_SUFFIX}{{5}}")),
    ("StatefulSet", late(r"-\d{1,4}")),
    ("DaemonSet", late(rf"-{_SUFFIX}{{5}}")),
    ("ReplicaSet", late(rf"-{_SUFFIX}{{5}}")),
)


def workload_named(index: Index, pod: Ref) -> Ref:
    """The workload that was seen and whose pods have such names; a Deployment where only its pods have such names, else the pod itself."""
    for kind, form in _FORMS:
        for namespace, name in index.snapshot.objects.get(kind, {}):
            if namespace == pod.namespace and pod.name.startswith(name) and form.fullmatch(pod.name[len(name) :]):
                return Ref(kind, namespace, name)
    match = _FORMS[0][1].search(pod.name)
    return (
        Ref("Deployment", pod.namespace, pod.name[: match.start()]) if match and match.end() == len(pod.name) else pod
    )
