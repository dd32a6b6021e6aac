"""Registry's name does not resolve.

What: the pull failed because the node could not resolve the registry's host name.

Why: a typing error in the registry's name, or the node's own DNS (not the cluster's) is broken.

Bad:
    image: registy.example.com/team/app:1.2

Good:
    image: registry.example.com/team/app:1.2

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
        if problem.kind is ImageProblem.DNS:
            yield Candidate(
                id="registry-dns-failure",
                object=problem.workload,
                summary=f"the registry of image {problem.image} cannot be resolved by name from the node",
                evidence=problem.evidence,
                affects=(problem.pod,),
                repair=Repair(f"Correct the registry's host in image {problem.image}, or repair DNS on the nodes."),
                confidence=PROVEN if problem.sure else LIKELY,
            )


CAUSE = CauseLeaf(id="registry-dns-failure", title="Registry's name does not resolve", reads=(Pod,), find=find)
