"""Charts and kustomizations among manifests."""

from __future__ import annotations

from pathlib import Path

import pytest

from seakeep.adapters.errors import SourceError
from seakeep.adapters.files import unrendered
from seakeep.adapters.files.read import read_path
from seakeep.model.objects import Deployment

OVEN = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: oven}\nspec: {template: {spec: {containers: [{name: oven, image: 'oven:1'}]}}}\n"
TEMPLATE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}-oven\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TEMPLATE, True),
        ('name: "{{ include "bakery.fullname" . }}"', True),
        ("{{- if .Values.ingress.enabled }}\nkind: Ingress\n{{- end }}", True),
        ("replicas: {{- .Values.replicas }}", True),
        ('annotations: {summary: "{{ $labels.pod }} burns"}', False),
        ("template: '{{ define \"slack\" }}{{ range .Alerts }}{{ .Status }}{{ end }}{{ end }}'", False),
        ('args: ["{{inputs.parameters.flour}}"]', False),
        ("legendFormat: '{{ span_name }}'", False),
        ("kind: ConfigMap", False),
    ],
)
def test_helm_templates(text: str, expected: bool) -> None:
    assert unrendered.is_helm_template(text.encode()) is expected


def test_a_folder_of_templates_says_how_to_render_them(tmp_path: Path) -> None:
    (tmp_path / "oven.yaml").write_text(TEMPLATE)
    with pytest.raises(SourceError) as caught:
        read_path(str(tmp_path))
    assert "helm template" in (caught.value.hint or "")


def test_a_single_template_says_so(tmp_path: Path) -> None:
    (tmp_path / "oven.yaml").write_text(TEMPLATE)
    with pytest.raises(SourceError, match="Helm template"):
        read_path(str(tmp_path / "oven.yaml"))


def test_templates_beside_manifests_are_named(tmp_path: Path) -> None:
    (tmp_path / "oven.yaml").write_text(OVEN)
    (tmp_path / "till.yaml").write_text(TEMPLATE)
    snapshot = read_path(str(tmp_path))
    assert [item.name for item in snapshot.all(Deployment)] == ["oven"]
    assert [(item.kind, item.reason) for item in snapshot.unread] == [("till.yaml", unrendered.HELM_ADVICE)]


@pytest.mark.parametrize(
    "entry",
    ["patches: [{path: ../patches/oven.yaml}]", "patchesStrategicMerge: [../patches/oven.yaml]"],
)
def test_a_patch_does_not_stand_for_the_object_that_it_changes(tmp_path: Path, entry: str) -> None:
    for folder in ("base", "patches", "prod"):
        (tmp_path / folder).mkdir()
    (tmp_path / "base" / "oven.yaml").write_text(OVEN)
    (tmp_path / "patches" / "oven.yaml").write_text(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: oven}\nspec: {replicas: 5}\n"
    )
    (tmp_path / "prod" / "kustomization.yaml").write_text(f"resources: [../base]\n{entry}\n")
    snapshot = read_path(str(tmp_path))
    oven = snapshot.get(Deployment, "", "oven")
    assert oven is not None
    assert oven.spec.template.spec.containers[0].name == "oven"
    assert [(item.kind, item.reason) for item in snapshot.unread] == [
        ("prod/kustomization.yaml", unrendered.KUSTOMIZE_ADVICE)
    ]


@pytest.mark.parametrize("text", ["- a\n- b\n", "patches: oven\n", "patches: [{path: 3}, {patch: x}]\n", "{{{", ""])
def test_kustomizations_that_cannot_be_read_patch_nothing(text: str) -> None:
    assert unrendered.patches("kustomization.yaml", text.encode()) == frozenset()


def test_one_exported_object_does_not_make_manifests_a_cluster(tmp_path: Path) -> None:
    (tmp_path / "oven.yaml").write_text(OVEN)
    (tmp_path / "till.yaml").write_text(OVEN.replace("oven", "till"))
    (tmp_path / "mill.yaml").write_text(
        OVEN.replace("{name: oven}", "{name: mill, creationTimestamp: '2026-01-01T00:00:00Z'}", 1)
    )
    assert read_path(str(tmp_path)).intent_only


def test_what_is_to_be_filled_in_by_other_tools_is_called_a_template(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ oven_name }}-heat\n")
    (tmp_path / "b.yaml").write_text(OVEN)
    (tmp_path / "c.yaml").write_text("kind: ConfigMap\nmetadata: {name: a\n")
    unread = {item.kind: item.reason for item in read_path(str(tmp_path)).unread}
    assert unread["a.yaml"] == "a template: {{ … }} is not filled in (line 4)"
    assert "not valid YAML" in unread["c.yaml"]
