"""Input that is broken, hostile or odd: one clear message and exit code 2, or a report that says what is missing. Never a traceback."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import re
import tarfile
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from seakeep.adapters.errors import SourceError
from seakeep.adapters.files import archives, skz, yamls
from seakeep.adapters.files.limits import Limits
from seakeep.adapters.files.read import read_bytes, read_path
from tests.adapters.files import cluster
from tests.adapters.program import Result, seakeep

_OUTCOMES = {0, 2, 3, 10, 11, 12, 13}


def judged(*arguments: str, stdin: bytes = b"") -> Result:
    """The command's result, once it is certain that it kept the rules that hold for all input."""
    done = seakeep(*arguments, stdin=stdin)
    assert done.code in _OUTCOMES, done
    assert "Traceback" not in done.err
    if done.code == 2:
        assert done.out == ""
        first, *rest = done.err.splitlines()
        assert first.startswith("seakeep: ")
        assert len(rest) <= 1
        assert all(line.startswith("  ") for line in rest)
    return done


def refused(data: bytes, says: str = "") -> None:
    done = judged("check", "-", "-o", "json", stdin=data)
    assert done.code == 2, done
    assert re.search(says, done.err), done.err
    assert len(done.err.splitlines()) == 2, f"says nothing of what to do next: {done.err}"


DUMP = json.dumps(cluster.mixed(cluster.objects()), indent=1).encode()
YAML = yaml.safe_dump(cluster.mixed(cluster.objects())).encode()
_BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, after in zip("abcdefghij", "bcdefghijk", strict=True)
)
_MAPPING_BOMB = "kind: List\nitems: &a\n- kind: Pod\n" + "".join(
    f"x{n}: &x{n} {{{', '.join(f'k{m}: *x{n - 1}' if n else f'k{m}: *a' for m in range(8))}}}\n" for n in range(12)
)
NOTHING: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "white space": (b" \n\n\t\n", "is empty"),
    "a byte order mark alone": (b"\xef\xbb\xbf", "is empty"),
    "half a UTF-16 letter": (b"\xff\xfe{\x00}", "UTF-16"),
    "binary": (bytes(range(256)) * 40, "binary"),
    "an ELF program": (b"\x7fELF\x02\x01\x01" + bytes(64), "binary"),
    "a zip": (b"PK\x03\x04" + bytes(60), "is a zip archive"),
    "not UTF-8": (b"kind: Pod\nmetadata: {name: \xe9\xe8}\n", "UTF-8"),
    "JSON cut off in an object": (DUMP[: len(DUMP) // 2], "not valid JSON"),
    "a scalar": (b"42", "no Kubernetes objects"),
    "null": (b"null", "no Kubernetes objects"),
    "an empty array": (b"[]", "no Kubernetes objects"),
    "an empty object": (b"{}", "no Kubernetes objects"),
    "prose": (b"The pods are all broken, please help!\n", "no Kubernetes objects"),
    "YAML that is none": (b"a: b: c\n\t- d\n", "not valid YAML"),
    "YAML cut off in a quoted text": (b'kind: Pod\nmetadata: {name: "a\n', "not valid YAML"),
    "a YAML tag that runs code": (b"!!python/object/apply:os.system ['true']\n", "not valid YAML"),
    "an alias bomb": (_BOMB.encode(), "aliases"),
    "an alias bomb of mappings": (_MAPPING_BOMB.encode(), "aliases"),
    "many aliases": (b"a: &a x\n" + b"b: [" + b"*a, " * 5000 + b"]\n", "aliases"),
    "an unknown alias": (b"a: *nowhere\n", "not valid YAML"),
    "an alias of itself": (b"kind: List\nitems: &a [*a]\n", "alias"),
    "deep flow": (b"[" * 100_000, "not valid"),
    "deep flow, closed": (b"[" * 900 + b"]" * 900, "nested too deeply|not valid|no Kubernetes objects"),
    "deep block": (b"- " * 100_000 + b"x", "not valid YAML|nested"),
    "deep JSON": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "not valid JSON"),
    "a list of nothing known": (b'{"kind": 7, "items": {"a": 1}}', "no Kubernetes objects"),
    "a huge number": (b'{"a": 1' + b"0" * 10_000 + b"}", "not valid|no Kubernetes"),
    "a huge number in YAML": (b"a: 1" + b"0" * 10_000, "not valid|no Kubernetes"),
    "a gzip cut off": (cluster.packed({"a.json": "{}"}, "tar.gz")[:40], "broken or truncated"),
    "a gzip of no tar": (gzip.compress(b"hello" * 100), "holds no Kubernetes objects"),
    "a zstd of no tar": (zstandard.compress(b"hello" * 100), "holds no Kubernetes objects"),
    "a zstd cut off": (cluster.packed({"a.json": "{}" * 9999}, "tar.zst")[:60], "broken or truncated"),
    "a bzip2 cut off": (cluster.packed({"a.json": "{}"}, "tar.bz2")[:40], "broken or truncated"),
    "an xz cut off": (cluster.packed({"a.json": "{}"}, "tar.xz")[:60], "broken or truncated"),
    "an archive of nothing": (cluster.packed({}, "tar.gz"), "no Kubernetes objects"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOTHING)
def test_what_holds_nothing_is_refused_with_a_hint(name: str) -> None:
    refused(*NOTHING[name])


def test_the_bomb_that_crashed_the_interpreter_is_small() -> None:
    assert len(_BOMB) < 600


def test_aliases_that_people_write_are_read() -> None:
    text = "apiVersion: v1\nkind: List\nitems:\n- &pod {apiVersion: v1, kind: Pod, metadata: {name: a, labels: &l {app: a}}}\n- {apiVersion: v1, kind: Pod, metadata: {name: b, labels: *l}}\n"
    found = read_bytes(text.encode(), "dump")
    assert [pod.labels for pod in found.objects["Pod"].values()] == [{"app": "a"}, {"app": "a"}]


def test_bombs_are_refused_before_anything_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("was loaded")

    monkeypatch.setattr(yaml, "load_all", never)
    with pytest.raises(SourceError, match="aliases"):
        list(yamls.documents(_BOMB.encode()))


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9, 0.999])
def test_a_truncated_list_is_an_error_and_a_truncated_stream_a_report_that_says_so(cut: float) -> None:
    assert judged("check", "-", stdin=DUMP[: int(len(DUMP) * cut)]).code == 2
    pieces = b"\n".join(json.dumps(item, indent=2).encode() for item in cluster.objects())
    done = judged("check", "-", "-o", "json", stdin=pieces[: int(len(pieces) * cut)])
    assert json.loads(done.out)["snapshot"]["unread"] != []


