"""A node's own disk is full.

What: images cannot be unpacked, sandboxes and containers cannot be made on one node: "no space left on device" below the kubelet's or the runtime's directory. The kubelet may not have said DiskPressure yet.

Why: images, logs and emptyDirs outgrew the disk faster than the kubelet collects them, the image disk is apart from the one that it watches, or inodes ran out.

Bad:
    df -h /var/lib/containerd     # 100 %

Good:
    df -h /var/lib/containerd     # below imageGCHighThresholdPercent (85 %)

Ignore when: the node is being replaced.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.containers.heard import heard
from seakeep.facts.freshness import event_evidence, is_recent
from seakeep.facts.index import Index
from seakeep.facts.nodes.nodes import node_of_event, node_ref
from seakeep.facts.shell_words import quote
from seakeep.facts.symptoms import is_unwell
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Event, Pod
from seakeep.model.pattern import late
from seakeep.model.refs import UNNAMED, Ref
from seakeep.model.snapshot import Depth

# The runtime and the kubelet keep images, layers, sandboxes and pods' directories there; a volume's mount is below /volumes/.
_FULL = late(
    r"(?:/var/lib/(?:containerd|containers|docker|kubelet|rancher)|/run/(?:k3s/)?containerd|overlay(?:fs|2)|snapshotter|failed to (?:extract layer|register layer|create (?:pod )?sandbox|prepare)).{0,400}no space left on device",
)
_REASONS = frozenset({"Failed", "FailedCreatePodSandBox", "FailedMount", "FailedCreatePodContainer"})


def find(index: Index) -> Iterable[Candidate]:
    found: dict[str, dict[Ref, Evidence]] = defaultdict(dict)
    for event in index.events_with(*_REASONS):
        ref = event.about
        if (
            ref.kind == "Pod"
            and is_recent(index, event.last_seen)
            and _FULL.search(event.text)
            and _suffers(index, ref)
        ):
            found[node_of_event(index, event) or UNNAMED].setdefault(ref, event_evidence(index, event))
    # An operator that ran something in a container writes down what the runtime answered; which node it was shows nowhere.
    for item in heard(index) if not found else ():
        if piece := item.says(_FULL):
            found[UNNAMED].setdefault(item.pod.ref, piece)
    for name, items in sorted(found.items()):
        yield Candidate(
            id="node-disk-full",
            object=node_ref(name),
            summary=f"the disk of node {name} is full: {len(items)} pod{'s' if len(items) > 1 else ''} cannot start there",
            evidence=tuple(items.values())[:4],
            affects=tuple(items)[:50],
            repair=Repair(
                f"Free space on node {name} (crictl rmi --prune, old logs), or drain it and give it a larger disk; see what fills it."
            ),
            confidence=LIKELY if name == UNNAMED else PROVEN,
            settled_by="kubectl get pods -A -o wide"
            if name == UNNAMED
            else f"kubectl get --raw /api/v1/nodes/{quote(name)}/proxy/stats/summary",
        )


def _suffers(index: Index, ref: Ref) -> bool:
    """It is not well; of a pod that only its events name, the last word holds."""
    pod = index.snapshot.get(Pod, ref.namespace, ref.name)
    if pod is None or index.snapshot.depth(ref) is Depth.NAMED:
        return not index.snapshot.is_absent(ref)
    return is_unwell(index, pod)


CAUSE = CauseLeaf(id="node-disk-full", title="Node's disk is full", reads=(Pod, Event), find=find)
