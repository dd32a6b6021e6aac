"""A container has no memory limit.

What: resources.limits.memory is not set, and the namespace has no LimitRange that would set it.

Why: a leak in one container takes the memory of its neighbours, and the kernel then kills whichever process it likes least.

Bad:
    resources: {requests: {memory: 512Mi}}

Good:
    resources: {requests: {memory: 512Mi}, limits: {memory: 512Mi}}

Ignore when: the node is dedicated to the pod.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.hardening import HardeningLeaf
from seakeep.facts.index import Index
from seakeep.facts.podspecs import judged_templates, shows, unknown
from seakeep.model.finding import Finding, Outcome, Severity
from seakeep.model.objects import LimitRange

ID = "container-memory-limit-missing"


def judge(index: Index) -> Iterable[Finding]:
    defaulted = {
        item.namespace
        for item in index.snapshot.all(LimitRange)
        if any(limit.type == "Container" and "memory" in limit.default for limit in item.spec.limits)
    }
    for entry in judged_templates(index):
        bare = [container.name for container in entry.spec.containers if "memory" not in container.resources.limits]
        ref = entry.ref
        if not entry.seen:
            yield unknown(ID, entry, "its containers")
        elif not bare or ref.namespace in defaulted:
            yield Finding(ID, ref, Outcome.PASS, Severity.WARNING)
        elif not entry.admitted and not shows(index, "LimitRange", ref.namespace):
            yield unknown(ID, entry, "whether a LimitRange sets the limit")
        else:
            names = ", ".join(bare)
            yield Finding(
                ID,
                ref,
                Outcome.FAIL,
                Severity.WARNING,
                f"no memory limit on {names}",
                "spec.template.spec.containers[].resources.limits.memory",
                f"Set limits.memory of {names} from their measured use.",
            )


HARDENING = HardeningLeaf(id=ID, title="Container without a memory limit", reads=(), judge=judge)
