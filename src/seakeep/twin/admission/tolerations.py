"""DefaultTolerationSeconds: five minutes on nodes that are not ready or unreachable. Source: plugin/pkg/admission/defaulttolerationseconds."""

from __future__ import annotations

from functools import lru_cache

from msgspec.structs import replace

from seakeep.model.objects import Pod
from seakeep.model.objects.pods import Toleration
from seakeep.twin.memo import by_identity

_SECONDS = 300
_TAINTS = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def mutate(pod: Pod) -> Pod:
    own = pod.spec.tolerations
    found = _completed(own)
    return pod if found is own else replace(pod, spec=replace(pod.spec, tolerations=found))


@by_identity
def _completed(own: tuple[Toleration, ...]) -> tuple[Toleration, ...]:
    """Pods of one template share theirs, and so do those of templates that say the same."""
    added = _added(own)
    return _same((*own, *added)) if added else own


@lru_cache(maxsize=4096)
def _same(tolerations: tuple[Toleration, ...]) -> tuple[Toleration, ...]:
    return tolerations


def _added(own: tuple[Toleration, ...]) -> tuple[Toleration, ...]:
    return tuple(
        Toleration(key=taint, operator="Exists", effect="NoExecute", toleration_seconds=_SECONDS)
        for taint in _TAINTS
        if not any(item.key in {taint, ""} and item.effect in {"NoExecute", ""} for item in own)
    )
