"""Several threads that read objects of one kind for the first time, at the same moment, do not crash the process."""

from __future__ import annotations

import subprocess
import sys

import pytest

_SETTING = """
import faulthandler, sys, threading
faulthandler.enable()
sys.setswitchinterval(1e-6)
from seakeep.adapters.decode import from_mapping
from seakeep.adapters.kube.discovery import Resource
from seakeep.adapters.kube.pages import Listing, _reader
threads, barrier, read = 8, threading.Barrier(8), []
def work():
    barrier.wait()
    read.append(one())
def start():
    all_ = [threading.Thread(target=work) for _ in range(threads)]
    [each.start() for each in all_]
    [each.join() for each in all_]
    assert len(read) == threads and len(set(map(repr, read))) == 1, read
POD = {"metadata": {"name": "p", "namespace": "n"}, "spec": {"containers": [{"name": "main", "image": "app:1"}]}}
"""
_OBJECT = (
    _SETTING
    + """
def one():
    return from_mapping({"apiVersion": "v1", "kind": "Pod", **POD})
start()
"""
)
_LIST = (
    _SETTING
    + """
import json
body = bytearray(json.dumps({"kind": "PodList", "metadata": {}, "items": [POD]}).encode())
pods = Resource("/api/v1", "pods", "", "Pod", "v1", True)
def one():
    return _reader(pods, Listing())(body)
start()
"""
)


@pytest.mark.parametrize("program", [_OBJECT, _LIST], ids=["object", "list"])
def test_first_reads_at_the_same_time(program: str) -> None:
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