def test_a_bundle_with_one_broken_file_is_read_without_it(tmp_path: Path) -> None:
    files = cluster.info_dump()
    files["data/services.json"] = files["data/services.json"][:-40]
    files["data/jobs.json"] = "\0\0\0"
    files["data/empty.json"] = ""
    found = read_path(str(cluster.write(tmp_path, files)))
    assert {item.kind for item in found.unread} == {"data/services.json", "data/jobs.json"}
    assert "Service" not in found.objects
    assert "Pod" in found.objects


def test_a_million_lines_of_yaml() -> None:
    lines = b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: big\ndata:\n" + b"".join(
        b"  k%d: v\n" % n for n in range(20_000)
    )
    text = b"---\n".join(lines.replace(b"big", b"big-%d" % n) for n in range(50))
    assert text.count(b"\n") > 1_000_000
    found = read_bytes(text, "big")
    assert len(found.objects["ConfigMap"]) == 50


def test_a_file_that_is_not_there_and_one_that_is_no_file(tmp_path: Path) -> None:
    assert judged("check", str(tmp_path / "nothing.json")).code == 2
    assert judged("check", str(tmp_path)).code == 2
    assert judged("check", "/dev/null").code == 2


# --- archives


def _archive(*entries: tuple[tarfile.TarInfo, bytes], mode: str = "w", form: int = tarfile.PAX_FORMAT) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode=mode, format=form) as archive:  # type: ignore[call-overload]
        for entry, data in entries:
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return sink.getvalue()


def _entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, link
    return entry


def _pod(name: str) -> bytes:
    return json.dumps(
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "data", "uid": "x"}}
    ).encode()


