"""Registry cannot be reached.

What: the pull failed on the way to the registry: time-out, refused connection, TLS error or a server error.

Why: a firewall, a proxy, a registry that is down, or a certificate that the node does not trust.

Bad:
    image: registry.internal:5000/app:1.2   # plain HTTP, and the node expects TLS

Good:
    image: registry.example.com/app:1.2

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
        if problem.kind is ImageProblem.UNREACHABLE:
            yield Candidate(
                id="registry-unreachable",
                object=problem.workload,
                summary=f"the registry of image {problem.image} cannot be reached from the node",
                evidence=problem.evidence,
                affects=(problem.pod,),
                repair=Repair(
                    f"Restore the way from the nodes to the registry of {problem.image} (firewall, proxy, TLS trust), or pull from a mirror."
                ),
                confidence=PROVEN if problem.sure else LIKELY,
            )


CAUSE = CauseLeaf(id="registry-unreachable", title="Registry cannot be reached", reads=(Pod,), find=find)
