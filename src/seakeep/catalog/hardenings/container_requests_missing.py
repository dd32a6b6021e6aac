"""A container asks for no CPU or no memory.

What: resources.requests lacks cpu or memory, no limit stands in for it, and no LimitRange would set it.

Why: the scheduler places the pod as if it needed nothing, so nodes fill beyond what they have, and the pod is the first to be evicted. A ResourceQuota on requests rejects it outright.

Bad:
    resources: {}

Good:
    resources: {requests: {cpu: 250m, memory: 512Mi}}

Ignore when: the workload is best effort on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.hardening import HardeningLeaf
from seakeep.facts.index import Index
from seakeep.facts.podspecs import judged_templates, shows, unknown
from seakeep.model.finding import Finding, Outcome, Severity
from seakeep.model.objects import Container, LimitRange

ID = "container-requests-missing"


def judge(index: Index) -> Iterable[Finding]:
    defaulted = {
        (item.namespace, resource)
        for item in index.snapshot.all(LimitRange)
        for limit in item.spec.limits
        if limit.type == "Container"
        for resource in (*limit.default, *limit.default_request)
    }
    for entry in judged_templates(index):
        ref = entry.ref
        bare = [
            f"{container.name} ({', '.join(lacking)})"
            for container in entry.spec.containers
            if (lacking := [name for name in _lacking(container) if (ref.namespace, name) not in defaulted])
        ]
        if not entry.seen:
            yield unknown(ID, entry, "its containers")
        elif not bare:
            yield Finding(ID, ref, Outcome.PASS, Severity.WARNING)
        elif not entry.admitted and not shows(index, "LimitRange", ref.namespace):
            yield unknown(ID, entry, "whether a LimitRange sets them")
        else:
            yield Finding(
                ID,
                ref,
                Outcome.FAIL,
                Severity.WARNING,
                f"no requests: {'; '.join(bare)}",
                "spec.template.spec.containers[].resources.requests",
                "Set requests for cpu and memory from measured use.",
            )


def _lacking(container: Container) -> list[str]:
    """A limit without a request becomes the request (API server defaulting)."""
    resources = container.resources
    return [name for name in ("cpu", "memory") if name not in resources.requests and name not in resources.limits]


HARDENING = HardeningLeaf(id=ID, title="Container without requests", reads=(), judge=judge)
