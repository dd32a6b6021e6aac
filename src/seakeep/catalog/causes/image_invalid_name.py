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
from seakeep.facts.images import ImageProblem, image_problems
from seakeep.facts.index import Index
from seakeep.model.cause import Candidate, Repair
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
                    f"Correct the image name of container {problem.container}: lower case, one tag, no spaces."
                ),
                confidence=PROVEN if problem.sure else LIKELY,
            )


CAUSE = CauseLeaf(id="image-invalid-name", title="Image name is not valid", reads=(Pod,), find=find)
