"""Settings that all tests share."""

from __future__ import annotations

import os

from hypothesis import settings

# Timings are for benchmarks/; in CI the examples are the same in every run.
settings.register_profile("seakeep", deadline=None, max_examples=60, derandomize=bool(os.environ.get("CI")))
settings.load_profile("seakeep")
