"""Image name is not valid.

What: a container waits in InvalidImageName: the text is no image reference.

Why: upper-case letters, spaces, a doubled colon, or a template that was not filled in.

Bad:
    image: Redis:7:latest

Good:
    image: redis:7.4.1

Ignore when: the workload is being replaced anyway and nothing depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.containers.image_names import is_invalid
from seakeep.facts.containers.images import ImageProblem, image_problems
from seakeep.facts.index import Index
from seakeep.facts.workloads.planned import planned_parts
from seakeep.facts.workloads.podstate import containers
from seakeep.facts.workloads.setting_repairs import with_image_before
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for problem in image_problems(index):
        if problem.kind is ImageProblem.INVALID_NAME:
            yield Candidate(
                id="image-invalid-name",
                object=problem.workload,
                summary=f"image name {problem.image!r} of container {problem.container} is not a valid reference",
                evidence=problem.evidence,
                affects=(problem.pod,),
                repair=Repair(
                    f"Correct the image name of container {problem.container}: lower case, one tag, no spaces.",
                    with_image_before(index, problem.workload, problem.container, problem.image, "is not a valid name"),
                ),
                confidence=PROVEN if problem.sure else LIKELY,
            )
    for item in planned_parts(index):
        for container in containers(item.spec):
            if is_invalid(container.image):
                yield Candidate(
                    id="image-invalid-name",
                    object=item.ref,
                    summary=f"image name {container.image!r} of container {container.name} is not a valid reference",
                    evidence=(
                        Evidence(item.item.ref, f"{item.path}.containers[{container.name}].image", container.image),
                    ),
                    affects=(item.ref,),
                    repair=Repair(
                        f"Correct the image name of container {container.name}: lower case, one tag, no spaces."
                    ),
                    confidence=PROVEN,
                )


CAUSE = CauseLeaf(id="image-invalid-name", title="Image name is not valid", reads=(Pod,), find=find)
