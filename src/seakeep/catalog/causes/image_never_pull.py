"""Image is not on the node and may not be pulled.

What: a container waits in ErrImageNeverPull: imagePullPolicy is Never and the node does not have the image.

Why: a manifest from a development cluster into which images are loaded by hand.

Bad:
    imagePullPolicy: Never

Good:
    imagePullPolicy: IfNotPresent

Ignore when: the workload is being replaced anyway and nothing depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.containers.images import ImageProblem, image_problems
from seakeep.facts.index import Index
from seakeep.facts.workloads.setting_repairs import pulled_if_absent
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for problem in image_problems(index):
        if problem.kind is ImageProblem.NEVER_PULL:
            yield Candidate(
                id="image-never-pull",
                object=problem.workload,
                summary=f"image {problem.image} of container {problem.container} is not on the node, and its pull policy is Never",
                evidence=problem.evidence,
                affects=(problem.pod,),
                repair=Repair(
                    f"Set imagePullPolicy of container {problem.container} to IfNotPresent, or load {problem.image} onto every node.",
                    pulled_if_absent(index, problem.workload, problem.container, problem.image),
                ),
                confidence=PROVEN if problem.sure else LIKELY,
            )


CAUSE = CauseLeaf(
    id="image-never-pull", title="Image is not on the node and may not be pulled", reads=(Pod,), find=find
)
