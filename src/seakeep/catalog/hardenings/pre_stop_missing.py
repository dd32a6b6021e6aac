"""A pod behind a Service stops while requests still arrive.

What: no container has a preStop hook, in a Deployment of several replicas behind a Service that is no service known to end its connections by itself, or in a service that needs a
command to stop in order.

Why: a pod that is deleted gets SIGTERM while every node still sends it new connections, until kube-proxy there has heard of it. Each roll-out and drain fails some requests.

Bad:
    containers: [{name: api, ports: [{containerPort: 8080}]}]

Good:
    containers: [{name: api, ports: [{containerPort: 8080}], lifecycle: {preStop: {sleep: {seconds: 5}}}}]

Ignore when: the server goes on accepting for some seconds after SIGTERM, or its clients try again.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Fault, Unseen, template_rule
from seakeep.facts.admission.server_version import at_least
from seakeep.facts.index import Index
from seakeep.facts.proposing import in_containers
from seakeep.facts.routing.routing import services_by_backend
from seakeep.facts.shell_words import quote, typed
from seakeep.facts.workloads.podspecs import Judged, judged_of, shows
from seakeep.model.change import Advice, Change, Risk, Shared
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import Container, Service

# What kube-proxy needs to hear of it, with its minSyncPeriod of one second; every deletion takes as much longer.
_SECONDS = 5
_HEADLESS = "None"


def _answer(index: Index, entry: Judged) -> Answer:
    severity = _applies(index, entry)
    if severity is None:
        return None
    served = services_by_backend(index).get(entry.ref, ())
    if not served and (not shows(index, "Service", entry.ref.namespace) or not entry.labels_known):
        return Unseen("whether a Service selects it")
    if not _spoken_to(served, severity):
        return None
    if not entry.full:
        return Unseen("its preStop hooks")
    if not _servers(entry) or any(item.lifecycle and item.lifecycle.pre_stop for item in entry.spec.containers):
        return Fault(HOLDS, severity=severity)
    return Fault(f"Service {served[0].name} may still send to a pod that has begun to stop", severity=severity)


def _applies(index: Index, entry: Judged) -> Severity | None:
    """Of services in the catalog only those that are told to stop by a command; the others end connections by themselves, or their clients reconnect."""
    traits = index.traits.get(entry.ref)
    if traits is not None:
        return Severity.WARNING if traits.pre_stop and entry.scaled else None
    several = entry.replicas is None or entry.replicas > 1
    return Severity.INFO if entry.ref.kind == "Deployment" and several else None


def _spoken_to(services: Sequence[Service], severity: Severity) -> bool:
    """A headless Service is looked up, not balanced: its clients know which pod they speak to."""
    return any(item.spec.cluster_ip != _HEADLESS for item in services) or (
        bool(services) and severity is Severity.WARNING
    )


def _servers(entry: Judged) -> list[Container]:
    return [item for item in entry.spec.containers if item.ports]


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """The service's own command where one is known. Else a pause of the kubelet's (1.30): whether the image has a `sleep` is not known."""
    ref = finding.object
    entry, traits = judged_of(index, ref), index.traits.get(ref)
    servers = _servers(entry)
    if traits is not None:
        chosen = [item for item in servers if item.name in {traits.service, traits.component}] or servers
        if len(chosen) != 1:
            return Advice(f"Which container of {ref} is {traits.service}'s?", _lookup(entry))
        hook: dict[str, object] = {"exec": {"command": list(traits.pre_stop)}}
        why = f"{finding.detail}; {' '.join(traits.pre_stop)} ends it in order"
    elif at_least(index, 30) and _grace(entry) >= 2 * _SECONDS:
        hook = {"sleep": {"seconds": _SECONDS}}
        why = f"{finding.detail}; {_SECONDS} s are enough for kube-proxy on every node to hear of it"
        chosen = servers
    else:
        return Advice(
            f"Does the server of {ref} go on accepting connections for {_SECONDS} s after SIGTERM, or has its image a `sleep` for a preStop hook?",
            _lookup(entry),
            Shared(
                f"Do the servers of {{}} go on accepting connections for {_SECONDS} s after SIGTERM, or have their images a `sleep` for a preStop hook?",
                str(ref),
                f"kubectl get deployments -n {quote(ref.namespace)} -o yaml",
            ),
        )
    patch = in_containers(ref, {item.name: {"lifecycle": {"preStop": hook}} for item in chosen})
    return (Change(ref, patch, (), Risk.MEDIUM, why),)


def _grace(entry: Judged) -> int:
    chosen = entry.spec.termination_grace_period_seconds
    return 30 if chosen is None else chosen


def _lookup(entry: Judged) -> str:
    return f"kubectl get {typed(entry.ref)} -o yaml"


HARDENING = template_rule(
    "pre-stop-missing",
    "Stop that fails requests",
    _answer,
    alone=True,
    path="spec.template.spec.containers[].lifecycle.preStop",
    repair=f"Add a preStop hook that waits {_SECONDS} seconds, or the service's own command.",
    propose=propose,
)
