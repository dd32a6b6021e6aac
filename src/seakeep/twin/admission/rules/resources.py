"""Requests and limits. Source: pkg/apis/core/validation (validateResourceRequirements, ValidateContainerResourceName, ValidateResourceQuantityValue)."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.model.objects.pods import Resources
from seakeep.twin.admission import forms
from seakeep.twin.admission.amounts import Amount, amounts
from seakeep.twin.admission.pod_resources import overcommitted, pod_level
from seakeep.twin.admission.rules import quotas
from seakeep.twin.admission.rules.words import below_nothing, forbidden, invalid, not_whole, required, unsupported
from seakeep.twin.memo import by_identity

_OF_CONTAINERS = frozenset({"cpu", "memory", "ephemeral-storage"})
_PAGES = "hugepages-"
_OF_PODS = ("cpu", _PAGES, "memory")


def errors(own: Resources, path: str, *, full: bool = False, of_pod: bool = False) -> Iterator[str]:
    """Without `full` only requests against limits."""
    if of_pod or not _are_fine(own):
        yield from _wrong(own, path, full=full, of_pod=of_pod)


@by_identity
def _are_fine(own: Resources) -> bool:
    """Of nearly all, and the same for all pods of a template."""
    return not any(_wrong(own, "", full=True))


def _wrong(own: Resources, path: str, *, full: bool, of_pod: bool = False) -> Iterator[str]:
    requests, limits = amounts(own.requests), amounts(own.limits)
    if full:
        for name, amount in sorted(limits.items()):
            yield from _entry(name, amount, f"{path}.limits[{name}]", of_pod=of_pod)
    for name, amount in sorted(requests.items()):
        if full:
            yield from _entry(name, amount, f"{path}.requests[{name}]", of_pod=of_pod)
        limit = limits.get(name)
        if limit is None:
            if not overcommitted(name):
                yield required(f"{path}.limits", "Limit must be set for non overcommitable resources")
        elif amount.nano != limit.nano and not overcommitted(name):
            yield invalid(f"{path}.requests", str(amount), f"must be equal to {name} limit of {limit}")
        elif amount.nano > limit.nano:
            yield invalid(f"{path}.requests", str(amount), f"must be less than or equal to {name} limit of {limit}")
    named = {*requests, *limits}
    if any(name.startswith(_PAGES) for name in named) and not named & {"cpu", "memory"}:
        yield forbidden(path, "HugePages require cpu or memory")


def _entry(name: str, amount: Amount, path: str, *, of_pod: bool) -> Iterator[str]:
    words = list(_name(name))
    yield from (invalid(path, name, word) for word in words)
    if of_pod and not words and not pod_level(name):
        yield unsupported(path, name, _OF_PODS)
    elif not of_pod and "/" not in name and name not in _OF_CONTAINERS and not name.startswith(_PAGES):
        yield invalid(path, name, "must be a standard resource for containers")
    elif not of_pod and "/" in name and "kubernetes.io/" not in name and not is_extended(name):
        yield invalid(path, name, "doesn't follow extended resource name standard")
    yield from below_nothing(path, amount)
    if name in quotas.COUNTED or is_extended(name):
        yield from not_whole(path, amount)


def _name(name: str) -> Iterator[str]:
    words = list(forms.label_key(name))
    yield from words
    if not words and "/" not in name and name != "storage" and not quotas.is_standard(name):
        yield "must be a standard resource type or fully qualified"


def is_extended(name: str) -> bool:
    native = "/" not in name or "kubernetes.io/" in name or name.startswith("requests.")
    return not native and not any(forms.label_key(f"requests.{name}"))
