"""kube-proxy does not work on a node.

What: the node's kube-proxy pod is missing, crashes or is not ready, or its unit is stopped; from that node Services' addresses time out while the pods behind them answer. Old rules stay in the kernel, so it shows only when endpoints change.

Why: the DaemonSet's selector or tolerations leave the node out, its configuration does not load, the unit was stopped, or iptables, nftables or IPVS modules are missing.

Bad:
    kube-proxy-x7k2p   0/1   CrashLoopBackOff     # on the node

Good:
    kube-proxy-x7k2p   1/1   Running

Ignore when: another data plane (Cilium, kube-router, OVN) does its work, and it was taken away on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_agents import proxy_troubles
from seakeep.facts.nodes.node_services import stopped
from seakeep.facts.nodes.node_signs import CERTAIN, FAIR
from seakeep.facts.nodes.proxy_signs import proxy_signs
from seakeep.model.cause import Candidate, Repair
from seakeep.model.finding import Severity
from seakeep.model.objects import Node, Pod

_LEVELS = {CERTAIN: PROVEN, FAIR: LIKELY}


def find(index: Index) -> Iterable[Candidate]:
    pods = {item.node: item.pods for item in proxy_troubles(index)}
    for culprit, signs in proxy_signs(index).items():
        if culprit.name in stopped(index):
            continue  # the node itself is down: kube-proxy is the least of it
        name = culprit.name if culprit.kind == "Node" else ""
        callers = tuple(sign.evidence.object for sign in signs if sign.evidence.object.kind == "Pod")
        confidence = _LEVELS.get(signs[0].level, POSSIBLE)
        where = f"on node {name}" if name else "on any node"
        yield Candidate(
            id="kube-proxy-down",
            object=culprit,
            summary=f"kube-proxy does not work {where}: Services' addresses are not kept up to date there ({signs[0].evidence.value[:140]})",
            evidence=tuple(dict.fromkeys(sign.evidence for sign in signs))[:6],
            affects=tuple(dict.fromkeys((*pods.get(name, ()), *callers))),
            repair=Repair(
                f"Bring kube-proxy {where} up again: look at its log, its configuration, and whether DaemonSet kube-proxy still selects the node."
                if name
                else f"Let {culprit.kind} {culprit.namespace}/{culprit.name} run on the nodes again: look at its nodeSelector, its image and its log."
            ),
            confidence=confidence,
            settled_by="" if confidence >= PROVEN else "kubectl get pods -n kube-system -l k8s-app=kube-proxy -o wide",
        )


CAUSE = CauseLeaf(
    id="kube-proxy-down",
    title="kube-proxy does not work",
    reads=(Node, Pod),
    find=find,
    severity=Severity.CRITICAL,
)
