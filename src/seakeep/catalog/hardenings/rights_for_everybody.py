"""A binding gives rights to whoever asks.

What: a binding names the user `system:anonymous`, or the group `system:unauthenticated`; or it gives every right there is to a group of all accounts or of all who are known.

Why: whoever reaches the API server, or any pod of the cluster, may then do what the role allows.

Bad:
    roleRef: {kind: ClusterRole, name: cluster-admin}
    subjects: [{kind: Group, name: system:unauthenticated}]

Good:
    subjects: [{kind: ServiceAccount, name: deployer, namespace: tools}]

Ignore when: the role only reads what everybody may know. What Kubernetes and kubeadm bind themselves is not judged.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.security.api_rights import is_all, rules_of
from seakeep.facts.shell_words import typed
from seakeep.model.change import Advice
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import ClusterRoleBinding, RoleBinding
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

RULE = Rule("rights-for-everybody", Severity.ERROR)
_STRANGERS = frozenset({"system:anonymous", "system:unauthenticated"})
_ALL_KNOWN = frozenset({"system:authenticated", "system:serviceaccounts"})
# kubeadm and the API server let strangers read the cluster's own address and version.
_OWN = ("system:", "kubeadm:")


def judge(index: Index) -> Iterable[Finding]:
    bindings: list[ClusterRoleBinding | RoleBinding] = [
        *index.snapshot.all(ClusterRoleBinding),
        *index.snapshot.all(RoleBinding),
    ]
    for item in bindings:
        if item.name.startswith(_OWN):
            continue
        if index.snapshot.depth(item.ref) is not Depth.FULL:
            yield RULE.cannot_see(item.ref, "whom it names")
            continue
        names = {subject.name for subject in item.subjects if subject.kind in {"User", "Group"}}
        strangers, known = sorted(names & _STRANGERS), sorted(names & _ALL_KNOWN)
        if strangers or (known and _gives_all(index, item)):
            text = f"{', '.join(strangers or known)} may do what {item.role_ref.kind} {item.role_ref.name} allows"
            yield RULE.fails(item.ref, text, "subjects", "Name the accounts that need it.")
        elif known:
            yield RULE.passes(item.ref)


def _gives_all(index: Index, item: ClusterRoleBinding | RoleBinding) -> bool:
    role = item.role_ref
    if role.name == "cluster-admin":
        return True
    space = item.namespace if role.kind == "Role" else ""
    return any(map(is_all, rules_of(index, Ref(role.kind, space, role.name)) or ()))


def propose(index: Index, finding: Finding) -> Advice:
    """Who relies on it stands in no object."""
    del index
    return Advice(f"Who needs what {finding.object} gives?", f"kubectl get {typed(finding.object)} -o yaml")


HARDENING = RULE.leaf("Rights for whoever asks", judge, propose, (ClusterRoleBinding, RoleBinding))
