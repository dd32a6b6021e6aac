"""Manifests file by file, as a plan writes them out beside its overlay."""

from __future__ import annotations

from pathlib import Path

import pytest

from seakeep.adapters.errors import UsageError
from seakeep.adapters.manifests import manifests_by_file, read_manifests

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


def test_what_a_link_brings_in_from_elsewhere_is_not_written_out_again(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.yaml").write_text(MAP)
    folder = tmp_path / "manifests"
    folder.mkdir()
    (folder / "a.yaml").write_text(MAP)
    (folder / "b.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    (folder / "c.yaml").symlink_to(folder / "a.yaml")
    assert sorted(manifests_by_file(folder)) == ["a.yaml", "c.yaml"]


def test_bombs_are_refused(tmp_path: Path) -> None:
    rows = "".join(f"  b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 9 if n else ['x'] * 9)}]\n" for n in range(12))
    (tmp_path / "a.yaml").write_text(f"{MAP}status:\n{rows}")
    (tmp_path / "b.yaml").write_text(f"{MAP}status: {'[' * 400}\n")
    for name, says in (("a.yaml", "aliases"), ("b.yaml", "nested too deeply")):
        with pytest.raises(UsageError, match=says):
            read_manifests(tmp_path / name)
    assert not manifests_by_file(tmp_path)
