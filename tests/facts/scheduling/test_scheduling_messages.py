"""The scheduler's wording, from 1.23's commas to 1.37's nameless taints."""

from __future__ import annotations

import pytest

from seakeep.facts.scheduling.scheduling_messages import Reason, Refusal, parse, total_nodes


@pytest.mark.parametrize(
    ("message", "reasons"),
    [
        (
            (
                "0/5 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 Insufficient cpu, "
                "2 node(s) didn't match Pod's node affinity/selector. preemption: 0/5 nodes are available: 3 Preemption is not helpful for scheduling."
            ),
            [
                Reason(Refusal.CONTROL_PLANE, 1, "node-role.kubernetes.io/control-plane"),
                Reason(Refusal.CPU, 2, "cpu"),
                Reason(Refusal.NODE_MATCH, 2),
            ],
        ),
        (
            "0/3 nodes are available: 1 node(s) had taint {dedicated: team-a}, that the pod didn't tolerate, 2 Too many pods.",
            [Reason(Refusal.TAINT, 1, "dedicated=team-a"), Reason(Refusal.POD_SLOTS, 2)],
        ),
        (
            (
                "0/3 nodes are available: 1 Insufficient memory, 2 node(s) had untolerated taint(s). no new claims to deallocate, "
                "preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod."
            ),
            [Reason(Refusal.MEMORY, 1, "memory"), Reason(Refusal.TAINT, 2)],
        ),
        (
            (
                "0/2 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }, 1 node(s) were unschedulable. "
                "preemption: not eligible due to preemptionPolicy=Never."
            ),
            [Reason(Refusal.CONDITION, 1, "node.kubernetes.io/unreachable"), Reason(Refusal.CORDON, 1)],
        ),
        (
            '0/3 nodes are available: persistentvolumeclaim "data" not found. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
            [Reason(Refusal.CLAIM_MISSING, 0, "data")],
        ),
        (
            "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
            [Reason(Refusal.UNBOUND, 0)],
        ),
        ("0/1 nodes are available: 1 Insufficient nvidia.com/gpu.", [Reason(Refusal.DEVICE, 1, "nvidia.com/gpu")]),
        ("0/1 nodes are available: 1 Insufficient hugepages-2Mi.", [Reason(Refusal.MEMORY, 1, "hugepages-2Mi")]),
        (
            "0/2 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label), 1 node(s) didn't satisfy existing pods anti-affinity rules.",
            [Reason(Refusal.SPREAD, 1), Reason(Refusal.ANTI_AFFINITY, 1)],
        ),
        ("Successfully assigned default/web to w-1", []),
    ],
)
def test_parse(message: str, reasons: list[Reason]) -> None:
    assert list(parse(message)) == reasons


def test_total_nodes() -> None:
    assert total_nodes("0/12 nodes are available: 12 Insufficient cpu.") == 12
    assert total_nodes("no nodes available to schedule pods") is None
