"""A Service picks no pod, and nobody uses it.

What: no workload's pods carry the labels of the Service's selector, nothing in the cluster addresses it, and it is older than a day.

Why: its name and address promise something that is not there. Who finds it later waits for time-outs, and a policy or monitor that goes by it is silent.

Bad:
    selector: {app: cart-old}     # of a workload that was removed

Good:
    no such Service

Ignore when: the workload is to come back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from seakeep.contract.hardening import Rule
from seakeep.facts.calls.dependencies import consumers
from seakeep.facts.index import Index
from seakeep.facts.references.mentions import mentioned
from seakeep.facts.routing.routing import backends_of
from seakeep.facts.routing.selectors import is_astray, labels_text
from seakeep.facts.selection import selected_pods
from seakeep.facts.shell_words import named
from seakeep.model.change import Advice
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import Ingress, Service
from seakeep.model.refs import Ref

RULE = Rule("service-without-endpoints", Severity.INFO)
_AGE = timedelta(days=1)
_BACKENDS = ("Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")


def judge(index: Index) -> Iterable[Finding]:
    """Where a workload looks meant, or somebody relies on the Service, it is a root cause and not a matter of tidiness."""
    if index.snapshot.intent_only:
        return  # what it selects may be in another folder
    routed = {
        Ref("Service", item.namespace, path.backend.service.name)
        for item in index.snapshot.all(Ingress)
        for rule in item.spec.rules
        for path in (rule.http.paths if rule.http else ())
        if path.backend.service
    }
    for service in index.snapshot.all(Service):
        selector, born = service.spec.selector, service.metadata.creation_timestamp
        if not selector or service.spec.type == "ExternalName" or service.metadata.owner_references:
            continue
        if backends_of(index, service) or selected_pods(index, service.namespace, selector):
            yield RULE.passes(service.ref)
        elif born is None or index.now - born < _AGE or service.ref in routed or is_astray(index, service):
            continue
        elif any(key.lower().endswith("role") for key in selector):
            continue  # operators put roles on running pods
        elif service.ref in consumers(index) or service.name in mentioned(index):
            continue
        elif all(index.snapshot.lists_all(kind, service.namespace) for kind in _BACKENDS):
            text = f"no pod or template has the labels {labels_text(selector)}, and nothing addresses it"
            yield RULE.fails(service.ref, text, "spec.selector", "Delete the Service, or correct its selector.")
        else:
            yield RULE.cannot_see(service.ref, "all pods that it may select")


def propose(index: Index, finding: Finding) -> Advice:
    """Who uses it from outside cannot be seen."""
    del index
    ref = finding.object
    return Advice(
        f"Is the workload behind {ref} to come back, or may the Service go?",
        f"kubectl describe service {named(ref)}",
    )


HARDENING = RULE.leaf("Service that picks nothing", judge, propose, reads=(Service,))
