"""A kubelet's version does not fit the API server's.

What: a node's kubelet is newer than the API server, or more minor versions older than Kubernetes supports (three; two where the kubelet is older than 1.25).

Why: nobody tests such pairs: fields are dropped, pods fail in odd ways, and the control plane cannot be upgraded before the node.

Bad:
    kubelet v1.29 under an API server v1.33

Good:
    kubelet v1.32 under an API server v1.33

Ignore when: the node is being upgraded or replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.shell_words import quote
from seakeep.model.change import Advice
from seakeep.model.finding import Finding
from seakeep.model.objects import Node

RULE = Rule("node-version-skew")
# https://kubernetes.io/releases/version-skew-policy/
_OLDER, _OLDER_BEFORE, _BEFORE = 3, 2, 25
_MINOR = re.compile(r"v?1\.(?P<minor>\d{1,3})\b")


def judge(index: Index) -> Iterable[Finding]:
    server = _minor(index.snapshot.server_version)
    for node in index.snapshot.all(Node):
        version = node.status.node_info.kubelet_version
        kubelet = _minor(version)
        if server is None or kubelet is None:
            what = "the API server's version" if server is None else "the kubelet's version"
            yield RULE.cannot_see(node.ref, what)
            continue
        allowed = _OLDER if kubelet >= _BEFORE else _OLDER_BEFORE
        if 0 <= server - kubelet <= allowed:
            yield RULE.passes(node.ref)
            continue
        behind = server - kubelet
        how = f"{behind} minor versions older than" if behind > 0 else "newer than"
        text = f"its kubelet ({version}) is {how} the API server ({index.snapshot.server_version})"
        repair = "Upgrade the kubelet." if behind > 0 else "Upgrade the control plane, or take the kubelet back."
        yield RULE.fails(node.ref, text, "status.nodeInfo.kubeletVersion", repair)


def _minor(text: str) -> int | None:
    found = _MINOR.match(text)
    return int(found["minor"]) if found else None


def propose(index: Index, finding: Finding) -> Advice:
    """No field of the Node changes what runs on it."""
    name = finding.object.name
    return Advice(
        f"When can node {name} be drained and its kubelet brought to {index.snapshot.server_version} or a version that it supports?",
        f"kubectl get node {quote(name)} -o wide",
    )


HARDENING = RULE.leaf("Kubelet out of step with the API server", judge, propose, reads=(Node,))
