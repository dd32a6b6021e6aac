"""Manifests of one form: what is put together by the form of the ones before is what is read with care."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.files import yamls
from seakeep.adapters.files.alike import Alike
from seakeep.adapters.files.plain_yaml import LineReader
from seakeep.adapters.files.yaml_scalars import plain
from seakeep.model.objects import ConfigMap, KubeObject
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Misfit

_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: NAME
  namespace: shop
  annotations: {}
spec:
  replicas: 2  # as many as zones
  template:
    spec:
      nodeSelector:
        "disk type": 'it''s "fast"'
      containers:
      - name: web
        image: web:1
        imagePullPolicy: Always
        args: ["serve", --fast]
        command:
        - /bin/sh
        - |
          set -e
          exec "$@"
        resources:
          limits:
            cpu: 2
            memory: 1Gi
"""
_CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: NAME\ndata:\n  key: dmFsdWU=\n"


def _read(*texts: str) -> tuple[Mapping[Ref, KubeObject], Mapping[Ref, tuple[Misfit, ...]]]:
    assembly = Assembly("test")
    assembly.intent_only = True
    assert yamls.load("---\n".join(texts).encode(), assembly)
    snapshot = assembly.snapshot()
    return {item.ref: item for group in snapshot.objects.values() for item in group.values()}, snapshot.misfits


def _named(text: str, *names: str) -> list[str]:
    return [text.replace("NAME", name) for name in names]


@pytest.mark.parametrize("text", [_DEPLOYMENT, _CONFIG])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("replicas: 2", "replicas: 3"),
        ("replicas: 2", 'replicas: "3"'),
        ("replicas: 2", "replicas: 3.5"),
        ("imagePullPolicy: Always", "imagePullPolicy: Alwais"),
        ("memory: 1Gi", "memory: 1GB"),
        ("cpu: 2", "cpu: -2"),
        ("--fast]", "--slow]"),
        ("--fast]", "7]"),
        ("exec ", 'echo "ä\\t"\n          exec '),
        ("image: web:1", 'image: "{{image}}"'),
        ("replicas: 2", "replicas: ${N}"),
        ("image: web:1", "image: null"),
        ("name: web\n", "nam: web\n"),
        ("fast", "sl\\ow"),
        ("namespace: shop", "uid: abcd"),
        ("kind: ConfigMap", "kind: Secret"),
        ("kind: ConfigMap", "kind: Sekret"),
        ("apiVersion: apps/v1", "apiVersion: apps/v2"),
        ("apiVersion: v1", "apiVersion: example.com/v1"),
        ("name: other", "name: ''"),
    ],
)
def test_a_third_one_is_what_it_is_alone(text: str, old: str, new: str) -> None:
    first, second, third = _named(text, "one", "two", "other")
    third = third.replace(old, new)
    objects, misfits = _read(first, second, third)
    alone = _read(third) if new != "name: ''" else ({}, {})
    before = _read(first, second)
    assert objects == {**before[0], **alone[0]}
    assert misfits == {**before[1], **alone[1]}


def test_only_what_is_read_with_care_teaches() -> None:
    reader, assembly = LineReader(plain), Assembly("test")
    alike = Alike(assembly)
    added = []
    for text in (*_named(_CONFIG, "a", "b", "c"), *_named(_CONFIG.replace("v1", "2"), "a", "b", "c")):
        lines = reader.lines(text)
        assert lines is not None
        added.append(alike.add(lines))
    assert added == [False, False, True, False, False, False]
    (item,) = assembly.all("ConfigMap")
    assert isinstance(item, ConfigMap)
    assert (item.name, item.data) == ("c", {"key": "dmFsdWU="})


def test_what_is_corrected_fits() -> None:
    wrong = _DEPLOYMENT.replace("1Gi", "1GB")
    texts = [*_named(_DEPLOYMENT, "a", "b"), *_named(wrong, "web"), *_named(_DEPLOYMENT, "web")]
    assert _read(*texts[:3])[1]
    assert not _read(*texts)[1]
