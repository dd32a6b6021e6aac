"""A database or broker keeps its data where its pod's end takes it.

What: a database, search engine, object store or log that a Service leads to has no volume but scratch space and configuration.

Why: a drain, an eviction or a new version of the image makes a new pod, and with the old one every row is gone.

Bad:
    volumes: [{name: data, emptyDir: {}}]     # of a PostgreSQL

Good:
    volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 20Gi}}}}]

Ignore when: what it holds is made anew at each start. Caches (redis, memcached) are not judged.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Unseen, template_rule
from seakeep.facts.index import Index
from seakeep.facts.probes.probe_actions import is_asked
from seakeep.facts.routing.routing import services_by_backend
from seakeep.facts.volumes.scratch_volumes import keeps_nothing
from seakeep.facts.workloads.podspecs import Judged
from seakeep.model.change import Advice, Change
from seakeep.model.finding import Finding, Severity

# Members that only hand on what others hold.
_BESIDE = ("client", "coordinat", "ingest", "gateway", "proxy", "router", "mongos", "arbiter")


def _answer(index: Index, entry: Judged) -> Answer:
    traits = index.traits.get(entry.ref)
    if traits is None or traits.holds != "data" or entry.ref.kind not in {"Deployment", "StatefulSet"}:
        return None
    if any(word in entry.ref.name for word in _BESIDE) or not services_by_backend(index).get(entry.ref):
        return None
    health = traits.liveness or traits.readiness
    if entry.seen and health and not any(not item.ports or is_asked(health, item) for item in entry.spec.containers):
        return None  # what bears the service's name and is another program
    if not entry.full:
        return Unseen("its volumes")
    return f"{traits.service} has no volume that outlives its pod" if keeps_nothing(index, entry) else HOLDS


def propose(_: Index, finding: Finding) -> Sequence[Change] | Advice:
    """Where and how large is not to be seen, and what the pod holds now would stay behind."""
    ref = finding.object
    return Advice(f"On a volume of which size and StorageClass is {ref} to keep its data?", "kubectl get storageclass")


HARDENING = template_rule(
    "data-not-kept",
    "Data that goes with its pod",
    _answer,
    severity=Severity.ERROR,
    alone=True,
    path="spec.template.spec.volumes",
    repair="Mount a claim where it keeps its data; in a StatefulSet, one for each pod.",
    propose=propose,
)
