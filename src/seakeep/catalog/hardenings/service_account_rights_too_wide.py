"""A workload may do everything in the cluster.

What: its account is bound to cluster-admin, or to a role with every verb on every resource.

Why: whoever breaks into one of its pods rules the cluster, or the namespace.

Bad:
    roleRef: {kind: ClusterRole, name: cluster-admin}

Good:
    rules: [{apiGroups: [""], resources: [pods], verbs: [get, list, watch]}]

Ignore when: it deploys what others write, as GitOps and backup tools do; known ones are left out already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.security.api_rights import Grant, account_of, grants_of, is_all, rights_known, rules_of
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podspecs import judged_templates
from seakeep.model.change import Advice, Change
from seakeep.model.finding import Finding
from seakeep.model.refs import Ref

RULE = Rule("service-account-rights-too-wide")
# They make or restore objects of any kind, and so need every right.
_DEPLOYERS = frozenset({"argocd", "flux", "velero"})
_ALL = "cluster-admin"


@once
def _users(index: Index) -> Mapping[Ref, list[Ref]]:
    found: dict[Ref, list[Ref]] = {}
    for entry in judged_templates(index):
        traits = index.traits.get(entry.ref)
        if entry.full and entry.ref.namespace != "kube-system" and not (traits and traits.service in _DEPLOYERS):
            found.setdefault(account_of(entry), []).append(entry.ref)
    return found


def judge(index: Index) -> Iterable[Finding]:
    for account, users in sorted(_users(index).items()):
        grants = grants_of(index, account)
        wide = [grant for grant in grants if _is_wide(index, grant)]
        if wide:
            said = ", ".join(f"{grant.binding} gives {grant.role}" for grant in wide)
            extent = "in every namespace" if any(grant.everywhere for grant in wide) else "in the namespace"
            detail = f"{', '.join(map(str, users[:3]))} may do everything {extent}: {said}"
            yield RULE.fails(account, detail, "", "Bind a role with the verbs and resources that it uses.")
        elif not rights_known(index, account.namespace) or any(_is_hidden(index, grant) for grant in grants):
            yield RULE.cannot_see(account, "what it may do")
        elif grants:
            yield RULE.passes(account)


def _is_wide(index: Index, grant: Grant) -> bool:
    return grant.role.name == _ALL or any(map(is_all, rules_of(index, grant.role) or ()))


def _is_hidden(index: Index, grant: Grant) -> bool:
    """A role that is known not to exist gives nothing."""
    return rules_of(index, grant.role) is None and not index.snapshot.is_absent(grant.role)


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """What it asks of the API stands in the audit log, in no object."""
    account = finding.object
    users = ", ".join(map(str, _users(index)[account][:3]))
    return Advice(
        f"Which verbs on which resources do {users} need?",
        f"kubectl auth can-i --list --as=system:serviceaccount:{quote(account.namespace)}:{quote(account.name)}",
    )


HARDENING = RULE.leaf("Account that may do everything", judge, propose)
