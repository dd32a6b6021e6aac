"""All replicas run on one node, though they are to be spread.

What: a workload with two replicas or more has spread constraints or anti-affinity, several nodes may take its pods, and all of them are on one. (Without constraints it is
replicas-without-spread.)

Why: constraints are looked at when a pod is placed, never again: after a node was lost or drained, all may sit together. The next loss takes the service down.

Bad:
    web-1 and web-2 on node a, none on node b

Good:
    web-1 on node a, web-2 on node b

Ignore when: the other nodes are about to be removed.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Unseen, template_rule
from seakeep.facts.disruption.disruption_allowance import held_most
from seakeep.facts.index import Index
from seakeep.facts.scheduling.node_choice import places
from seakeep.facts.scheduling.spreading import spreads
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podspecs import Judged
from seakeep.facts.workloads.podstate import is_finished
from seakeep.model.change import Advice, Change
from seakeep.model.finding import Finding
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref


def _answer(index: Index, entry: Judged) -> Answer:
    if not entry.scaled or not entry.full or (entry.replicas or 0) < 2 or not spreads(entry):
        return None
    nodes = [pod.spec.node_name for pod in _placed(index, entry.ref)]
    if index.snapshot.intent_only or len(nodes) < 2:
        return None
    able = places(index, entry.spec)
    if able is None or not index.snapshot.lists_all("Pod", entry.ref.namespace):
        return Unseen("all nodes and pods")
    if len(able) < 2:
        return None
    alone = len(set(nodes)) == 1
    return f"all {len(nodes)} pods are on node {nodes[0]}, of {len(able)} that may take them" if alone else HOLDS


def _placed(index: Index, ref: Ref) -> list[Pod]:
    pods = index.pods_by_workload.get(ref, ())
    return [pod for pod in pods if pod.spec.node_name and not is_finished(pod) and not pod.metadata.deletion_timestamp]


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """No field says where a running pod is: somebody must evict one, or move its volume."""
    ref = finding.object
    node, held = held_most(index, ref)
    pods = _placed(index, ref)
    if held == len(pods):
        return Advice(
            f"Volumes hold all {held} pods of {ref} on node {node}: which replica can rebuild its data from the others, so that its claim may be made anew on another node?",
            f"kubectl get pvc,pv -n {quote(ref.namespace)} -o wide",
        )
    return Advice(
        f"May Pod {pods[-1].name} of {ref} be evicted from node {pods[-1].spec.node_name} now, so that it is placed on another?",
        f"kubectl get pods -n {quote(ref.namespace)} -o wide; kubectl get nodes",
    )


HARDENING = template_rule(
    "all-replicas-on-one-node",
    "All replicas on one node",
    _answer,
    reads=(Pod,),
    repair="Evict one of the pods, so that the scheduler places it anew.",
    propose=propose,
)
