"""A namespace that runs workloads has no quota on CPU and memory.

What: no ResourceQuota of the namespace counts requests or limits. The cluster's own namespaces are left out.

Why: one wrong number of replicas, or a loop that makes Jobs, takes the whole cluster; everybody else's pods wait.

Bad:
    kind: Namespace     # and any number of pods in it

Good:
    kind: ResourceQuota
    spec: {hard: {requests.cpu: "12", requests.memory: 24Gi, pods: "40"}}
    ---
    kind: LimitRange
    spec: {limits: [{type: Container, defaultRequest: {cpu: 100m, memory: 256Mi}}]}

Ignore when: the cluster serves this namespace alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.admission.namespace_kinds import is_system
from seakeep.facts.admission.planned_admission import defaults_in
from seakeep.facts.index import Index
from seakeep.facts.proposing import free_name
from seakeep.facts.resources.namespace_needs import by_namespace, need_of, usual_requests
from seakeep.facts.resources.quota import Kind, kind_of
from seakeep.facts.resources.quota_figures import default_requests, hard_for
from seakeep.facts.resources.sizing import of_all
from seakeep.facts.security.pod_makers import unseen_makers
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podspecs import shows
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding
from seakeep.model.objects import Namespace, ResourceQuota
from seakeep.model.refs import Ref

RULE = Rule("namespace-quota-missing")
_COMPUTE = frozenset({Kind.CPU, Kind.MEMORY})


def judge(index: Index) -> Iterable[Finding]:
    """Of plain manifests only those that make the namespace say what is meant to be in it."""
    counted = {
        item.namespace
        for item in index.snapshot.all(ResourceQuota)
        if not item.spec.scopes and any(kind_of(name) in _COMPUTE for name in item.spec.hard)
    }
    for name in by_namespace(index):
        ref, item = Ref("Namespace", "", name), index.snapshot.get(Namespace, "", name)
        if is_system(index, name) or (item is None and index.snapshot.intent_only):
            continue
        if item is not None and item.metadata.deletion_timestamp:
            continue
        if name in counted:
            yield RULE.passes(ref)
        elif not shows(index, "ResourceQuota", name):
            yield RULE.cannot_see(ref, "ResourceQuotas")
        else:
            text = "no ResourceQuota limits the CPU and memory that its pods may ask for"
            repair = "Add a ResourceQuota on requests, and a LimitRange that gives pods without requests a default."
            yield RULE.fails(ref, text, "", repair)


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """What is asked for now, the largest roll-out, and a lost node's pods or a quarter on top. Only what every pod will have a request for is counted."""
    name = finding.object.name
    makers = unseen_makers(index, by_namespace(index)[name])
    if makers:
        question = f"How many pods does {makers[0]} make in namespace {name}, and how large are they?"
        return Advice(question, f"kubectl top pod -n {quote(name)}")
    known = {**defaults_in(index, name)[0], **usual_requests(index, name)}
    need = need_of(index, name)
    hard = {key: value for key, value in hard_for(need).items() if key == "pods" or key.rpartition(".")[2] in known}
    if len(hard) == 1:
        question = f"How much CPU and memory do the pods of namespace {name} use?"
        return Advice(question, f"kubectl top pod -n {quote(name)}", of_all(f"namespace {name}"))
    why = f"{finding.detail}; {need.text}"
    quota = Ref("ResourceQuota", name, free_name(index, "ResourceQuota", name, "compute"))
    limits = default_requests(index, name, tuple(key for key in ("cpu", "memory") if f"requests.{key}" in hard))
    change = Change(quota, {"spec": {"hard": hard}}, (), Risk.MEDIUM, why, "v1")
    return (limits, change) if limits else (change,)


HARDENING = RULE.leaf("Namespace without a quota", judge, propose)
