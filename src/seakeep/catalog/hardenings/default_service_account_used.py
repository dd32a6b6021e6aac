"""Every pod of a namespace has the rights of one that needs them.

What: a binding gives rights to the account default, and workloads run as it.

Why: default is what all pods get that name no account: the rights were meant for one of them.

Bad:
    subjects: [{kind: ServiceAccount, name: default, namespace: shop}]

Good:
    subjects: [{kind: ServiceAccount, name: web, namespace: shop}]

Ignore when: the namespace holds one workload only, and never more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.security.api_rights import account_of, grants_of, rights_known
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podspecs import judged_templates
from seakeep.model.change import Advice, Change
from seakeep.model.finding import Finding
from seakeep.model.refs import Ref

RULE = Rule("default-service-account-used")


@once
def _users(index: Index) -> Mapping[Ref, list[Ref]]:
    """Default accounts with what runs as them."""
    found: dict[Ref, list[Ref]] = {}
    for entry in judged_templates(index):
        account = account_of(entry)
        if entry.full and account.name == "default":
            found.setdefault(account, []).append(entry.ref)
    return found


def judge(index: Index) -> Iterable[Finding]:
    for account, users in sorted(_users(index).items()):
        grants = grants_of(index, account)
        if grants:
            given = ", ".join(dict.fromkeys(str(grant.binding) for grant in grants))
            yield RULE.fails(
                account,
                f"{given} gives rights to all pods without an account of their own: {', '.join(map(str, users[:3]))}",
                "",
                "Give the workload that needs the rights an account of its own, and bind them to that.",
            )
        elif rights_known(index, account.namespace):
            yield RULE.passes(account)
        else:
            yield RULE.cannot_see(account, "which bindings name it")


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """Which of them calls the API shows in no object."""
    account = finding.object
    users = ", ".join(map(str, _users(index)[account][:5]))
    return Advice(
        f"Which of {users} calls the Kubernetes API, and so gets an account of its own?",
        f"kubectl auth can-i --list --as=system:serviceaccount:{quote(account.namespace)}:default -n {quote(account.namespace)}",
    )


HARDENING = RULE.leaf("Rights for the default account", judge, propose)
