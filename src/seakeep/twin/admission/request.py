"""A request on its way through admission, and how Kubernetes words its refusal. Source: apiserver `admission.NewForbidden`, apimachinery `errors.NewForbidden`, `NewInvalid`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct

from seakeep.facts.kind_names import plural
from seakeep.model.objects import KubeObject
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.state import State


class Request(Struct, frozen=True):
    """`old` is None for a create. `name` is what refusals call the object: a name that is still to be generated is its prefix."""

    state: State
    old: KubeObject | None
    resource: str
    name: str
    namespace: str

    @property
    def creates(self) -> bool:
        return self.old is None

    def forbidden(self, text: str) -> RejectedError:
        return RejectedError(403, f'{self.resource} "{self.name}" is forbidden: {text}')


def invalid(item: KubeObject, errors: Sequence[str]) -> RejectedError:
    group = group_of(item)
    kind = f"{item.kind}.{group}" if group else item.kind
    return RejectedError(422, f'{kind} "{item.name}" is invalid: {joined(errors)}')


def joined(errors: Sequence[str]) -> str:
    """Several errors as one text (apimachinery `util/errors.Aggregate`): each once."""
    once = tuple(dict.fromkeys(errors))
    return once[0] if len(once) == 1 else f"[{', '.join(once)}]"


def group_of(item: KubeObject) -> str:
    group, slash, _ = item.api_version.partition("/")
    return group if slash else ""


def resource_of(item: KubeObject) -> str:
    """`deployments.apps`, `pods`."""
    return _resource(item.kind, item.api_version)


@lru_cache(maxsize=4096)
def _resource(kind: str, api_version: str) -> str:
    group, slash, _ = api_version.partition("/")
    return f"{plural(kind)}.{group}" if slash else plural(kind)


def request(state: State, new: KubeObject, old: KubeObject | None, *, mutating: bool) -> Request:
    """While mutating plugins run, `metadata.generateName` has not become a name yet."""
    metadata = new.metadata
    prefix = metadata.generate_name
    unnamed = mutating and old is None and prefix and metadata.name.startswith(prefix)
    return Request(state, old, resource_of(new), prefix if unnamed else metadata.name, metadata.namespace)
