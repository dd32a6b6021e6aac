"""The account `default` of each namespace. Source: pkg/controller/serviceaccount `ServiceAccountsController`."""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.model.objects import KubeObject, Namespace, ServiceAccount
from seakeep.model.objects.base import Metadata
from seakeep.model.refs import Ref
from seakeep.twin.actions import Action, Create
from seakeep.twin.controller import View
from seakeep.twin.state import State

_NAME = "default"


class ServiceAccounts:
    """Makes it for a namespace that is new, and again where somebody removed it. One that was not read is taken to be there."""

    name = "service-account"
    watches = frozenset({"Namespace", "ServiceAccount"})

    def concerns(self, state: State, item: KubeObject) -> Iterable[Ref]:
        if item.kind == "Namespace":
            return (item.ref,)
        lost = item.name == _NAME and state.find(item.ref) is None
        return (Ref("Namespace", "", item.namespace),) if lost else ()

    def reconcile(self, view: View, ref: Ref) -> Iterable[Action]:
        item = view.state.get(Namespace, "", ref.name)
        if item is None or item.metadata.deletion_timestamp is not None or item.status.phase == "Terminating":
            return
        if view.state.is_absent(Ref("ServiceAccount", ref.name, _NAME)):
            made = ServiceAccount(metadata=Metadata(name=_NAME, namespace=ref.name))
            yield Create(made, "each namespace has an account default")
