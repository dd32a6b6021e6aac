"""The schema of platform.yaml and the reader agree: what one accepts and refuses, the other does."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from seakeep.adapters.platform_file import PlatformFileError, parse_intent
from seakeep.adapters.platform_schema import platform_schema

ROOT = Path(__file__).parents[2]
VALIDATOR = Draft202012Validator(platform_schema())
HEAD = "apiVersion: seakeep/v1\nkind: Platform\n"


def _as_editors_read(text: str) -> Any:
    return json.loads(json.dumps(yaml.safe_load(text), default=lambda value: value.isoformat() if isinstance(value, date) else value))  # fmt: skip


def _accepted(text: str) -> tuple[bool, bool]:
    """By the schema, by the reader."""
    try:
        parse_intent(text, Path("platform.yaml"))
    except PlatformFileError:
        read = False
    else:
        read = True
    return VALIDATOR.is_valid(_as_editors_read(text)), read


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(platform_schema())


@pytest.mark.parametrize(
    "text",
    [
        (ROOT / "examples" / "254carbon" / "platform.yaml").read_text(encoding="utf-8"),
        HEAD,
        HEAD + "services:\n",
        HEAD + "services:\n- {id: a, criticality: low, namespace: n, workloads: [Deployment/n/a], dependsOn: [b]}\n",
        HEAD + "services:\n- {id: a, intended: {Deployment/n/a: 0}}\ntargets:\n- {score: survival, value: 99.5, day: 2026-12-31}\n",
        HEAD + "waivers:\n- {target: a, reason: r, owner: o, expires: 2026-12-31}\n",
    ],
)  # fmt: skip
def test_both_accept(text: str) -> None:
    assert _accepted(text) == (True, True)


@pytest.mark.parametrize(
    "text",
    [
        "kind: Platform\n",
        "apiVersion: seakeep/v2\nkind: Platform\n",
        "apiVersion: seakeep/v1\nkind: Pod\n",
        HEAD + "service: []\n",
        HEAD + "services: {id: a}\n",
        HEAD + "services:\n- {criticality: high}\n",
        HEAD + "services:\n- {id: a, criticality: urgent}\n",
        HEAD + "services:\n- {id: a, critcality: high}\n",
        HEAD + "services:\n- {id: a, workloads: [a]}\n",
        HEAD + "services:\n- {id: a, intended: {a: 1}}\n",
        HEAD + "services:\n- {id: a, intended: {Deployment/n/a: -1}}\n",
        HEAD + "services:\n- {id: a, intended: {Deployment/n/a: 1.5}}\n",
        HEAD + "services:\n- {id: a, intended: [Deployment/n/a]}\n",
        HEAD + "targets:\n- {score: beauty, value: 1}\n",
        HEAD + "targets:\n- {score: health}\n",
        HEAD + "targets:\n- {score: health, value: 101}\n",
        HEAD + "targets:\n- {score: health, value: 1, day: soon}\n",
        HEAD + "waivers:\n- {target: a, reason: r, owner: o}\n",
        HEAD + "waivers:\n- {target: a, reason: '', owner: o, expires: 2026-12-31}\n",
    ],
)
def test_both_refuse(text: str) -> None:
    assert _accepted(text) == (False, False)
