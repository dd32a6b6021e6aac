"""Pod's resources differ from its template.

What: a running pod has other requests or limits than the template of its workload.

Why: a mutating webhook, a LimitRange, an in-place resize or an autoscaler changed them, and the template does not say so.

Bad:
    template: limits.memory 512Mi      # the pod has 10Mi

Good:
    template and pod agree, or a VerticalPodAutoscaler is known to be at work

Ignore when: the mutation is meant, for example by a VerticalPodAutoscaler.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import controller_of
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Container, Pod, ReplicaSet, Workload
from seakeep.model.objects.base import Quantities
from seakeep.model.quantity import QuantityError, milli
from seakeep.model.snapshot import Depth

_REVISIONS = ("pod-template-hash", "controller-revision-hash")


def find(index: Index) -> Iterable[Candidate]:
    for item in index.workloads:
        pods = index.pods_by_workload.get(item.ref, ())
        hashes = {pod.labels.get(key, "") for pod in pods for key in _REVISIONS} - {""}
        for pod in pods:
            depth = index.snapshot.depth(pod.ref)
            if depth is Depth.NAMED:
                continue
            wanted = template_of(index, item, pod, of_one_revision=len(hashes) < 2)
            changed = [
                (container.name, differences(wanted.get(container.name), container, partly=depth is Depth.TABLE))
                for container in pod.spec.containers
            ]
            texts = [(name, text) for name, found in changed for text in found]
            if not texts:
                continue
            yield Candidate(
                id="limits-mutated",
                object=item.ref,
                summary=f"container {texts[0][0]} of {pod.name} has {'; '.join(text for _, text in texts)}",
                evidence=tuple(
                    Evidence(pod.ref, f"spec.containers[{name}].resources", text) for name, text in texts[:6]
                ),
                affects=(pod.ref,),
                repair=Repair(
                    f"Find what changes the resources of {item.kind} {item.name} (webhook, LimitRange, resize) and set the wanted ones in its template."
                ),
                confidence=PROVEN if any("below" in text for _, text in texts) else LIKELY,
            )
            break


def template_of(index: Index, item: Workload, pod: Pod, *, of_one_revision: bool) -> dict[str, Container]:
    """The template that the pod was made from: its own revision's. Where that was not read, the workload's, unless a rollout is under way or the pods are of several revisions."""
    owner = controller_of(pod)
    revision = (
        index.snapshot.get(ReplicaSet, owner.namespace, owner.name) if owner and owner.kind == "ReplicaSet" else None
    )
    made_from: Workload = revision or item
    if revision is None:
        behind = item.kind != "DaemonSet" and item.status.updated_replicas < item.status.replicas
        if behind or not of_one_revision:
            return {}
    return {container.name: container for container in made_from.spec.template.spec.containers}


def differences(wanted: Container | None, actual: Container, *, partly: bool = False) -> list[str]:
    """Only what the template sets: defaults that admission adds are no contradiction. Of a container that was shown in parts, a figure that lacks may not have been asked for."""
    found = []
    for group in ("limits", "requests"):
        template: Quantities = getattr(wanted.resources, group) if wanted else {}
        given: Quantities = getattr(actual.resources, group)
        for name, amount in sorted(template.items()):
            try:
                before, after = milli(amount), milli(given[name]) if name in given else None
            except QuantityError:
                continue
            if after != before and not (partly and after is None):
                direction = "no" if after is None else "below" if after < before else "above"
                found.append(f"{group}.{name} {given.get(name, 'unset')}, {direction} the template's {amount}")
    return found


CAUSE = CauseLeaf(id="limits-mutated", title="Pod's resources differ from its template", reads=(Pod,), find=find)
