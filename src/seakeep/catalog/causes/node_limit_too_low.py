"""A limit of the node's kernel is too low.

What: a container ends because the kernel of its node allows less than it needs: "vm.max_map_count [65530] is too low", inotify watches or open files run out.

Why: search servers map many files, agents watch many, and a node's defaults are for a desktop. The setting is the node's, not the container's; after a reboot or on a new node it is back at its default.

Bad:
    vm.max_map_count = 65530           # Elasticsearch and OpenSearch ask for 262144

Good:
    vm.max_map_count = 262144          # in /etc/sysctl.d of every node of the pool, or set by an init container that may

Ignore when: the program is told to do without (`node.store.allow_mmap: false`).
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.nodes.kernel_limits import kernel_limits
from seakeep.facts.nodes.nodes import node_ref
from seakeep.facts.shell_words import quote
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in kernel_limits(index):
        owner = f"{item.workload.kind} {item.workload.name}"
        where = f"node {item.node}" if item.node else f"the node of {owner}"
        pod = item.pods[0]
        yield Candidate(
            id="node-limit-too-low",
            object=node_ref(item.node) if item.node else item.workload,
            summary=f"{where} allows less than {owner} needs: {item.line[:160]}",
            evidence=item.evidence,
            affects=tuple(dict.fromkeys((item.workload, *item.pods))),
            repair=Repair(f"Raise {item.setting} on {where}, and on every node where {owner} may run."),
            confidence=LIKELY,
            settled_by="" if item.node else f"kubectl get pod {quote(pod.name)} -n {quote(pod.namespace)} -o wide",
        )


CAUSE = CauseLeaf(id="node-limit-too-low", title="A limit of the node's kernel is too low", reads=(Pod,), find=find)
