"""Completion indexes: of pods, and in compressed form ("0-2,5"). Source: pkg/controller/job/indexed_job_utils.go."""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.model.objects import Pod

INDEX = "batch.kubernetes.io/job-completion-index"
FAILURES = "batch.kubernetes.io/job-index-failure-count"
IGNORED = "batch.kubernetes.io/job-index-ignored-failure-count"


def index_of(pod: Pod) -> int:
    """-1 where there is none."""
    text = pod.metadata.annotations.get(INDEX, "")
    return int(text) if text.isdecimal() else -1


def parsed(text: str, completions: int) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first.isdecimal() and (not last or last.isdecimal()):
            found.update(range(int(first), min(int(last or first), completions - 1) + 1))
    return {index for index in found if index < completions}


def compressed(indexes: Iterable[int]) -> str:
    runs: list[list[int]] = []
    for index in sorted(indexes):
        if runs and index == runs[-1][1] + 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    texts = (f"{a}" if a == b else f"{a},{b}" if b == a + 1 else f"{a}-{b}" for a, b in runs)
    return ",".join(texts)


def failures(pod: Pod, key: str = FAILURES) -> int:
    text = pod.metadata.annotations.get(key, "")
    return int(text) if text.isdecimal() else 0
