"""A container behind a Service has no readiness probe.

What: a workload that a Service selects has a container, or a sidecar, that the Service sends to and that has no readinessProbe.

Why: the pod receives traffic from its first moment, before the server in it listens, and goes on receiving it while the server hangs.

Bad:
    ports: [{containerPort: 8088}]

Good:
    ports: [{containerPort: 8088}]
    readinessProbe: {httpGet: {path: /health, port: 8088}}

Ignore when: no client waits for readiness. A Service that publishes addresses before they are ready is not judged: it only gives the pods their names.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Fault, Unseen, template_rule
from seakeep.facts.index import Index
from seakeep.facts.probes.probe_choice import TIMINGS, handler, traffic_port
from seakeep.facts.resources.unset_requests import running
from seakeep.facts.routing.routing import services_by_backend
from seakeep.facts.security.securing import in_containers_of
from seakeep.facts.shell_words import typed
from seakeep.facts.workloads.podspecs import Judged, judged_of, shows
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding
from seakeep.model.objects import Container, Service


def _senders(index: Index, entry: Judged) -> list[Service]:
    """One that names pods before they are ready pays readiness no heed."""
    return [item for item in services_by_backend(index).get(entry.ref, ()) if not item.spec.publish_not_ready_addresses]


def _answer(index: Index, entry: Judged) -> Answer:
    ref, services = entry.ref, _senders(index, entry)
    if not services:
        seen = shows(index, "Service", ref.namespace) and entry.labels_known
        return None if seen else Unseen("whether a Service selects it")
    if not entry.seen:
        return Unseen("its containers")
    bare = ", ".join(item.name for item in _bare(index, entry))
    if not bare:
        return HOLDS
    text = f"Service {services[0].name} sends traffic to {bare} before it is known to be ready"
    return Fault(text, repair=f"Add a readinessProbe to {bare} on the port that the Service targets.")


def _bare(index: Index, entry: Judged) -> list[Container]:
    """Of those that a Service sends to, sidecars included; of all with ports where none declares the Services' ports."""
    able = [item for item in running(entry) if item.ports] or (
        entry.spec.containers if len(entry.spec.containers) == 1 else []
    )
    if all(item.readiness_probe for item in able):
        return []
    targets = {port.target_port or port.port for item in _senders(index, entry) for port in item.spec.ports}
    meant = [
        each for each in able if any(part.container_port in targets or part.name in targets for part in each.ports)
    ]
    return [item for item in meant or able if item.readiness_probe is None]


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """As the service itself says that it is ready, where that is known; else whether anything listens."""
    ref = finding.object
    entry = judged_of(index, ref)
    traits = index.traits.get(ref)
    probes = {}
    for container in _bare(index, entry):
        action = handler(traits.readiness if traits else None, container, traffic_port(index, entry, container))
        if action is not None:
            probes[container.name] = {"readinessProbe": {**action, **TIMINGS}}
    if len(probes) < len(_bare(index, entry)):
        return Advice(
            f"On which port does {ref} answer, and by which protocol?",
            f"kubectl describe {typed(ref)}",
        )
    known = f"{traits.service} answers so when it can take work" if traits and traits.readiness else "it listens there"
    why = f"{finding.detail}; {known}"
    return (Change(ref, in_containers_of(ref, entry.spec, probes), (), Risk.MEDIUM, why),)


HARDENING = template_rule(
    "readiness-probe-missing",
    "Served container without a readiness probe",
    _answer,
    alone=True,
    lasting=True,
    path="spec.template.spec.containers[].readinessProbe",
    propose=propose,
)
