"""A container has no memory limit.

What: resources.limits.memory is not set for it or the pod, and the namespace has no LimitRange that would set it. Sidecars count as containers; init containers that end do not.

Why: a leak in one container takes the memory of its neighbours, and the kernel then kills whichever process it likes least.

Bad:
    resources: {requests: {memory: 512Mi}}

Good:
    resources: {requests: {memory: 512Mi}, limits: {memory: 512Mi}}

Ignore when: the node is dedicated to the pod.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Fault, Unseen, template_rule
from seakeep.facts.index import Index
from seakeep.facts.resources.sizing import amount_text, ask_for_use, size_of
from seakeep.facts.resources.unset_requests import without_memory_limit
from seakeep.facts.scheduling.placement import amounts
from seakeep.facts.security.securing import in_containers_of
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import Judged, judged_of, shows
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding


def _answer(index: Index, entry: Judged) -> Answer:
    names = ", ".join(item.name for item in without_memory_limit(index, entry))
    if not names:
        return HOLDS
    if not entry.admitted and not shows(index, "LimitRange", entry.ref.namespace):
        return Unseen("whether a LimitRange sets the limit")
    return Fault(f"no memory limit on {names}", repair=f"Set limits.memory of {names} from their measured use.")


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """Above everything that was measured and what its heap may grow to: a limit that is too low ends the container. Never below what it asks for."""
    ref = finding.object
    entry = judged_of(index, ref)
    if held := fixed(ref, "memory limits"):
        return held
    patches, said = {}, []
    for container in without_memory_limit(index, entry):
        size = size_of(index, ref, container)
        if size.limit is None:
            return ask_for_use(index, entry)
        limit = max(size.limit, amounts(container.resources.requests).get("memory", 0))
        patches[container.name] = {"resources": {"limits": {"memory": amount_text(limit)}}}
        said.append(size.why)
    why = f"{finding.detail}; {'; '.join(said)}"
    return (Change(ref, in_containers_of(ref, entry.spec, patches), (), Risk.MEDIUM, why),)


HARDENING = template_rule(
    "container-memory-limit-missing",
    "Container without a memory limit",
    _answer,
    needs="seen",
    unseen="its containers",
    path="spec.template.spec.containers[].resources.limits.memory",
    propose=propose,
)
