"""A container behind a Service has no readiness probe.

What: a workload that a Service selects has a container with ports and no readinessProbe.

Why: the pod receives traffic from its first moment, before the server in it listens, and goes on receiving it while the server hangs.

Bad:
    ports: [{containerPort: 8088}]

Good:
    ports: [{containerPort: 8088}]
    readinessProbe: {httpGet: {path: /health, port: 8088}}

Ignore when: the Service only gives the pods their names and no client waits for readiness.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.hardening import HardeningLeaf
from seakeep.facts.index import Index
from seakeep.facts.podspecs import judged_templates, shows, unknown
from seakeep.facts.routing import services_by_backend
from seakeep.model.finding import Finding, Outcome, Severity

ID = "readiness-probe-missing"


def judge(index: Index) -> Iterable[Finding]:
    served = services_by_backend(index)
    for entry in judged_templates(index):
        ref = entry.ref
        if not entry.lasting:
            continue
        if ref not in served:
            if not shows(index, "Service", ref.namespace) or not entry.labels_known:
                yield unknown(ID, entry, "whether a Service selects it")
            continue
        bare = [
            container.name
            for container in entry.spec.containers
            if container.ports and container.readiness_probe is None
        ]
        if not entry.seen:
            yield unknown(ID, entry, "its containers")
        elif not bare:
            yield Finding(ID, ref, Outcome.PASS, Severity.WARNING)
        else:
            names = ", ".join(bare)
            yield Finding(
                ID,
                ref,
                Outcome.FAIL,
                Severity.WARNING,
                f"Service {served[ref][0].name} sends traffic to {names} before it is known to be ready",
                "spec.template.spec.containers[].readinessProbe",
                f"Add a readinessProbe to {names} on the port that the Service targets.",
            )


HARDENING = HardeningLeaf(id=ID, title="Served container without a readiness probe", reads=(), judge=judge)
