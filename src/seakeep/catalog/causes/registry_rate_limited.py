"""Registry limits the rate of pulls.

What: the registry answered 429 toomanyrequests.

Why: many nodes behind one address pull anonymously from a public registry.

Bad:
    image: docker.io/library/nginx:1.27    # no credentials, always pulled

Good:
    imagePullSecrets: [{name: docker-hub}]

Ignore when: the workload is being replaced anyway and nothing depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.containers.images import ImageProblem, image_problems
from seakeep.facts.index import Index
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for problem in image_problems(index):
        if problem.kind is ImageProblem.RATE_LIMITED:
            yield Candidate(
                id="registry-rate-limited",
                object=problem.workload,
                summary=f"the registry refuses image {problem.image}: too many pulls",
                evidence=problem.evidence,
                affects=(problem.pod,),
                repair=Repair(
                    f"Pull {problem.image} with credentials or through a caching mirror, and set imagePullPolicy to IfNotPresent."
                ),
                confidence=PROVEN if problem.sure else LIKELY,
            )


CAUSE = CauseLeaf(id="registry-rate-limited", title="Registry limits the rate of pulls", reads=(Pod,), find=find)
