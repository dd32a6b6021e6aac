"""Nodes, with the conditions and taints that they had."""

from __future__ import annotations

from functools import partial

from seakeep.model.objects import Node
from seakeep.testing.testbed import nodes
from seakeep.testing.testbed.replay.machines import fresh_node, is_up
from seakeep.testing.testbed.replay.manifest import wire
from seakeep.testing.testbed.replay.restore.writes import Writes

# Taints that controllers set by the node's state, and set anew.
_PASSING = ("node.kubernetes.io/", "node.cloudprovider.kubernetes.io/")


def restore(writes: Writes) -> None:
    for number, node in enumerate(writes.snapshot.all(Node)):
        _restore(writes, node, number)


def wait(writes: Writes) -> None:
    """Until those that were ready are so again."""
    for node in writes.snapshot.all(Node):
        if _may_be_ready(node) and node.ref in writes.uids:
            writes.wait(node.name, partial(is_up, writes.api, node.name))


def _restore(writes: Writes, item: Node, number: int) -> None:
    amounts = dict(item.status.allocatable or item.status.capacity)
    spec = nodes.NodeSpec(
        item.name,
        cpu=str(amounts.pop("cpu", "0")),
        memory=str(amounts.pop("memory", "0")),
        ephemeral_storage=str(amounts.pop("ephemeral-storage", "0")),
        labels=item.labels,
        taints=[wire(taint) for taint in item.spec.taints if not taint.key.startswith(_PASSING)],
        conditions={each.type: (each.status, each.reason, each.message) for each in item.status.conditions},
        unschedulable=item.spec.unschedulable,
    )
    found = fresh_node(writes.plane, spec, number)
    said = found["status"]["allocatable"] | {key: str(value) for key, value in amounts.items()}
    found["status"] |= {"allocatable": said, "capacity": said, "images": wire(item.status.images)}
    if not _may_be_ready(item):
        del found["metadata"]["labels"][nodes.MANAGED]  # nobody renews its lease
    writes.create(found, item)


def _may_be_ready(node: Node) -> bool:
    ready = next((item.status for item in node.status.conditions if item.type == "Ready"), "")
    return ready in {"True", ""}