def test_members_that_lead_out_or_are_no_files_are_passed_over(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_bytes(_pod("stolen"))
    hostile = [
        (_entry("../../escape.json"), _pod("escape")),
        (_entry("/etc/absolute.json"), _pod("absolute")),
        (_entry("a/../../../b.json"), _pod("dotted")),
        (_entry("link.json", tarfile.SYMTYPE, str(secret)), b""),
        (_entry("hard.json", tarfile.LNKTYPE, str(secret)), b""),
        (_entry("device.json", tarfile.CHRTYPE), b""),
        (_entry("block.json", tarfile.BLKTYPE), b""),
        (_entry("pipe.json", tarfile.FIFOTYPE), b""),
        (_entry("folder.json", tarfile.DIRTYPE), b""),
        (_entry("fine.json"), _pod("fine")),
    ]
    before = sorted(tmp_path.rglob("*"))
    found = read_bytes(_archive(*hostile, mode="w:gz"), "bundle")
    assert [name for _, name in found.objects["Pod"]] == ["fine"]
    assert sorted(tmp_path.rglob("*")) == before


def test_links_of_a_folder_that_lead_out_of_it_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.json").write_bytes(_pod("outside"))
    inside = tmp_path / "bundle"
    inside.mkdir()
    (inside / "fine.json").write_bytes(_pod("fine"))
    (inside / "link.json").symlink_to(tmp_path / "outside.json")
    (inside / "loop").symlink_to(inside)
    found = read_path(str(inside))
    assert [name for _, name in found.objects["Pod"]] == ["fine"]


_SMALL = Limits(ratio_from=1 << 20, ratio=50, member=8 << 20, total=16 << 20, members=50)


def _members(data: bytes) -> list[tuple[str, bytes]]:
    return list(archives.members(io.BytesIO(data), _SMALL))


def _zeros(megabytes: int) -> bytes:
    return bytes(megabytes << 20)


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz"])
def test_decompression_bombs_in_a_member(mode: str) -> None:
    with pytest.raises(SourceError, match="far more than it holds"):
        _members(_archive((_entry("a.json"), _zeros(6)), mode=mode))


def test_decompression_bomb_in_zstd() -> None:
    with pytest.raises(SourceError, match="far more than it holds"):
        _members(zstandard.compress(_archive((_entry("a.json"), _zeros(6)))))


def test_decompression_bomb_in_members_that_are_skipped_and_in_headers() -> None:
    with pytest.raises(SourceError, match="far more than it holds"):
        _members(_archive((_entry("skipped.bin"), _zeros(6)), mode="w:gz"))
    header = _entry("a.json")
    header.pax_headers = {"comment": "x" * (6 << 20)}
    with pytest.raises(SourceError, match="far more than it holds"):
        _members(_archive((header, b"{}"), mode="w:gz"))


def test_too_many_and_too_large_members() -> None:
    with pytest.raises(SourceError, match="too large"):
        _members(_archive(*((_entry(f"{n}.json"), b"{}") for n in range(60))))
    with pytest.raises(SourceError, match="too large"):
        _members(_archive((_entry("a.json"), _zeros(9))))
    with pytest.raises(SourceError, match="too large"):
        _members(_archive(*((_entry(f"{n}.json"), _zeros(7)) for n in range(3))))


def test_a_negative_size_does_not_make_room() -> None:
    data = bytearray(_archive((_entry("a.json"), b"{}"), (_entry("b.json"), b"{}"), form=tarfile.GNU_FORMAT))
    data[124:136] = b"\xff" * 12  # the size field in base 256: -1
    checksum = sum(data[:148]) + 8 * 32 + sum(data[156:512])
    data[148:156] = b"%06o\0 " % checksum
    with pytest.raises(SourceError):
        _members(bytes(data))


def test_a_long_chain_of_long_names() -> None:
    entry = tarfile.TarInfo("././@LongLink")
    entry.type = tarfile.GNUTYPE_LONGNAME
    entry.size = 2
    block = entry.tobuf(tarfile.GNU_FORMAT) + b"a\0".ljust(512, b"\0")
    with pytest.raises(SourceError, match="broken"):
        _members(block * 5000)


# --- snapshots of ours


def _skz(manifest: bytes, **members: bytes) -> bytes:
    entries = [
        (_entry("seakeep.json"), manifest),
        *((_entry(name.replace("__", "/") + ".json"), data) for name, data in members.items()),
    ]
    return zstandard.compress(_archive(*entries))


@pytest.mark.parametrize(
    "data",
    [
        _skz(b"{"),
        _skz(b"[]"),
        _skz(b'{"format": 99}'),
        _skz(b'{"format": "1"}'),
        _skz(b'{"format": 1, "shallow": [["Pod", "a", "b", 99]]}'),
        _skz(b'{"format": 1, "unread": [["one"]]}'),
        _skz(b'{"format": 1}', objects__Pod=b"{"),
        _skz(b'{"format": 1}', objects__Pod=b"[]"),
        _skz(b'{"format": 1}', objects__Pod=b'{"items": [7]}'),
        _skz(b'{"format": 1}', objects__Pod=b'{"items": [{"kind": 7}]}'),
        _skz(b'{"format": 1}', usage=b'[{"namespace": 1}]'),
        _skz(b'{"format": 1}', checks=b"\xff\xfe"),
        _skz(b'{"format": 1}', alerts=b"[" * 100_000),
    ],
)
def test_damaged_snapshots(data: bytes) -> None:
    refused(data)


# --- odd objects


def _with(**changes: Any) -> bytes:
    items = deepcopy(cluster.objects())
    for item in items:
        item.update({key: value for key, value in changes.items() if key in item})
    return json.dumps(cluster.mixed(items)).encode()


ODD: dict[str, bytes] = {
    "nulls for lists": json.dumps(
        cluster.mixed([{**item, "metadata": {**item["metadata"], "labels": None, "ownerReferences": None}, "spec": {"containers": None, "ports": None, "template": None, "volumes": [None]}, "status": {"conditions": None, "containerStatuses": [None], "phase": None}} for item in cluster.objects()])
    ).encode(),
    "null spec and status": _with(spec=None, status=None),
    "text for spec": _with(spec="text", status=7),
    "lists for maps": _with(spec=[], status=[[]]),
    "unknown versions": _with(apiVersion="example.com/v9alpha1"),
    "no versions": _with(apiVersion=""),
    "wrong types of versions": _with(apiVersion=7),
    "wrong kinds": _with(kind="Nothing"),
    "kinds that are no text": _with(kind=["Pod"]),
    "objects twice": json.dumps(cluster.mixed(cluster.objects() * 2)).encode(),
    "keys twice": DUMP.replace(b'"kind": "Pod"', b'"kind": "Service", "kind": "Pod"'),
    "keys twice in YAML": YAML.replace(b"  kind: Pod\n", b"  kind: Pod\n  kind: Pod\n"),
    "not a number": DUMP.replace(b'"restartCount": 7', b'"restartCount": NaN'),
    "not a number in YAML": YAML.replace(b"restartCount: 7", b"restartCount: .nan"),
    "infinite": YAML.replace(b"restartCount: 7", b"restartCount: .inf"),
    "huge numbers": DUMP.replace(b'"restartCount": 7', b'"restartCount": ' + b"9" * 400),
    "negative numbers": DUMP.replace(b'"replicas": 1', b'"replicas": -5').replace(b'"restartCount": 7', b'"restartCount": -1'),
    "huge quantities": DUMP.replace(b"512Mi", b"9999999999999999999999999999E"),
    "odd quantities": DUMP.replace(b"512Mi", b"1_0").replace(b'"8Gi"', b'"inf"'),
    "mixed files": DUMP + b"\n" + YAML,
    "mixed files, the other way": YAML + b"\n---\n" + DUMP,
    "a transcript after a dump": DUMP + b"\n$ kubectl get pods\nNAME READY\n",
    "events of the future": DUMP.replace(b"2026-03-02T11:59:00Z", b"2999-01-01T00:00:00Z"),
    "created after it was deleted": DUMP.replace(b'"creationTimestamp": "2026-03-02T10:00:00Z"', b'"creationTimestamp": "2026-03-05T10:00:00Z", "deletionTimestamp": "2020-01-01T00:00:00Z"'),
    "before Christ": DUMP.replace(b"2026-03-02T10:00:00Z", b"0001-01-01T00:00:00Z"),
    "no dates": DUMP.replace(b"2026-03-02T10:00:00Z", b"yesterday"),
    "dates without a zone": DUMP.replace(b"00Z", b"00"),
    "letters alone in half": DUMP.replace(b"loader:1", b"\\ud800"),
    "control characters": DUMP.replace(b"loader:1", b"\\u0000\\u001b[31m"),
    "long names": DUMP.replace(b"loader", b"x" * 5000),
    "owners in a circle": json.dumps(cluster.mixed([{"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": name, "namespace": "data", "uid": name, "ownerReferences": [{"kind": "ReplicaSet", "name": other, "uid": other, "controller": True}]}} for name, other in (("a", "b"), ("b", "a"))])).encode(),
}  # fmt: skip


