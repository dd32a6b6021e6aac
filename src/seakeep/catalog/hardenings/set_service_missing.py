"""The Service that gives a StatefulSet's pods their names is not there.

What: serviceName names no Service of the namespace, or one that selects other pods.

Why: the pods get no DNS names of their own. Members that look for each other by name (`kafka-0.kafka`) find nobody, and every client needs another way to a certain pod.

Bad:
    kind: StatefulSet
    spec: {serviceName: kafka-headless}     # and no such Service

Good:
    kind: Service
    metadata: {name: kafka-headless}
    spec: {clusterIP: None, selector: {app: kafka}}

Ignore when: nobody addresses its pods one by one. A Service with an address of its own is not judged, unlike by other tools: the cluster's DNS names the pods behind it all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.routing.naming_services import naming_service
from seakeep.facts.routing.routing import services_by_backend
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podspecs import shows
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import Service, StatefulSet
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

RULE = Rule("set-service-missing", Severity.INFO)


def judge(index: Index) -> Iterable[Finding]:
    behind = services_by_backend(index)
    for item in index.snapshot.all(StatefulSet):
        name, space = item.spec.service_name, item.namespace
        service = index.snapshot.get(Service, space, name) if name else None
        if index.snapshot.depth(item.ref) < Depth.DESCRIBED:
            yield RULE.cannot_see(item.ref, "its serviceName")
        elif not name:
            continue
        elif any(each.name == name for each in behind.get(item.ref, ())):
            yield RULE.passes(item.ref)
        elif not shows(index, "Service", space) or (service and index.snapshot.depth(service.ref) < Depth.DESCRIBED):
            yield RULE.cannot_see(item.ref, f"Service {name}")
        else:
            what = "selects other pods" if service else "is not there"
            text = f"Service {name}, which is to name its pods, {what}"
            repair = "Make a headless Service of that name with the set's selector."
            yield RULE.fails(item.ref, text, "spec.serviceName", repair)


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """A headless Service changes nothing for those who use another."""
    ref = finding.object
    item, spec = index.snapshot.get(StatefulSet, ref.namespace, ref.name), naming_service(index, ref)
    if item is None or spec is None:
        return Advice(
            f"Which Service is to give the pods of {ref} their names?",
            f"kubectl get services -n {quote(ref.namespace)} -o wide",
        )
    service = Ref("Service", ref.namespace, item.spec.service_name)
    why = f"{finding.detail}; a headless one names them, also while they look for each other and are not ready"
    return (Change(service, {"spec": spec}, (), Risk.LOW, why, "v1"),)


HARDENING = RULE.leaf("StatefulSet without the Service that names its pods", judge, propose, reads=(StatefulSet,))
