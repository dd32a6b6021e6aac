"""The line reader against the full parser: where it does not doubt, it must say the same."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from seakeep.adapters.errors import SourceError
from seakeep.adapters.files import full_yaml, yamls
from seakeep.adapters.files.plain_yaml import Doubt, LineReader
from seakeep.adapters.files.yaml_scalars import plain

_WORDS = """\
a¦5¦1.5¦-3¦007¦0x1F¦1e3¦1_0¦~¦null¦Null¦true¦True¦yes¦on¦.inf¦nan¦=¦<<¦-¦--x¦- x¦a b¦a: b¦a:b¦a #b¦a#b¦#b¦&x¦*x¦!x¦%x¦@x¦`x
"q"¦'s'¦"a\\n"¦"\\x01"¦"\\u263a"¦'it''s'¦"un¦'un¦"a" b¦'a'b¦"a"#b¦"\\/"¦"\\ud83d"¦{}¦{ }¦[]¦[ ]¦[a]¦[a, 5, "x"]¦[ a , b ]¦[a,]¦[,a]¦[a b]¦[a: b]¦[a, [b]]¦[a # b]¦[ ,a]¦['it''s']
[-]¦[--x]¦[~]¦{a: b}¦|¦|-¦>¦|+¦|2¦2026-03-02¦1:30¦100m¦10.0.0.1¦http://x:80/y¦x:¦:x¦?x¦?¦!!str 5¦é¦a	b¦	a¦a\u2028b¦ ¦a  ¦0.5¦1.¦$(X)¦*.x¦1,5¦a, b¦a]b¦(a)¦\\x¦;¦^¦+¦+5¦-.5¦-x: y¦00.5"""
_SCALARS = st.sampled_from(_WORDS.replace("\n", "¦").split("¦"))
_KEYS = st.sampled_from(
    [
        "a",
        "b",
        "name",
        "f:x",
        '"k y"',
        "'k'",
        "5",
        "true",
        "null",
        ".",
        "<<",
        "a b",
        "k:{}",
        "-a",
        "?a",
        "é",
        "*a",
        "~",
        "a/b.c",
        '"a',
    ]
)
_LINES = st.one_of(
    st.builds("{}{}: {}".format, st.sampled_from(["", "- ", "-  ", "- - ", "-\t"]), _KEYS, _SCALARS),
    st.builds("{}{}:".format, st.sampled_from(["", "- "]), _KEYS),
    st.builds("- {}".format, _SCALARS),
    st.builds("{}: {}".format, _KEYS, st.sampled_from(["|", "|-", "| # c", "|+", ">", ">-", "|1"])),
    _SCALARS,
    st.sampled_from(
        ["", " ", "# c", "-", "---", "--- # c", "--- a", "...", "%YAML 1.1", "text in a block: x", "  deeper"]
    ),
)
_TEXTS = st.lists(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["", "", "  ", "  ", "    ", "      ", " "]),
        _LINES,
        st.sampled_from(["", "", "", " ", " # c", "\r"]),
    ),
    max_size=9,
).map("\n".join)


def _fully(text: str) -> object:
    try:
        return list(yaml.load_all(text, Loader=full_yaml.Loader))
    except (yaml.YAMLError, ValueError):
        return "refused"


@pytest.mark.long
@settings(max_examples=3000, deadline=None)
@given(_TEXTS)
def test_documents_are_those_of_the_full_parser(text: str) -> None:
    try:
        found: object = list(yamls.documents(text.encode()))
    except SourceError:
        found = "refused"
    wanted = _fully(text)
    if isinstance(found, list) and isinstance(wanted, list):
        # An empty piece before the first separator is no document.
        found, wanted = ([item for item in items if item is not None] for items in (found, wanted))
    assert repr(found) == repr(wanted)


_VALUES = st.recursive(
    st.one_of(
        st.text("ab:# -'\"\\\n\té/{}[],&*", max_size=12),
        st.integers(-99, 9999),
        st.booleans(),
        st.none(),
        st.floats(-9, 9),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["a", "b", "name", "f:x", "x/y"]), inner, max_size=4),
    ),
    max_leaves=20,
)


@pytest.mark.long
@settings(max_examples=500, deadline=None)
@given(st.dictionaries(st.sampled_from(["kind", "spec", "data"]), _VALUES, min_size=1))
def test_values_that_were_written_as_yaml_come_back(value: dict[str, object]) -> None:
    assert list(yamls.documents(yaml.safe_dump(value).encode())) == [value]


def test_manifests_and_dumps_need_no_full_parser() -> None:
    text = """\
apiVersion: v1
items:
- apiVersion: v1
  kind: ConfigMap
  metadata:
    managedFields:
    - fieldsV1:
        f:data:
          .: {}
          k:{"type":"Ready"}: {}
  data:  # what the server reads
    server.conf: |
      # not a comment: text

      listen: 8080
        deeper
    one: |-
      line
  count: 3
- {}
args: ["--port=8080", -v, 5]
"""
    value = LineReader(plain).document(text)
    assert value == yaml.load(text, Loader=full_yaml.Loader)
    assert value["items"][0]["data"]["server.conf"] == "# not a comment: text\n\nlisten: 8080\n  deeper\n"


def test_what_is_not_certain_is_doubted() -> None:
    for text in (
        "a: &x 1",
        "a: b\n  c: d",
        "a: >\n  x\n",
        "a: b\n c",
        "- - a",
        "a: 1_0: x",
        "\ta: b",
        "a: b\nb",
        "a:\n - b\n  - c",
    ):
        reader = LineReader(plain)
        try:
            value = reader.document(text)
        except Doubt:
            continue
        raise AssertionError(f"{text!r} was read as {value!r}")


@given(
    st.lists(
        st.sampled_from(
            ["---\n", "a: 1\n", "\n", "--- # x\n", "---", "b", "- c\n", "...\n", "%x\n", " ---\n", "# c\n", "--- a\n"]
        ),
        max_size=7,
    )
)
def test_documents_end_where_the_separators_pattern_finds_them(parts: list[str]) -> None:
    text = "".join(parts)
    wanted = yamls._SEPARATOR.split(text)
    lines = f"\n{text}"
    if "\n%" in lines or "\n..." in lines or lines.count("\n---") != len(wanted) - 1:
        wanted = [text]
    assert yamls._pieces(text) == wanted


@given(st.lists(_SCALARS, min_size=2, max_size=5))
def test_documents_of_one_shape_hold_their_own_values(values: list[str]) -> None:
    """One plan puts them together, and no list of one is the other's."""
    reader = LineReader(plain)
    for value in values:
        text = f"kind: A\nspec:\n  items:\n  - name: {value}\n    list: [a]\n  - b: {{}}\n"
        try:
            found = reader.document(text)
        except Doubt:
            continue
        assert found == yaml.load(text, Loader=full_yaml.Loader)
        assert found["spec"]["items"][0]["list"] == ["a"]
        found["spec"]["items"][0]["list"].append("spoiled")
        found["spec"]["items"][1]["b"]["spoiled"] = True