@pytest.mark.parametrize("command", ["check", "diagnose"])
@pytest.mark.parametrize("name", ODD)
def test_odd_objects(name: str, command: str) -> None:
    done = judged(command, "-", "-o", "json", stdin=ODD[name])
    if done.code != 2:
        json.loads(done.out)


@pytest.mark.parametrize("kind", ["Service", "Node", "Job", "Pod"])
def test_namesakes_of_other_groups_are_kinds_of_their_own(kind: str) -> None:
    """Knative has Services, Longhorn Nodes, Volcano Jobs."""
    other = {
        "apiVersion": "example.com/v1",
        "kind": kind,
        "metadata": {"name": "x", "namespace": "data", "uid": "x"},
        "spec": "text",
    }
    for value in (other, cluster.mixed([other]), cluster.listed(kind, [other])):
        found = read_bytes(json.dumps(value).encode(), "dump")
        assert list(found.objects) == [f"{kind}.example.com"]
        assert not found.lists_all(kind, "data")
        judged("check", "-", stdin=json.dumps(value).encode())


def test_one_odd_field_does_not_lose_the_object() -> None:
    text = DUMP.replace(b'"restartCount": 7', b'"restartCount": "seven"')
    done = judged("diagnose", "-", "-o", "json", stdin=text)
    assert "oom-killed" in {cause["id"] for cause in json.loads(done.out)["causes"]}


