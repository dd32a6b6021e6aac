"""A source may be made to keep a regular expression busy: time grows with the length of a text, and not with its square."""

from __future__ import annotations

import time

import pytest

from tests.adapters.program import seakeep

_N = 60_000
_PODS = "$ kubectl get pods -n data\nNAME   READY   STATUS             RESTARTS   AGE\nweb    0/1     CrashLoopBackOff   3          5m\n"
_POD = "$ kubectl describe pod web -n data\nName:  web\nNamespace:  data\nStatus:  Running\nContainers:\n  main:\n    Image:  x:1\n    State:  Waiting\n"
_LOGS = "$ kubectl logs web -n data\n"
_YAML = "kind: Pod\nmetadata:\n  name: x\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{_YAML}x:\n -  {' ' * _N}@\n",
        f"{_YAML}x: a{' ' * _N}: b\n",
        f"{_PODS}{chr(10) * _N}",
        f"{_POD}{chr(10) * _N}Events:  <none>\n",
        f"$ kubectl get pod web -o yaml\n--- \n{chr(10) * _N}x",
        f"{_YAML}---\nkind: Event\nmetadata: {{name: e}}\ntype: Warning\nreason: FailedCreate\ninvolvedObject: {{kind: ReplicaSet, name: r}}\nmessage: '{'a' * _N}'\n",
        f"{_POD}    Environment:\n      A:  <set to the key 'x' in secret{' ' * _N}x\n",
        *(f"{_LOGS}{piece * (_N // len(piece))}\n" for piece in ("a", "2", "as.", "a/", "a-", "a:", " x", '"', "{", "1.2.3.4:5->")),
    ],
    ids=lambda text: repr(text[-12:]),
)  # fmt: skip
def test_a_long_text_takes_no_longer_than_its_length(text: str) -> None:
    """The work of this process, as others may keep the machine busy: a tenth of a second, and minutes where it grows with the square."""
    began = time.process_time()
    done = seakeep("check", "-", "-o", "json", stdin=text.encode())
    assert time.process_time() - began < 4
    assert done.code in {0, 2, 3, 10, 11, 12, 13}, done.err
