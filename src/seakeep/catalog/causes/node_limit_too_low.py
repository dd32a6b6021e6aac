"""A node lets programs watch too few files.

What: a container ends because the kernel of its node has no inotify watches or instances left: "failed to create fsnotify watcher: too many open files", "System limit for number of file watchers reached".

Why: agents watch many files, every container of a node shares one limit, and a node's defaults are for a desktop. The setting is the node's, not the container's; after a reboot or on a new node it is back at its default.

Bad:
    fs.inotify.max_user_instances = 128

Good:
    fs.inotify.max_user_instances = 8192     # in /etc/sysctl.d of every node of the pool

Ignore when: never while the container does not stay up. Limits that a program names itself (vm.max_map_count, open files) are told as app-config-error.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.nodes.kernel_limits import WATCHES, kernel_limits
from seakeep.facts.nodes.nodes import node_ref
from seakeep.facts.shell_words import named
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
            summary=f"{where} lets {owner} watch too few files: {item.line[:160]}",
            evidence=item.evidence,
            affects=tuple(dict.fromkeys((item.workload, *item.pods))),
            repair=Repair(f"Raise {WATCHES} on {where}, and on every node where {owner} may run."),
            confidence=LIKELY,
            settled_by="" if item.node else f"kubectl get pod {named(pod)} -o wide",
        )


CAUSE = CauseLeaf(id="node-limit-too-low", title="Node lets programs watch too few files", reads=(Pod,), find=find)
