from __future__ import annotations

from typing import Any

import pytest

from seakeep.facts.index import Index
from seakeep.facts.owners.keepers import Keeper, keeper_of
from seakeep.model.refs import Ref
from seakeep.testing.cases import snapshot_of

WEB = Ref("Deployment", "shop", "web")


def _index(metadata: dict[str, Any], *others: dict[str, Any]) -> Index:
    web = {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "web", "namespace": "shop", **metadata}}
    return Index(snapshot_of({"objects": [web, *others]}))


def _application(spec: dict[str, Any], resources: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "kind": "Application",
        "apiVersion": "argoproj.io/v1alpha1",
        "metadata": {"name": "shop", "namespace": "argocd"},
        "spec": spec,
        "status": {"resources": resources},
    }


@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        ({}, ""),
        ({"labels": {"app.kubernetes.io/managed-by": "Helm"}}, ""),
        (
            {"annotations": {"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "shop"}},
            "the next upgrade of Helm release shop/web reverts it: set it in the release's values",
        ),
        (
            {"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}},
            "Flux Kustomization apps reverts it at its next reconciliation: change it in its repository",
        ),
        (
            {"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/web"}},
            "Argo CD Application shop reverts it at its next sync: change it in its repository",
        ),
        (
            {"ownerReferences": [{"kind": "Kafka", "name": "main", "controller": True}]},
            "Kafka shop/main owns it and writes it anew: change its spec there",
        ),
    ],
)
def test_who_keeps_it(metadata: dict[str, Any], told: str) -> None:
    found = keeper_of(_index(metadata), WEB)
    assert (found.text if found else "") == told


def test_an_application_that_lists_it_and_heals() -> None:
    mine = [{"kind": "Deployment", "namespace": "shop", "name": "web"}]
    healing = _application({"syncPolicy": {"automated": {"selfHeal": True}}}, mine)
    assert keeper_of(_index({}, healing), WEB) == Keeper(
        "Argo CD Application shop undoes it at once: change it in its repository", True
    )
    waiting = keeper_of(_index({}, _application({"syncPolicy": None}, mine)), WEB)
    assert waiting is not None
    assert not waiting.at_once
    assert keeper_of(_index({}, _application({}, [])), WEB) is None


def test_what_is_not_there_is_nobodys() -> None:
    assert keeper_of(_index({}), Ref("Deployment", "shop", "other")) is None
