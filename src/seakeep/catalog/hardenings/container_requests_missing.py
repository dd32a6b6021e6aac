"""A container asks for no CPU or no memory.

What: resources.requests of a container or sidecar lacks cpu or memory, no limit stands in for it, and neither the pod as a whole, a LimitRange nor a VerticalPodAutoscaler sets it.

Why: the scheduler places the pod as if it needed nothing, so nodes fill beyond what they have, and the pod is the first to be evicted. A ResourceQuota on requests rejects it outright.

Bad:
    resources: {}

Good:
    resources: {requests: {cpu: 250m, memory: 512Mi}}

Ignore when: the workload is best effort on purpose.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Unseen, template_rule
from seakeep.facts.index import Index
from seakeep.facts.resources.sizing import amount_text, ask_for_use, cpu_text, size_of
from seakeep.facts.resources.unset_requests import running, unset_requests
from seakeep.facts.security.securing import in_containers_of
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import Judged, judged_of, shows
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding


def _answer(index: Index, entry: Judged) -> Answer:
    bare = [f"{name} ({', '.join(lacking)})" for name, lacking in unset_requests(index, entry).items()]
    if not bare:
        return HOLDS
    if not entry.admitted and not shows(index, "LimitRange", entry.ref.namespace):
        return Unseen("whether a LimitRange sets them")
    return f"no requests: {'; '.join(bare)}"


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """What was measured, with room for a busier hour. Unmeasured containers get no figure: one that is too large keeps pods waiting."""
    ref = finding.object
    entry = judged_of(index, ref)
    if held := fixed(ref, "requests"):
        return held
    bare, patches, said = unset_requests(index, entry), {}, []
    for container in running(entry):
        size = size_of(index, ref, container)
        known = {
            "cpu": None if size.cpu is None else cpu_text(size.cpu),
            "memory": None if size.memory is None else amount_text(size.memory),
        }
        wanted = {name: known[name] for name in bare.get(container.name, ())}
        if None in wanted.values():
            return ask_for_use(index, entry)
        if wanted:
            patches[container.name] = {"resources": {"requests": wanted}}
            said.append(size.why)
    why = f"{finding.detail}; {'; '.join(said)}"
    return (Change(ref, in_containers_of(ref, entry.spec, patches), (), Risk.MEDIUM, why),)


HARDENING = template_rule(
    "container-requests-missing",
    "Container without requests",
    _answer,
    needs="seen",
    unseen="its containers",
    path="spec.template.spec.containers[].resources.requests",
    repair="Set requests for cpu and memory from measured use.",
    propose=propose,
)
