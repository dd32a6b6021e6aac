"""What a controller decides. It only says so; the twin carries it out, through admission where the API server would."""

from __future__ import annotations

from msgspec import Struct

from seakeep.model.objects import KubeObject
from seakeep.model.refs import Ref


class Create(Struct, frozen=True, gc=False):
    """`why` names the rule, in Kubernetes' terms. One that is `named` keeps its name, though it has a prefix for generated ones: the pod of a StatefulSet."""

    object: KubeObject
    why: str
    named: bool = False


class Update(Struct, frozen=True, gc=False):
    """The whole object as it is to be; nothing happens where it is already so. `changed` are the parts that differ (see `changes`), where the controller has compared them."""

    object: KubeObject
    why: str
    changed: int = 0


class Delete(Struct, frozen=True, gc=False):
    """Graceful for pods: the kubelet ends them. `force` removes the object at once."""

    ref: Ref
    why: str
    force: bool = False


class Wait(Struct, frozen=True, gc=False):
    """Look at the object again after so many seconds. Where it is `idle`, a run without a time limit does not wait for it: it would go on for ever."""

    ref: Ref
    seconds: float
    idle: bool = False


Action = Create | Update | Delete | Wait
