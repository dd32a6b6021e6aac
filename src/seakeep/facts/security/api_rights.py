"""What a ServiceAccount may do, by the bindings that name it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.workloads.podspecs import Judged, shows
from seakeep.model.objects import ClusterRole, ClusterRoleBinding, Role, RoleBinding
from seakeep.model.objects.cluster import PolicyRule, RoleRef, Subject
from seakeep.model.refs import Ref

# Bound to every account of every cluster by Kubernetes itself: reading which APIs there are.
_EVERYBODY = "system:"


class Grant(Struct, frozen=True):
    """`role` is a Role or ClusterRole that `binding` gives; `everywhere` for all namespaces."""

    binding: Ref
    role: Ref
    everywhere: bool


def account_of(entry: Judged) -> Ref:
    """The account that the pods run as."""
    return Ref("ServiceAccount", entry.ref.namespace, entry.spec.service_account_name or "default")


def rights_known(index: Index, namespace: str) -> bool:
    """Whether every binding that may concern an account of the namespace was seen. Bindings in other namespaces may name it too, but give nothing here."""
    return shows(index, "RoleBinding", namespace) and shows(index, "ClusterRoleBinding", "")


def grants_of(index: Index, account: Ref) -> tuple[Grant, ...]:
    """By name (an account is a user too), or to the group of all accounts of its namespace or of the cluster, or of all who are known. What Kubernetes gives to every account is left out."""
    known = _grants(index)
    keys = (
        account,
        Ref("Group", "", f"system:serviceaccounts:{account.namespace}"),
        Ref("Group", "", "system:serviceaccounts"),
        Ref("Group", "", "system:authenticated"),
        Ref("User", "", f"system:serviceaccount:{account.namespace}:{account.name}"),
    )
    return tuple(
        sorted({each for key in keys for each in known.get(key, ())}, key=lambda item: (item.binding, item.role))
    )


@once
def _grants(index: Index) -> Mapping[Ref, tuple[Grant, ...]]:
    found: dict[Ref, list[Grant]] = {}
    for whom, grant in _given(index):
        found.setdefault(whom, []).append(grant)
    return {whom: tuple(grants) for whom, grants in found.items()}


def _given(index: Index) -> Iterator[tuple[Ref, Grant]]:
    for item in index.snapshot.all(ClusterRoleBinding):
        for subject in item.subjects:
            if subject.kind == "ServiceAccount" or not item.name.startswith(_EVERYBODY):
                yield _whom(subject, ""), Grant(item.ref, _role(item.role_ref, ""), everywhere=True)
    for binding in index.snapshot.all(RoleBinding):
        for subject in binding.subjects:
            role = _role(binding.role_ref, binding.namespace)
            yield _whom(subject, binding.namespace), Grant(binding.ref, role, everywhere=False)


def _whom(subject: Subject, namespace: str) -> Ref:
    is_account = subject.kind == "ServiceAccount"
    return Ref(subject.kind, (subject.namespace or namespace) if is_account else "", subject.name)


def _role(named: RoleRef, namespace: str) -> Ref:
    return Ref(named.kind, namespace if named.kind == "Role" else "", named.name)


def rules_of(index: Index, role: Ref) -> tuple[PolicyRule, ...] | None:
    """None where the role was not seen."""
    found = (
        index.snapshot.get(Role, role.namespace, role.name)
        if role.kind == "Role"
        else index.snapshot.get(ClusterRole, "", role.name)
    )
    return found.rules if found is not None else None


def is_all(rule: PolicyRule) -> bool:
    """Every verb on every resource of every group, Secrets and roles among them."""
    return "*" in rule.verbs and "*" in rule.resources and "*" in rule.api_groups and not rule.resource_names
