from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from seakeep.adapters.errors import UsageError
from seakeep.adapters.own_files import text_of, yaml_fault


def test_what_is_no_readable_text_is_named(tmp_path: Path) -> None:
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    for path, fault in (
        (tmp_path / "none.yaml", "does not exist"),
        (binary, "is no text"),
        (tmp_path, "cannot be read: Is a directory"),
    ):
        with pytest.raises(UsageError) as found:
            text_of(path, "a hint")
        assert str(found.value) == f"{path} {fault}"
        assert found.value.hint == "a hint"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: 1\n---\nb: 2\n", (2, "a second document begins here")),
        ("a: 1\nb: [\n", (3, "not valid YAML: expected the node content, but found '<stream end>'")),
        ("a:\n\tb: 1\n", (2, "a tab, where YAML takes only spaces")),
    ],
)
def test_what_yaml_stumbles_over(text: str, fault: tuple[int, str]) -> None:
    with pytest.raises(yaml.YAMLError) as found:
        yaml.safe_load(text)
    assert yaml_fault(found.value) == fault


def test_what_has_no_mark_is_of_the_first_line() -> None:
    assert yaml_fault(RecursionError()) == (1, "not valid YAML")
