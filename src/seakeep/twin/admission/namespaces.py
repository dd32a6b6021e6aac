"""NamespaceLifecycle: nothing is made in a namespace that is missing or ending, and the cluster's own stay. Source: apiserver admission/plugin/namespace/lifecycle."""

from __future__ import annotations

from seakeep.model.objects import Namespace
from seakeep.model.refs import Ref
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.admission.request import Request

_IMMORTAL = frozenset({"default", "kube-public", "kube-system"})


def check_deletion(ref: Ref) -> None:
    """Raises RejectedError."""
    if ref.kind == "Namespace" and ref.name in _IMMORTAL:
        raise RejectedError(403, f'namespaces "{ref.name}" is forbidden: this namespace may not be deleted')


def check(request: Request) -> None:
    """Raises RejectedError. A namespace that was not read is not missing."""
    name = request.namespace
    if not name or not request.creates:
        return
    found = request.state.get(Namespace, "", name)
    if found is None:
        if request.state.is_absent(Ref("Namespace", "", name)):
            raise RejectedError(404, f'namespaces "{name}" not found')
    elif found.status.phase == "Terminating" or found.metadata.deletion_timestamp is not None:
        raise request.forbidden(f"unable to create new content in namespace {name} because it is being terminated")
