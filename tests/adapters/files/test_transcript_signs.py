"""The quick look that spares manifests a search for commands misses no transcript."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from seakeep.adapters.files.read import _may_be_transcript
from seakeep.adapters.transcript.recognise import looks_like_transcript

_CASES = Path(__file__).parents[2] / "catalog"
_PIECES = st.sampled_from(
    [
        "$ kubectl get pods", "# oc get pods", "k get po", "  k\tget po", "kubectl_describe command", "$ kubectl-top x", "user@host:~$ sudo kubectl get no",
        "NAME READY STATUS", "NAMESPACE   NAME   AGE", "LAST SEEN   TYPE", "Name: web", "Namespace: shop", "Labels: a=b", "apiVersion: v1", "kind: Pod", "---", "# ok: k8s", " ", "a: |", "  text",
    ]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=60), st.sampled_from(["\n", "\r\n"]))
def test_what_is_a_transcript_has_a_sign_of_one(pieces: list[str], end: str) -> None:
    text = end.join(pieces)
    if looks_like_transcript(text):
        assert _may_be_transcript(text.encode())


def test_every_transcript_of_the_catalogs_cases_has_one() -> None:
    texts = [
        case["transcript"]
        for path in sorted(_CASES.glob("*.cases.yaml"))
        for case in yaml.safe_load(path.read_text())
        if isinstance(case.get("transcript"), str)
    ]
    assert len(texts) > 100
    assert all(_may_be_transcript(text.encode()) for text in texts if looks_like_transcript(text))


def test_manifests_have_none() -> None:
    assert not _may_be_transcript(b"apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n")


_SCRIPT = """{before}kind: CronJob
apiVersion: batch/v1
metadata: {{name: tidy}}
spec:
  jobTemplate:
    command:
      - |
        set -eu
        kubectl get nodes -o name
"""


@pytest.mark.parametrize("before", ["", "---\n", "# clears what nobody wants\n\n---\n", "# kubectl apply -f this\n"])
def test_a_script_within_manifests_is_no_transcript(before: str) -> None:
    assert not looks_like_transcript(_SCRIPT.format(before=before))


@pytest.mark.parametrize(
    "before", ["$ kubectl get cronjob tidy -o yaml\n", "# kubectl get cronjob tidy -o yaml\n", "kubectl get cronjobs\n"]
)
def test_a_command_before_or_behind_them_is_one(before: str) -> None:
    assert looks_like_transcript(_SCRIPT.format(before=before))
    assert looks_like_transcript(_SCRIPT.format(before="") + before)
