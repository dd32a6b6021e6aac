"""Real engines (a control plane, a browser) that tests use where they are there."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest

from seakeep.testing.testbed import Binaries, TestbedError, build

# Debian calls it chromium; others ship these names.
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def is_required(engine: str) -> bool:
    """Whether SEAKEEP_REQUIRE (comma-separated names) says that the engine must be there."""
    return engine in {name.strip() for name in os.environ.get("SEAKEEP_REQUIRE", "").split(",")}


def missing(engine: str, reason: str) -> NoReturn:
    """Skip the test with the reason, or fail it where the engine is required."""
    if is_required(engine):
        pytest.fail(f"{engine} is required and missing: {reason}")
    pytest.skip(f"{engine}: {reason}")


def chromium() -> str:
    """Path of a Chromium-like browser."""
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    return found or missing("chromium", "no Chromium on PATH (Debian: apt-get install chromium)")


def testbed() -> Binaries:
    """The programs of the real control plane: built where they are required, else what `make testbed` has left."""
    try:
        binaries = build.build() if is_required("kubernetes") else build.find()
    except TestbedError as error:
        missing("kubernetes", str(error))
    return binaries or missing("kubernetes", "the testbed is not built: run `make testbed`")
