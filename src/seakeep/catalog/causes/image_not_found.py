"""Image does not exist.

What: a container waits in ErrImagePull or ImagePullBackOff, and the registry answered that it has no such repository, tag or digest.

Why: a typing error in the name or tag, a tag that was deleted or never pushed, or an image of another registry than the one named.

Bad:
    image: docker.io/library/redis:7.99

Good:
    image: docker.io/library/redis:7.4.1

Ignore when: the workload is being replaced anyway and nothing depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.containers.images import ImageProblem, image_problems
from seakeep.facts.index import Index
from seakeep.facts.workloads.setting_repairs import with_image_before
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for problem in image_problems(index):
        if problem.kind is ImageProblem.NOT_FOUND:
            yield Candidate(
                id="image-not-found",
                object=problem.workload,
                summary=f"image {problem.image} of container {problem.container} does not exist in its registry",
                evidence=problem.evidence,
                affects=(problem.pod,),
                repair=Repair(
                    f"Set the image of container {problem.container} to a repository and tag that exist, or push {problem.image}.",
                    with_image_before(
                        index, problem.workload, problem.container, problem.image, "is not known to the registry"
                    )
                    if problem.sure
                    else None,
                ),
                confidence=PROVEN if problem.sure else LIKELY,
            )


CAUSE = CauseLeaf(id="image-not-found", title="Image does not exist", reads=(Pod,), find=find)
