"""DefaultTolerationSeconds: five minutes on nodes that are not ready or unreachable. Source: plugin/pkg/admission/defaulttolerationseconds."""

from __future__ import annotations

from msgspec.structs import replace

from seakeep.model.objects import Pod
from seakeep.model.objects.pods import Toleration
from seakeep.twin.memo import by_identity

_SECONDS = 300
_TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def mutate(pod: Pod) -> Pod:
    added = _added(pod.spec.tolerations)
    return replace(pod, spec=replace(pod.spec, tolerations=(*pod.spec.tolerations, *added))) if added else pod


@by_identity
def _added(own: tuple[Toleration, ...]) -> tuple[Toleration, ...]:
    """Pods of one template share theirs."""
    return tuple(
        Toleration(key=taint, operator="Exists", effect="NoExecute", toleration_seconds=_SECONDS)
        for taint in _TAINTS
        if not any(item.key in {taint, ""} and item.effect in {"NoExecute", ""} for item in own)
    )
