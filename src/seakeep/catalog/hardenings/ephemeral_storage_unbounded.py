"""A scratch volume may fill its node's disk.

What: an emptyDir on the node's disk holds what grows (a cache, spill files, logs, downloads …), or its pods run on a node that ran out of disk, and neither a sizeLimit, a limit on ephemeral storage nor a LimitRange bounds it.

Why: what grows takes the disk from every pod on the node. The kubelet then evicts pods in the order of its own choice, and the one that wrote may stay.

Bad:
    volumes: [{name: cache, emptyDir: {}}]

Good:
    volumes: [{name: cache, emptyDir: {sizeLimit: 2Gi}}]

Ignore when: what is written there is small by design. A /tmp, sockets and rendered configuration are not judged, unlike by other tools, unless the node's disk ran short.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Fault, Unseen, template_rule
from seakeep.facts.admission.planned_admission import defaults_in
from seakeep.facts.index import Index
from seakeep.facts.shell_words import quote
from seakeep.facts.volumes.scratch_volumes import Scratch, limits_disk, nodes_short_of_disk, scratch_of
from seakeep.facts.workloads.podspecs import Judged, judged_of, shows
from seakeep.model.change import Advice, Change, Shared
from seakeep.model.finding import Finding, Severity


def _answer(index: Index, entry: Judged) -> Answer:
    space = entry.ref.namespace
    found = _at_stake(index, entry) if entry.spec.volumes else []
    if not found:
        return None
    loose = [item for item in found if not item.is_bounded]
    if not loose or limits_disk(entry.spec) or "ephemeral-storage" in defaults_in(index, space)[1]:
        return HOLDS
    if not entry.admitted and not shows(index, "LimitRange", space):
        return Unseen("whether a LimitRange sets a limit")
    names, short = ", ".join(item.volume.name for item in loose), _short(index, entry)
    text = f"nothing bounds what is written to {names} on the node's disk"
    repair = f"Set sizeLimit of {names} to what it may grow to."
    if short:
        return Fault(f"{text}, and node {short} ran short of it", repair=repair, severity=Severity.WARNING)
    return Fault(text, repair=repair)


def _at_stake(index: Index, entry: Judged) -> list[Scratch]:
    known = scratch_of(entry.spec)
    return known if known and _short(index, entry) else [item for item in known if item.grows]


def _short(index: Index, entry: Judged) -> str:
    """A node of its pods that ran out of disk."""
    short = nodes_short_of_disk(index)
    on = {pod.spec.node_name for pod in index.pods_by_workload.get(entry.ref, ())} if short else set()
    return min(on & short, default="")


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """Nothing measures scratch volumes, and a bound that is too low evicts the pod. The kubelet tells of each node what its pods' volumes hold."""
    entry = judged_of(index, finding.object)
    loose = next(item for item in _at_stake(index, entry) if not item.is_bounded)
    pods = [pod.name for pod in index.pods_by_workload.get(entry.ref, ())]
    pod, space = quote(min(pods, default="POD")), quote(entry.ref.namespace)
    name = quote(loose.container.name)
    return Advice(
        f"To what size may volume {loose.volume.name} of {entry.ref} grow?",
        f"kubectl exec -n {space} {pod} -c {name} -- du -sh {quote(loose.path)}",
        Shared(
            "To what sizes may the scratch volumes of {} grow?",
            f"{entry.ref} ({loose.volume.name})",
            "for node in $(kubectl get nodes -o name); do kubectl get --raw /api/v1/nodes/${node#node/}/proxy/stats/summary; done",
        ),
    )


HARDENING = template_rule(
    "ephemeral-storage-unbounded",
    "Scratch volume without a bound",
    _answer,
    severity=Severity.INFO,
    unseen="its volumes",
    path="spec.template.spec.volumes[].emptyDir",
    propose=propose,
)
