"""PriorityClasses and RuntimeClasses that workloads name and that are not there now, and runtime handlers that a node lacks."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.admission.admission import Refused, refused
from seakeep.facts.freshness import event_evidence, is_recent, state_evidence
from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.workloads.podstate import is_ready
from seakeep.facts.workloads.templates import known_templates
from seakeep.model.cause import Evidence
from seakeep.model.objects import Pod
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

# These two come with every cluster.
BUILT_IN_PRIORITIES = {"system-cluster-critical", "system-node-critical"}
# containerd, CRI-O.
_NO_HANDLER = late(
    r"no runtime for \\?\"(?P<one>[^\"\\]+)\\?\" is configured|failed to find runtime handler (?P<two>\S+) from runtime list"
)


class MissingClass(Struct, frozen=True):
    """`refused` where the API server said so of pods that are still missing, else the class is known not to exist."""

    workload: Ref
    wanted: Ref
    evidence: tuple[Evidence, ...]
    refused: bool


def missing_classes(index: Index, kind: str, refusal: Refused) -> Iterator[MissingClass]:
    """One per workload. A class that exists by now is no matter, whatever old events say."""
    seen = set[Ref]()
    for item in refused(index, refusal):
        wanted = Ref(kind, "", item.name)
        if item.current and index.snapshot.find(wanted) is None:
            seen.add(item.workload)
            yield MissingClass(item.workload, wanted, (item.evidence,), True)
    for template in known_templates(index) if not index.snapshot.intent_only else ():
        spec = template.spec
        field, name = (
            ("priorityClassName", spec.priority_class_name)
            if kind == "PriorityClass"
            else ("runtimeClassName", spec.runtime_class_name)
        )
        wanted = Ref(kind, "", name)
        used = name and name not in BUILT_IN_PRIORITIES and template.wanted != 0 and not isinstance(template.item, Pod)
        if used and template.ref not in seen and index.snapshot.is_absent(wanted):
            proof = state_evidence(template.item, f"{template.path}.{field}", name)
            yield MissingClass(template.ref, wanted, (proof,), False)


class MissingHandler(Struct, frozen=True):
    """The node's container runtime does not know the handler that the pod's RuntimeClass names."""

    workload: Ref
    pod: Pod
    handler: str
    evidence: Evidence


def missing_handlers(index: Index) -> Iterator[MissingHandler]:
    """Of pods that are still not up."""
    for event in index.events_with("FailedCreatePodSandBox"):
        match = _NO_HANDLER.search(event.text)
        pod = index.snapshot.get(Pod, event.about.namespace, event.about.name)
        if match and pod and not is_ready(pod) and is_recent(index, event.last_seen):
            handler = match["one"] or match["two"]
            yield MissingHandler(workload_of(index, pod), pod, handler, event_evidence(index, event, current=True))
