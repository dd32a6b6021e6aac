"""Whatever text is given, the parser reads what it can or raises SourceError."""

from __future__ import annotations

import contextlib
import json
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seakeep.adapters.errors import SourceError
from seakeep.adapters.files.read import read_bytes
from seakeep.adapters.transcript import looks_like_transcript, read_transcript
from seakeep.adapters.transcript.headerless import row
from seakeep.adapters.transcript.split import pairs
from tests.adapters.transcript.samples import WHOLE

_LINES = WHOLE.splitlines(keepends=True)
_NOISE = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["$ kubectl ", "Name:  ", "Events:\n", "  ----  ----\n", "NAME   READY   STATUS\n", "stdout:\n", '"', "'", "\\", "\x00", "\x1b[31m", "\ufeff", "{", "}\n", "items:\n", ":", "<none>", "9" * 30, "-1", "\t", "\r\n", "..."]
    ),
)  # fmt: skip


def _read(text: str) -> None:
    looks_like_transcript(text)
    with contextlib.suppress(SourceError):
        read_transcript(text, "x")


@given(st.integers(0, len(WHOLE)))
def test_cut_at_any_place(end: int) -> None:
    _read(WHOLE[:end])
    _read(WHOLE[end:])


@given(st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 60), _NOISE), min_size=1, max_size=6))
def test_text_spliced_in(changes: list[tuple[int, int, str]]) -> None:
    text = WHOLE
    for start, length, noise in changes:
        text = text[:start] + noise + text[start + length :]
    _read(text)


@given(st.integers(), st.sampled_from(["lines", "cells", "indent"]))
def test_shuffled(seed: int, what: str) -> None:
    rng = random.Random(seed)
    lines = list(_LINES)
    if what == "lines":
        start = rng.randrange(len(lines))
        some = lines[start : start + 30]
        rng.shuffle(some)
        lines[start : start + 30] = some
    else:
        for position, line in enumerate(lines):
            if rng.random() < 0.3:
                cells = re.split(r"(\s{2,})", line.rstrip("\n"))
                if what == "cells":
                    rng.shuffle(cells)
                lines[position] = "".join(cells) + "\n" if what == "cells" else " " * rng.randrange(9) + line.lstrip()
    _read("".join(lines))


@given(st.binary(max_size=300), st.integers(0, len(WHOLE.encode())))
def test_bytes(noise: bytes, place: int) -> None:
    data = WHOLE.encode()
    with contextlib.suppress(SourceError):
        read_bytes(data[:place] + noise + data[place:], "x")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | st.sampled_from(_LINES),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["kind", "metadata", "items", "name", "stdout", "command", "output", "kubectl get pods", "x"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(["kubectl get pods -A -o json", "kubectl describe pod x", "$ kubectl get svc", "ssh a uptime"]),
        _JSON,
        min_size=1,
    )
)
def test_json_of_anything(value: object) -> None:
    with contextlib.suppress(SourceError):
        read_bytes(json.dumps(value).encode(), "x")


_COMMANDS = ("kubectl get pods", "kubectl describe pod web-0 -n data", "k logs web-0 -c 'a b'", "sudo kubectl get no -o wide | head -3")  # fmt: skip
_PRINTED = ("NAME   READY", "web-0   1/1", "", "  - name: x", "it's \"quoted", "$", "--- 'a", "kubectl", "| tee", "Error: kubectl get x")  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(_COMMANDS), st.lists(st.sampled_from(_PRINTED), max_size=4)), min_size=1))
def test_splitting_loses_no_command_and_no_line(asked: list[tuple[str, list[str]]]) -> None:
    text = "\n".join(line for command, printed in asked for line in (f"$ {command}", *printed))
    found = pairs(text)
    assert [command for command, _ in found] == [command for command, _ in asked]
    assert [output.split() for _, output in found] == [" ".join(printed).split() for _, printed in asked]


@pytest.mark.parametrize("piece", ["A ", "NAME ", "NAME A", "a=b,", "1/1  ", "x  ", "<none>  ", "[pod/", "$ ", "```", '"', "Name: x\n", "  a:\n", "1m (x2 over ", "10.0.0.1:80,", "(((", "- "])  # fmt: skip
def test_long_hostile_lines_are_read_in_time(piece: str) -> None:
    """No pattern may take exponential or quadratic time."""
    long = piece * (60_000 // len(piece))
    for before in (
        "",
        "NAME   READY   STATUS   RESTARTS   AGE\n",
        "Name:  x\nEvents:\n",
        "$ kubectl get pods\n",
        "$ kubectl logs x\n",
    ):
        _read(f"{before}{long}")
    row(long, ())
