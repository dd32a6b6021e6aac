"""Image is built for another processor.

What: the container ends at once with `exec format error`; where nothing but its log was shown, that is how it ends.

Why: an arm64 image on an amd64 node or the reverse, or a script without its `#!` line.

Bad:
    image: acme/app:1.2-arm64     # on amd64 nodes

Good:
    image: acme/app:1.2           # a multi-architecture index

Ignore when: never: the container cannot start.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.containers.crashes import by_workload, crashes, pod_events
from seakeep.facts.containers.heard import heard
from seakeep.facts.containers.logs import Topic, hits
from seakeep.facts.freshness import event_evidence
from seakeep.facts.index import Index
from seakeep.facts.workloads.podstate import container_named
from seakeep.facts.workloads.setting_repairs import with_image_before
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for (workload, name), group in by_workload(crashes(index)).items():
        # The log of any replica tells it of all.
        lines = [hit.evidence for item in group for hit in hits(index, item.pod, Topic.EXEC_FORMAT)]
        crash = group[0]
        told = [
            event_evidence(index, event, current=True)
            for event in pod_events(index, crash.pod, "Failed", "BackOff")
            if "exec format error" in event.text
        ]
        if (
            not lines
            and not told
            and "exec format error" not in crash.message
            and not (crash.ended and "exec format error" in crash.ended.message)
        ):
            continue
        container = container_named(crash.pod, name)
        image = container.image if container else "its image"
        yield Candidate(
            id="image-wrong-architecture",
            object=workload,
            summary=f"{image} of container {name} is not built for the processor of node {crash.pod.spec.node_name or 'chosen'}",
            evidence=(*lines[:2], *told[:1], *crash.evidence[:2]),
            affects=tuple(item.pod.ref for item in group),
            repair=Repair(
                f"Use an image of container {name} that is built for the node's architecture, or select nodes by kubernetes.io/arch.",
                with_image_before(index, workload, name, image, "is not built for the node's processor"),
            ),
            confidence=PROVEN,
        )
    for item in heard(index):
        if hit := item.on(Topic.EXEC_FORMAT):
            yield Candidate(
                id="image-wrong-architecture",
                object=item.workload,
                summary="its log ends with a program that is not built for the processor of its node",
                evidence=(hit.evidence,),
                affects=(item.pod.ref,),
                repair=Repair(
                    "Use an image that is built for the node's architecture, or select nodes by kubernetes.io/arch."
                ),
                confidence=LIKELY,
            )


CAUSE = CauseLeaf(id="image-wrong-architecture", title="Image is built for another processor", reads=(Pod,), find=find)
