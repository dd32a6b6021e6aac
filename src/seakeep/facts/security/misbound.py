"""Bindings that name an account of another namespace, or by a slip of its name, where the one that was meant gets nothing."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.likeness import is_slip
from seakeep.facts.security.api_rights import grants_of
from seakeep.facts.workloads.podspecs import judged_templates
from seakeep.model.objects import ClusterRoleBinding, RoleBinding, ServiceAccount
from seakeep.model.refs import Ref


class Misbound(Struct, frozen=True):
    """`binding` gives its role to `named`, which is not there; `meant` is the only account of that name, or nearly that name, is used, and has no rights."""

    binding: Ref
    named: Ref
    meant: Ref
    users: tuple[Ref, ...]


def misbound(index: Index) -> Iterator[Misbound]:
    accounts: dict[str, list[Ref]] = {}
    for item in index.snapshot.all(ServiceAccount):
        accounts.setdefault(item.name, []).append(item.ref)
    bindings: list[ClusterRoleBinding | RoleBinding] = [*index.snapshot.all(ClusterRoleBinding)]
    bindings += index.snapshot.all(RoleBinding)
    for binding in bindings:
        for subject in binding.subjects:
            named = Ref(subject.kind, subject.namespace or binding.namespace, subject.name)
            twins = [ref for ref in accounts.get(subject.name, ()) if ref.namespace != named.namespace]
            if index.snapshot.intent_only and not twins and index.snapshot.find(named) is None:
                # A slip of the name of an account that nothing else binds.
                twins = [
                    ref
                    for refs in accounts.values()
                    for ref in refs
                    if ref.namespace == named.namespace and is_slip(ref.name, named.name)
                ]
            if subject.kind != "ServiceAccount" or subject.name == "default" or len(twins) != 1:
                continue
            meant = twins[0]
            gone = index.snapshot.find(named) is None if index.snapshot.intent_only else index.snapshot.is_absent(named)
            if not named.namespace or not meant.namespace or not gone:
                continue
            if binding.namespace in {"", meant.namespace} and not grants_of(index, meant):
                yield Misbound(binding.ref, named, meant, _users(index, meant))


def _users(index: Index, account: Ref) -> tuple[Ref, ...]:
    return tuple(
        item.ref
        for item in judged_templates(index)
        if item.ref.namespace == account.namespace and item.spec.service_account_name == account.name
    )