_ODD_VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 2**70, 1e308, "", "text", "\x00", "10Gi", "2999-01-01T00:00:00Z", [], [None], [[]], {}, {"": None}, {"name": 7}]
) | st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2), max_leaves=4)  # fmt: skip


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        return found + [place for key, item in value.items() for place in _places(item, (*path, key))]
    if isinstance(value, list):
        return found + [place for key, item in enumerate(value) for place in _places(item, (*path, key))]
    return found


_PLACES = _places(cluster.objects())


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from(_PLACES), _ODD_VALUES), min_size=1, max_size=3),
    st.sampled_from(["json", "yaml", "text"]),
)
def test_wrong_types_in_every_field(changes: list[tuple[tuple[Any, ...], Any]], form: str) -> None:
    items = deepcopy(cluster.objects())
    for (*way, last), value in changes:
        holder: Any = items
        try:
            for step in way:
                holder = holder[step]
            holder[last] = deepcopy(value)  # the same value may stand in itself otherwise
        except (KeyError, IndexError, TypeError):
            continue
    judged("check", "-", "-o", form, stdin=json.dumps(cluster.mixed(items)).encode())


READERS: dict[str, Callable[[bytes], object]] = {
    "JSON": lambda data: read_bytes(data, "x"),
    "YAML": lambda data: list(yamls.documents(data)),
    "archive": lambda data: list(archives.members(io.BytesIO(data))),
}
_SEEDS = {
    "JSON": [DUMP],
    "YAML": [YAML],
    "archive": [cluster.packed(cluster.info_dump(), form) for form in ("tar", "tar.gz", "tar.zst")]
    + [skz.encode(read_bytes(DUMP, "x"))],
}


@pytest.mark.parametrize("form", READERS)
@settings(max_examples=80)
@given(data=st.data())
def test_bytes_changed_anywhere(form: str, data: st.DataObject) -> None:
    """Only SourceError leaves a reader."""
    seed = bytearray(data.draw(st.sampled_from(_SEEDS[form])))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(seed)))
        seed[start : start + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=12))
    with contextlib.suppress(SourceError):
        READERS[form](bytes(seed))
