"""What keeps Seakeep fast, counted rather than timed: a busy machine must not fail a test."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from seakeep.adapters.files import jsons
from seakeep.adapters.files.intern import Interner
from seakeep.adapters.files.read import read_path
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.selection import Labelled
from seakeep.model.objects import Deployment, Pod, ReplicaSet
from seakeep.model.snapshot import Snapshot

_ROOT = Path(__file__).parents[2]
_HEAVY = (
    "kubernetes",
    "jinja2",
    "yaml",
    "ryml",
    "msgspec",
    "zstandard",
    "rich.table",
    "seakeep.catalog.causes",
    "seakeep.engine",
    "seakeep.model.objects",
)


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dump") / "dump.json"
    code = "import sys; from pathlib import Path; from benchmarks.cluster import write_dump; write_dump(Path(sys.argv[1]), 5, 154)"
    subprocess.run([sys.executable, "-c", code, str(path)], cwd=_ROOT, check=True)
    return path


def test_help_imports_nothing_that_is_only_for_work() -> None:
    code = "import sys; sys.argv = ['seakeep', '--help']\nfrom seakeep.cli.main import app\ntry: app()\nexcept SystemExit: pass\nprint(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines())
    assert "seakeep.cli.main" in loaded
    assert not sorted(name for name in _HEAVY if name in loaded)


def test_a_question_is_worked_out_once_per_index_and_anew_for_another() -> None:
    asked: Counter[int] = Counter()

    @once
    def question(index: Index) -> int:
        asked[id(index)] += 1
        return id(index)

    one, two = Index(Snapshot("one", None)), Index(Snapshot("two", None))
    assert [question(one), question(one), question(two)] == [id(one), id(one), id(two)]
    assert list(asked.values()) == [1, 1]


def test_lists_are_decoded_by_type_and_never_as_plain_values(dump: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = []
    parse = jsons.parse
    monkeypatch.setattr(jsons, "parse", lambda data: plain.append(parse(data)) or parse(data))
    snapshot = read_path(str(dump))
    assert sum(1 for _ in snapshot.all(Pod)) == 154
    # Secrets lose their values as plain values first.
    assert {item["kind"] for item in plain} == {"Secret"}


def test_replicas_share_their_parts_and_keep_their_own(dump: Path) -> None:
    groups: dict[str, list[Pod]] = {}
    for pod in read_path(str(dump)).all(Pod):
        groups.setdefault(pod.labels["app"], []).append(pod)
    first, second = next(group for group in groups.values() if len(group) > 1)[:2]
    assert first.labels is second.labels
    assert first.spec.tolerations is second.spec.tolerations
    assert first.spec.containers[0].env is second.spec.containers[0].env
    tokens = {
        mount.name
        for pod in (first, second)
        for mount in pod.spec.containers[0].volume_mounts
        if "token" not in mount.name and mount.name.startswith("kube-api-access")
    }
    assert len(tokens) == 2
    assert {volume.name for volume in first.spec.volumes} >= {
        mount.name for mount in first.spec.containers[0].volume_mounts
    }


@pytest.mark.parametrize("kind", [Pod, Deployment, ReplicaSet])
def test_shared_decoding_gives_what_plain_decoding_gives(dump: Path, kind: type) -> None:
    raws = [raw for raw in msgspec.json.decode(dump.read_bytes())["items"] if raw["kind"] == kind.__name__]
    assert raws
    interner = Interner()
    for raw in raws:
        text = msgspec.json.encode(raw)
        wanted = msgspec.json.decode(text, type=kind, strict=False)
        if kind is Pod:
            wanted = msgspec.structs.replace(
                wanted, metadata=msgspec.structs.replace(wanted.metadata, managed_fields=())
            )
        assert interner.decode(msgspec.Raw(text), kind) == wanted


def test_a_token_name_in_another_place_is_left_alone() -> None:
    text = b'{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","args":["kube-api-access-abcde"],"volumeMounts":[{"name":"kube-api-access-abcde"}]}]}}'
    pod = Interner().decode(msgspec.Raw(text), Pod)
    assert pod == msgspec.json.decode(text, type=Pod)


def test_selectors_look_only_at_what_carries_their_rarest_label() -> None:
    items = [{"app": f"app-{number % 100}", "tier": "web"} for number in range(1000)]
    looked = Counter[int]()

    def labels(item: dict[str, str]) -> dict[str, str]:
        looked[id(item)] += 1
        return item

    table = Labelled(items, labels)
    table.matching({"app": "app-0", "tier": "web"})
    looked.clear()
    assert table.matching({"app": "app-7", "tier": "web"}) == items[7::100]
    assert looked.total() == 10
    assert table.matching({}) == []
    assert table.matching({"app": "none"}) == []
