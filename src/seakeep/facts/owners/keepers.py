"""Who would change an object back: the GitOps tool, release or operator that keeps it as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import controller_of
from seakeep.model.objects import STRUCTS, KubeObject, Unstructured
from seakeep.model.refs import Ref

_BUILT_IN = frozenset(kind for _, kind in STRUCTS)
# https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/, https://fluxcd.io/flux/components/kustomize/, helm's pkg/action/validate.go
_ARGO_ID = "argocd.argoproj.io/tracking-id"
_FLUX = {"kustomize.toolkit.fluxcd.io": "Kustomization", "helm.toolkit.fluxcd.io": "HelmRelease"}
_RELEASE, _RELEASE_SPACE = "meta.helm.sh/release-name", "meta.helm.sh/release-namespace"


class Keeper(Struct, frozen=True):
    """`text` names who would revert a change, and where to make it instead; `at_once` where that would not even wait for a next release or sync."""

    text: str
    at_once: bool


def keeper_of(index: Index, ref: Ref) -> Keeper | None:
    """None where nobody is known to revert a change of the object."""
    item = index.snapshot.find(ref)
    return next(_keepers(index, item), None) if item is not None else None


def _keepers(index: Index, item: KubeObject) -> Iterator[Keeper]:
    owner = controller_of(item)
    if owner is not None and owner.kind not in _BUILT_IN:
        yield Keeper(f"{owner} owns it and writes it anew: change its spec there", True)
    application = item.metadata.annotations.get(_ARGO_ID, "").partition(":")[0] or _applications(index).get(
        item.ref, ""
    )
    if application:
        heals = application in _healing(index)
        when = "undoes it at once" if heals else "reverts it at its next sync"
        yield Keeper(f"Argo CD Application {application} {when}: change it in its repository", heals)
    for group, kind in _FLUX.items():
        name = item.labels.get(f"{group}/name")
        if name:
            yield Keeper(
                f"Flux {kind} {name} reverts it at its next reconciliation: change it in its repository", False
            )
    release = release_of(item)
    if release is not None:
        text = f"the next upgrade of Helm release {'/'.join(release)} reverts it: set it in the release's values"
        yield Keeper(text, False)


def release_of(item: KubeObject) -> tuple[str, str] | None:
    """Namespace and name of the Helm release that made the object."""
    release = item.metadata.annotations.get(_RELEASE)
    return (item.metadata.annotations.get(_RELEASE_SPACE, item.namespace), release) if release else None


@once
def _applications(index: Index) -> Mapping[Ref, str]:
    """What Applications list as theirs."""
    found: dict[Ref, str] = {}
    for item in _argo(index):
        status = item.status if isinstance(item.status, Mapping) else {}
        for part in status.get("resources") or ():
            if isinstance(part, Mapping):
                ref = Ref(str(part.get("kind", "")), str(part.get("namespace", "")), str(part.get("name", "")))
                found[ref] = item.name
    return found


@once
def _healing(index: Index) -> frozenset[str]:
    """Applications that undo changes at once (`syncPolicy.automated.selfHeal`)."""
    found = set()
    for item in _argo(index):
        spec = item.spec if isinstance(item.spec, Mapping) else {}
        policy = spec.get("syncPolicy") or {}
        automated = policy.get("automated") if isinstance(policy, Mapping) else None
        if isinstance(automated, Mapping) and automated.get("selfHeal") is True:
            found.add(item.name)
    return frozenset(found)


def _argo(index: Index) -> Iterator[Unstructured]:
    for item in index.snapshot.of_kind("Application"):
        if isinstance(item, Unstructured) and item.api_version.startswith("argoproj.io/"):
            yield item
