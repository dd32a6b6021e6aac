"""A pod that nothing makes anew.

What: a Pod without an owner, which is meant to run on: its restartPolicy is Always.

Why: the kubelet restarts its containers, and that is all. When its node is drained, lost or short of memory, the pod is gone for good; a drain even refuses to begin.

Bad:
    kind: Pod
    metadata: {name: web}

Good:
    kind: Deployment
    metadata: {name: web}

Ignore when: somebody uses it by hand, and makes it anew when it is gone.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.shell_words import typed
from seakeep.facts.workloads.podspecs import judged_templates
from seakeep.model.change import Advice
from seakeep.model.finding import Finding
from seakeep.model.objects import Pod
from seakeep.model.snapshot import Depth

RULE = Rule("pod-without-controller")


def judge(index: Index) -> Iterable[Finding]:
    """What a workload owns is judged with that, what is to end comes to its end, and those of the system are mostly files of their node."""
    for entry in judged_templates(index):
        pod = index.snapshot.find(entry.ref)
        if not isinstance(pod, Pod) or pod.metadata.owner_references or pod.namespace == "kube-system":
            continue
        if index.snapshot.depth(pod.ref) is not Depth.FULL:
            yield RULE.cannot_see(pod.ref, "what owns it")
        elif pod.spec.restart_policy in {"", "Always"}:
            text = "nothing makes it anew when its node is drained or lost"
            yield RULE.fails(pod.ref, text, "", "Make a Deployment or a StatefulSet of it.")
        else:
            yield RULE.passes(pod.ref)


def propose(index: Index, finding: Finding) -> Advice:
    """How many there are to be, and what is to happen to its data, is its owner's matter."""
    del index
    ref = finding.object
    return Advice(f"Which workload is to make {ref} anew, and how many of it?", f"kubectl get {typed(ref)} -o yaml")


HARDENING = RULE.leaf("Pod that nothing makes anew", judge, propose, (Pod,))
