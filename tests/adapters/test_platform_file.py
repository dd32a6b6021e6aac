"""platform.yaml: whatever it holds, the error names the file and the line, or there is none."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seakeep.adapters.errors import UsageError
from seakeep.adapters.platform_file import PlatformFileError, parse_intent, read_intent

FILE = Path("platform.yaml")
GOOD = """\
apiVersion: seakeep/v1
kind: Platform
name: prod
services:
- id: kafka
  namespace: data
  criticality: critical
  intended: {StatefulSet/data/kafka: 3}
  dependsOn: [zookeeper]
targets:
- {score: health, value: 95, day: 2026-12-31}
waivers:
- {target: data/doris, reason: replaced by Trino, owner: data-team, expires: 2026-12-31}
"""


def test_a_whole_file() -> None:
    intent = parse_intent(GOOD, FILE)
    assert intent.services[0].intended == {"StatefulSet/data/kafka": 3}
    assert intent.waivers[0].owner == "data-team"


@pytest.mark.parametrize(
    ("now", "then", "line"),
    [
        ("seakeep/v1", "seakeep/v9", 1),
        ("kind: Platform", "kind: Pod", 2),
        ("name: prod", "nmae: prod", 3),
        ("name: prod", "name: [prod]", 3),
        ("criticality: critical", "criticality: vital", 7),
        ("StatefulSet/data/kafka: 3", "kafka: 3", 8),
        ("StatefulSet/data/kafka: 3", "StatefulSet/data/kafka: many", 8),
        ("StatefulSet/data/kafka: 3", "StatefulSet/data/kafka: .nan", 8),
        ("StatefulSet/data/kafka: 3", "StatefulSet/data/kafka: -1", 8),
        ("[zookeeper]", "zookeeper", 9),
        ("value: 95", "value: 950", 11),
        ("day: 2026-12-31", "day: tomorrow", 11),
        ("owner: data-team, ", "", 13),
        ("expires: 2026-12-31", "expires: never", 13),
        ("- id: kafka", "- id: kafka\n  id: kafka", 6),
        ("targets:", "targets: 7\nx:", 11),
        ("  namespace", "\tnamespace", 6),
    ],
)
def test_errors_name_the_line(now: str, then: str, line: int) -> None:
    assert now in GOOD
    with pytest.raises(PlatformFileError) as caught:
        parse_intent(GOOD.replace(now, then, 1) if not now.startswith("targets") else GOOD.replace(now, then), FILE)
    assert str(caught.value).startswith(f"platform.yaml:{line}: ")
    assert caught.value.exit_code == 2


@given(
    st.integers(0, len(GOOD)),
    st.integers(0, 30),
    st.text(max_size=10) | st.sampled_from(["&a ", "*a", "[", "{", "!!x ", "\t", ": ", "- ", "? ", "\x00"]),
)
def test_only_usage_errors_leave_it(start: int, length: int, noise: str) -> None:
    with contextlib.suppress(UsageError):
        parse_intent(GOOD[:start] + noise + GOOD[start + length :], FILE)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 50_000,
        "- " * 50_000,
        "a: &a [*a]",
        "services: &a [*a]\napiVersion: seakeep/v1",
        "apiVersion: seakeep/v1\nservices: [[]]",
    ],
)
def test_deep_and_circular(text: str) -> None:
    with pytest.raises(UsageError):
        parse_intent(text, FILE)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "none.yaml", tmp_path, tmp_path / "odd.yaml"):
        with pytest.raises(UsageError):
            read_intent(path)


def test_an_empty_file_declares_nothing() -> None:
    assert parse_intent("", FILE).services == ()
