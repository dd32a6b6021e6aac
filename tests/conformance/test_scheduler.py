"""The twin's scheduler against kube-scheduler's own plugins, on generated cases. `make conformance` plays many more."""

from __future__ import annotations

import os
import time

import pytest

from seakeep.testing.engines import missing
from seakeep.testing.testbed.build import find
from tests.conformance import odd_cases
from tests.conformance.agreement import compare
from tests.conformance.fidelity import record

pytestmark = pytest.mark.engine("kubernetes")
SAMPLE = int(os.environ.get("SEAKEEP_CONFORMANCE_CASES", "1500"))
ODD_SAMPLE = int(os.environ.get("SEAKEEP_RARER_CASES", "1200"))
# What the generator must have made the scheduler say, so that agreement means something.
REASONS = (
    "Insufficient cpu",
    "Insufficient memory",
    "Insufficient ephemeral-storage",
    "Insufficient example.com/gpu",
    "Too many pods",
    "node(s) were unschedulable",
    "node(s) had untolerated taint(s)",
    "node(s) didn't match Pod's node affinity/selector",
    "node(s) didn't have free ports for the requested pod ports",
    "node(s) didn't match pod affinity rules",
    "node(s) didn't match pod anti-affinity rules",
    "node(s) didn't satisfy existing pods anti-affinity rules",
    "node(s) didn't match pod topology spread constraints",
    "node(s) didn't match pod topology spread constraints (missing required label)",
    "node(s) exceed max volume count",
    "node(s) didn't find available persistent volumes to bind",
    "node(s) didn't match PersistentVolume's node affinity",
    "node(s) had no available volume zone",
    "pod has unbound immediate PersistentVolumeClaims",
)


def test_agrees_with_kube_scheduler() -> None:
    binaries = find()
    if binaries is None:
        missing("kubernetes", "the control plane is not built (make testbed)")
    start = time.monotonic()
    found = compare(binaries.control_plane, range(SAMPLE))
    record(
        "scheduler",
        cases=found.cases,
        compared={"pods": found.pods, "feasible nodes": found.feasible, "refusing nodes": found.refused},
        differences={"": found.pods_apart},
        seconds=time.monotonic() - start,
        what="kube-scheduler's own plugins, called on generated clusters: per pending pod the feasible nodes, the reasons of every other node, the totals",
    )
    record(
        "scheduler-scores",
        cases=found.cases,
        compared={"scores (pod, node, plugin)": found.triples},
        differences={"": found.triples - found.equal_triples},
        what="the weighted score of each plugin, on the same clusters",
    )
    assert found.differences[:5] == []
    assert found.equal_triples == found.triples > 5 * SAMPLE
    assert [reason for reason in REASONS if not found.reasons[reason]] == []


# The forms that the second generator is for.
ODD_REASONS = (
    "node(s) didn't match Pod's required features",
    "node(s) exceed max volume count",
    "disk.example.com CSI driver is not installed on the node",
    "node(s) had no available disk",
    "node(s) did not have enough free storage",
    "node(s) had no available volume zone",
    "Insufficient hugepages-2Mi",
    "waiting for scheduling gates: [c a.example/x]",
    "node(s) didn't satisfy plugin(s) [NodeAffinity]",
)


def test_agrees_on_rarer_forms() -> None:
    binaries = find()
    if binaries is None:
        missing("kubernetes", "the control plane is not built (make testbed)")
    start = time.monotonic()
    found = compare(binaries.control_plane, range(ODD_SAMPLE), odd_cases.case)
    record(
        "scheduler-rarer-forms",
        cases=found.cases,
        compared={
            "pods": found.pods,
            "feasible nodes": found.feasible,
            "refusing nodes": found.refused,
            "scores": found.triples,
        },
        differences={"": found.pods_apart},
        seconds=time.monotonic() - start,
        what="as `scheduler`, on clusters that use every field in its rarer forms: odd quantities, resized and ended pods, what is absent, empty and null selectors, in-tree volumes, declared features",
    )
    assert found.differences[:5] == []
    assert found.equal_triples == found.triples > 5 * ODD_SAMPLE
    assert [reason for reason in ODD_REASONS if not found.reasons[reason]] == []
