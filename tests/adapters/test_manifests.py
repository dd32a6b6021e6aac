"""Manifests file by file, as a plan writes them out beside its overlay."""

from __future__ import annotations

from pathlib import Path

import pytest

from seakeep.adapters.manifests import manifests_by_file

NAMESPACE = '{\n\t"kind": "Namespace",\n\t"apiVersion": "v1",\n\t"metadata": {"name": "oven"}\n}\n'
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: heat, namespace: oven}\n"


def test_json_may_be_indented_by_tabs_and_yaml_begin_with_a_brace(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(NAMESPACE)
    (tmp_path / "b.yaml").write_text("{apiVersion: v1, kind: ConfigMap, metadata: {name: heat}}\n")
    found = {name: [item["kind"] for item in items] for name, items in manifests_by_file(tmp_path).items()}
    assert found == {"a.json": ["Namespace"], "b.yaml": ["ConfigMap"]}


@pytest.mark.parametrize(
    ("status", "written"),
    [
        ("{}", True),
        ("{loadBalancer: {}}", True),
        ("{conditions: [], storedVersions: []}", True),
        ("{replicas: 0}", False),
        ("{phase: Active}", False),
    ],
)
def test_an_empty_status_is_a_generators_and_another_a_clusters(tmp_path: Path, status: str, written: bool) -> None:
    (tmp_path / "a.yaml").write_text(f"{MAP}status: {status}\n")
    assert bool(manifests_by_file(tmp_path)) is written
