"""A plan's files: kustomize makes of base and overlay what stands in applied/, and what no patch should do is not done."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from seakeep.model.change import Risk
from seakeep.model.plan import Base, Outcome, Plan, Planned, Reason, Undo, Verdict, Wave
from seakeep.model.refs import Ref
from seakeep.render.plan.diff import plan_diff
from seakeep.render.plan.gitops import files, pull_request
from seakeep.testing.engines import missing
from seakeep.testing.testbed.build import TestbedError, kubectl

WEB: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "nodeSelector": {"pool": "old", "arch": "amd64"},
                "containers": [
                    {
                        "name": "web",
                        "image": "web:1",
                        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
                    },
                    {"name": "log", "image": "log:1"},
                ],
            },
        },
    },
}
EVIL = "</script><script>alert(1)</script>"


def _planned(target: Ref, patch: dict[str, Any], *, exists: bool, remove: tuple[str, ...] = (), **more: Any) -> Planned:
    fields = {
        "id": f"{target.kind}/{target.namespace}/{target.name}",
        "target": target,
        "api_version": "apps/v1" if target.kind == "Deployment" else "policy/v1",
        "patch": patch,
        "remove": remove,
        "risk": Risk.MEDIUM,
        "reasons": (Reason("some-rule", target, "because of 3 replicas"),),
        "base": Base("u", "1", "d") if exists else Base(),
        "undo": Undo({"spec": {"replicas": 2}}) if exists else Undo(delete=True),
    }
    return Planned(**{**fields, **more})


def _plan(*changes: Planned) -> Plan:
    outcome = Outcome({"health": 90.0}, {})
    return Plan(
        "abc", "dump", None, "", 95.0, (Wave("all", changes, "all is current"),), Verdict("fine", outcome, outcome)
    )


CHANGED = _planned(
    Ref("Deployment", "shop", "web"),
    {"spec": {"replicas": 3, "template": {"spec": {"containers": [{"name": "web", "image": "web:2"}]}}}},
    exists=True,
    remove=("spec.template.spec.nodeSelector.pool", "spec.template.spec.containers[name=web].env[name=A]"),
)
MADE = _planned(
    Ref("PodDisruptionBudget", "shop", "web"),
    {"spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}}},
    exists=False,
)


@pytest.mark.engine("kubernetes")
@pytest.mark.parametrize("version", ["apps/v1", "apps/v1beta2", "shop.example.com/v1"])
def test_kustomize_makes_of_the_overlay_what_the_plan_makes(tmp_path: Path, version: str) -> None:
    """Of old versions and custom resources too, whose lists it does not know how to merge."""
    program = shutil.which("kubectl")
    if program is None:
        try:
            program = str(kubectl())
        except TestbedError as error:
            missing("kubernetes", str(error))
    web, changed = {**WEB, "apiVersion": version}, replace(CHANGED, api_version=version)
    for name, text in files(_plan(changed, MADE), {"web.yaml": [web]}).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    built = subprocess.run([program, "kustomize", tmp_path / "overlay"], check=True, capture_output=True, text=True)
    made = {item["kind"]: item for item in yaml.safe_load_all(built.stdout)}
    wished = {}
    for path in sorted((tmp_path / "applied").glob("*.yaml")):
        wished.update({item["kind"]: item for item in yaml.safe_load_all(path.read_text())})
    assert made == wished
    spec = made["Deployment"]["spec"]["template"]["spec"]
    assert spec["nodeSelector"] == {"arch": "amd64"}
    assert spec["containers"][0]["env"] == [{"name": "B", "value": "2"}]
    assert made["PodDisruptionBudget"]["metadata"]["annotations"] == {"argocd.argoproj.io/sync-wave": "1"}


def test_the_base_holds_each_object_once() -> None:
    """Kustomize refuses one twice. The later counts, as it does for the plan; names to be generated and other groups' namesakes are others."""
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": "sweep-"}}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}
    other = {**service, "apiVersion": "serving.knative.dev/v1"}
    later = {**WEB, "spec": {"replicas": 3}}
    found = files(_plan(), {"a.yaml": [WEB], "b.yaml": [later, job, job, service, other], "c.yaml": [{**job}]})
    assert yaml.safe_load(found["base/kustomization.yaml"])["resources"] == ["b.yaml", "c.yaml"]
    kept = list(yaml.safe_load_all(found["base/b.yaml"]))
    assert kept == [later, job, job, service, other]


def test_the_diff_shows_what_is_touched_and_no_more() -> None:
    text = plan_diff(_plan(CHANGED, MADE), color=False)
    assert "-  replicas: 2\n+  replicas: 3\n" in text
    assert "log" not in text
    assert "--- /dev/null\n+++ PodDisruptionBudget/shop/web\n" in text
    assert "\x1b" not in text


def test_the_text_of_a_pull_request_names_who_reverts_and_holds_no_markup() -> None:
    kept = _planned(
        Ref("Deployment", "shop", "web"),
        {"metadata": {"labels": {"x": f"{EVIL}\x1b[31m```"}}},
        exists=True,
        reverted_by="the next upgrade of Helm release shop/web reverts it: set it in the release's values",
    )
    text = pull_request(_plan(kept))
    assert "## Change these at their source" in text
    assert "Helm release shop/web" in text
    assert "\x1b" not in text
    assert text.count("```") == 2


def test_each_change_has_a_file_of_its_own() -> None:
    """`shop-eu` and `web` make the same words as `shop` and `eu-web`."""
    one, other = (
        replace(CHANGED, id=f"Deployment/{space}/{name}", target=Ref("Deployment", space, name))
        for space, name in (("shop-eu", "web"), ("shop", "eu-web"))
    )
    found = files(_plan(one, other))
    patches = [item["path"] for item in yaml.safe_load(found["overlay/kustomization.yaml"])["patches"]]
    assert len(set(patches)) == 2
    names = [yaml.safe_load(found[f"overlay/{path}"])["metadata"] for path in patches]
    assert names == [{"name": "web", "namespace": "shop-eu"}, {"name": "eu-web", "namespace": "shop"}]


def test_a_pull_request_of_many_changes_stays_below_what_a_forge_takes() -> None:
    many = tuple(
        replace(CHANGED, id=f"Deployment/shop/web-{number}", target=Ref("Deployment", "shop", f"web-{number}"))
        for number in range(600)
    )
    text = pull_request(_plan(*many))
    assert len(text) < 65_000
    assert "600 Deployments: shop/web-0, shop/web-1" in text
    assert "plan.yaml" in text


def test_an_overlay_of_patches_alone_says_where_their_objects_stand() -> None:
    found = files(_plan(CHANGED, MADE))["overlay/kustomization.yaml"]
    assert found.startswith("# Add the folder of your manifests to resources: ")
    assert not files(_plan(MADE))["overlay/kustomization.yaml"].startswith("#")
    assert not files(_plan(CHANGED), {"web.yaml": [WEB]})["overlay/kustomization.yaml"].startswith("#")
