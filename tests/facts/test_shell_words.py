"""Names in commands that people paste."""

from __future__ import annotations

from seakeep.facts.shell_words import named
from seakeep.model.refs import Ref


def test_an_object_is_named_as_kubectl_takes_it() -> None:
    assert named(Ref("Pod", "shop", "web-1")) == "web-1 -n shop"
    assert named(Ref("Node", "", "node-1")) == "node-1"
    assert named(Ref("Pod", "a b", "--all")) == "'<--all>' -n 'a b'"
