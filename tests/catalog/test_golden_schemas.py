"""What the rules propose has the form of every Kubernetes version from 1.25 to 1.37, unless the object was out of form before."""

from __future__ import annotations

import os
import warnings
from typing import Any

import kubernetes_validate
import pytest

from tests.catalog.golden_objects import Pair, pairs

# The oldest, one between and the newest; all of them in CI.
MINORS = tuple(range(25, 38)) if os.environ.get("CI") else (25, 31, 37)
PAIRS = list(pairs())
# Rules that are silent on a server that is known to be older: preStop.sleep is on by default since 1.30 (KEP-3960).
SINCE = {"pre-stop-missing": 30}


def _errors(item: dict[str, Any], version: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            kubernetes_validate.validate({"apiVersion": "v1", **item}, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return f"{'.'.join(map(str, error.path))}: {error.message}"[:300]
    except kubernetes_validate.SchemaNotFoundError:
        return ""
    return ""


@pytest.mark.parametrize("pair", PAIRS, ids=[f"{pair.rule} {pair.after['kind']}/{pair.after['metadata']['name']}" for pair in PAIRS])  # fmt: skip
def test_has_the_form_of_every_version(pair: Pair) -> None:
    for minor in MINORS:
        version = f"1.{minor}"
        if minor < SINCE.get(pair.rule, 0):
            continue
        if pair.before is None or not _errors(pair.before, version):
            assert _errors(pair.after, version) == "", version
