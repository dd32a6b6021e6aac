"""A LimitRange gives a container a limit below what it asks for.

What: a container asks for more than the default limit that a LimitRange of its namespace would set, and has no limit of its own.

Why: the API server refuses such a pod: "must be less than or equal to memory limit". Pods from before the LimitRange run on until they are replaced; then nothing comes up.

Bad:
    kind: LimitRange
    spec: {limits: [{type: Container, default: {memory: 512Mi}}]}     # and a container with requests.memory: 2Gi and no limit

Good:
    resources: {requests: {memory: 2Gi}, limits: {memory: 2Gi}}

Ignore when: never while the workload is to run.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Unseen, template_rule
from seakeep.facts.admission.planned_admission import defaults_in
from seakeep.facts.index import Index
from seakeep.facts.proposing import in_containers
from seakeep.facts.resources.sizing import amount_text, cpu_text, size_of
from seakeep.facts.scheduling.placement import amounts
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Severity


def _answer(index: Index, entry: Judged) -> Answer:
    if not {"cpu", "memory"} & set(defaults_in(index, entry.ref.namespace)[1]):
        return None
    if not entry.seen:
        return Unseen("its containers")
    return "; ".join(f"{name} asks for {why}" for name, (_, why) in _refused(index, entry).items()) or HOLDS


def _refused(index: Index, entry: Judged) -> dict[str, tuple[dict[str, str], str]]:
    """Container → the least limits that would be taken, and why."""
    given, found = defaults_in(index, entry.ref.namespace)[1], {}
    known = amounts(given)
    for item in entry.spec.containers:
        asked, own, size = amounts(item.resources.requests), item.resources.limits, size_of(index, entry.ref, item)
        short: list[str] = [name for name in ("cpu", "memory") if name in known and name not in own and asked.get(name, 0) > known[name]]  # fmt: skip
        if short:
            least = {"cpu": cpu_text(asked.get("cpu", 0)), "memory": amount_text(max(asked.get("memory", 0), size.limit or 0))}  # fmt: skip
            why = ", ".join(f"{name} {item.resources.requests[name]} and would get a limit of {given[name]}" for name in short)  # fmt: skip
            found[item.name] = ({name: least[name] for name in short}, why)
    return found


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """No tighter than what was measured; without a measure the request, which is the least that is taken."""
    ref = finding.object
    refused = _refused(index, judged_of(index, ref))
    patches = {name: {"resources": {"limits": limits}} for name, (limits, _) in refused.items()}
    return fixed(ref, "limits") or (Change(ref, in_containers(ref, patches), (), Risk.MEDIUM, finding.detail),)


HARDENING = template_rule(
    "limit-range-default-too-small",
    "Default limit below the request",
    _answer,
    severity=Severity.ERROR,
    path="spec.template.spec.containers[].resources.limits",
    repair="Set limits of its own, at least as large as its requests.",
    propose=propose,
)
