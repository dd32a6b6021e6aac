"""Every pod of the cluster may connect to the pods of a namespace.

What: pods of it are selected by no NetworkPolicy for ingress, or by one that admits everybody on every port.

Why: whoever breaks into one pod, of whatever namespace, can try every database, broker and admin port there is.

Bad:
    no NetworkPolicy in the namespace

Good:
    spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}]}]}

Ignore when: the network plug-in does not enforce policies, or a mesh's own rules do. Namespaces that serve every pod (DNS, network, mesh) are not judged. Egress is left open, unlike what some tools ask for: closing it takes every address outside, name lookups among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.policies.network import unread_policies
from seakeep.facts.policies.policy_enforcement import are_enforced
from seakeep.facts.policies.policy_proposals import UnknownError, exposed_templates, policies_for, uncovered, wide_open
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podspecs import shows
from seakeep.model.change import Advice, Change, Risk, Shared
from seakeep.model.finding import Finding
from seakeep.model.refs import Ref

RULE = Rule("network-policy-missing")
_SYSTEM = frozenset({"kube-system", "kube-public", "kube-node-lease"})
# What every pod relies on, mostly through no address in its configuration.
_EVERYBODYS = frozenset({"cni", "coredns", "control-plane", "istio", "kube-proxy"})
_READ = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Service", "ConfigMap", "Ingress")


def judge(index: Index) -> Iterable[Finding]:
    if not are_enforced(index):
        return
    theirs = {ref.namespace for ref, traits in index.traits.items() if traits.service in _EVERYBODYS}
    for space, items in sorted(exposed_templates(index).items()):
        if not space or space in _SYSTEM or space in theirs:
            continue
        ref = Ref("Namespace", "", space)
        bare, by = uncovered(index, space), wide_open(index, space)
        bare = [*bare, *{item.ref: item for group in by.values() for item in group}.values()]
        if not bare:
            yield RULE.passes(ref)
        elif not shows(index, "NetworkPolicy", space) or any(
            item.namespace == space for item in unread_policies(index)
        ):
            yield RULE.cannot_see(ref, "its NetworkPolicies")
        else:
            detail = f"every pod of the cluster may connect to {len(bare)} of its {len(items)} workloads"
            if by:
                detail += f": NetworkPolicy {', '.join(sorted(by))} admits everybody"
            repair = "Admit ingress from its own pods, from those of others that rely on it, and from no one else."
            yield RULE.fails(ref, detail, "", repair)


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """Who connects today may do so afterwards: checked connection by connection before it is proposed."""
    space = finding.object.name
    if by := sorted(wide_open(index, space)):
        return Advice(
            f"Whom is NetworkPolicy {', '.join(by)} of namespace {space} to admit, if not everybody?",
            f"kubectl get networkpolicies -n {quote(space)} -o yaml",
        )
    lookup = f"kubectl get pods,services,endpointslices -n {quote(space)} -o wide"
    hidden = [kind for kind in _READ if not shows(index, kind, "*")]
    if hidden:
        return Advice(
            f"Who connects to the pods of namespace {space} (the source does not show every {hidden[0]})?", lookup
        )
    try:
        specs = policies_for(index, space)
    except UnknownError as error:
        shared = Shared(f"Not known is {error}: who connects to the pods of {{}}?", f"namespace {space}", lookup.replace(f"-n {quote(space)}", "-A"))  # fmt: skip
        return Advice(f"Not known is {error}: who connects to the pods of namespace {space}?", lookup, shared)
    why = f"{finding.detail}; admitted stay its own pods and all that configuration, routes and checks show to connect"
    if index.snapshot.intent_only:
        why += "; clients that these manifests do not hold (another chart, team or cluster) are cut off"
    return tuple(
        Change(Ref("NetworkPolicy", space, name), {"spec": spec}, (), Risk.HIGH, why, "networking.k8s.io/v1")
        for name, spec in sorted(specs.items())
    )


HARDENING = RULE.leaf("Pods that everybody may connect to", judge, propose)
