"""What validation says of fields, against the API server's own words, on generated objects of the kinds that rollouts are made of."""

from __future__ import annotations

import os
import time

import pytest

from seakeep.testing.testbed import ControlPlane
from tests.conformance.fidelity import record
from tests.conformance.field_cases import cases
from tests.conformance.field_play import play

pytestmark = pytest.mark.engine("kubernetes")
PAIRS = int(os.environ.get("SEAKEEP_CONFORMANCE_CASES", "1200")) // 60


def test_says_of_fields_what_the_api_server_says(control_plane: ControlPlane) -> None:
    start = time.monotonic()
    wanted = list(cases(PAIRS))
    found = play(control_plane, "fields", wanted)
    record(
        "fields",
        cases=len(wanted),
        compared={"requests": found.accepted + found.refused},
        differences={**found.known, "": len(found.differences)},
        seconds=time.monotonic() - start,
        what="objects of seventeen kinds, made and changed with one or two fields that are wrong or may not change: accepted or refused, the code and text of a refusal",
    )
    assert found.differences[:8] == []
    assert found.accepted > len(wanted) // 12
    assert found.refused > len(wanted) // 2
