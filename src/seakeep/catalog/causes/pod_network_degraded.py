"""Network of one workload's pods is slow or loses packets.

What: pings, requests or connections to or from one workload's pods are late or get lost, while the same nodes' other pods answer quickly; tc shows netem in its pods; a NetworkChaos experiment or a VirtualService with a fault hits it.

Why: traffic control inside the pod's network namespace, an injected fault, a sidecar proxy that cannot cope, a bandwidth annotation. A fault that an object injects is that object's: the culprit named is the NetworkChaos or VirtualService, for that is what has to be changed.

Bad:
    qdisc netem 8001: dev eth0 root refcnt 2 limit 1000 delay 300ms loss 30%

Good:
    qdisc noqueue 0: dev eth0 root refcnt 2

Ignore when: the experiment is meant to run. All pods of a node are node-network-degraded, all calls refused by a policy network-policy-blocks, a container at its CPU limit cpu-starved.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import HINT, LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.calls.chaos import Injection, experiments, route_faults
from seakeep.facts.calls.pod_network import degraded
from seakeep.facts.index import Index
from seakeep.facts.nodes.node_signs import CERTAIN, FAIR, WEAK
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.shell_words import named, quote
from seakeep.facts.workloads.podstate import is_finished
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref

_LEVELS = {CERTAIN: PROVEN, FAIR: LIKELY, WEAK: POSSIBLE}


def find(index: Index) -> Iterable[Candidate]:
    hit: set[Ref] = set()
    for item in (*experiments(index, "NetworkChaos"), *route_faults(index)):
        candidate = _injected(index, item)
        hit.update(() if item.partly else candidate.affects)
        yield candidate
    for ref, signs in degraded(index).items():
        if ref in hit:
            continue
        pods = [pod.ref for pod in index.pods_by_workload.get(ref, ()) if not is_finished(pod)]
        evidence = tuple(dict.fromkeys(sign.evidence for sign in signs))[:6]
        confidence = _LEVELS.get(signs[0].level, HINT)
        verb = "is slow or loses packets" if confidence > HINT else "may be slow or lose packets"
        yield Candidate(
            id="pod-network-degraded",
            object=ref,
            summary=f"the network of the pods of {ref.kind} {ref.name} {verb} ({evidence[0].value[:140]})",
            evidence=evidence,
            affects=tuple(pods),
            repair=Repair(
                f"Look at what shapes the traffic of {ref.kind} {ref.name} (tc qdisc in its pods, fault injection, sidecar proxy, bandwidth annotations) and remove it; pods made anew have a network of their own."
            ),
            confidence=confidence,
            settled_by="" if confidence >= PROVEN else _look_up(pods[0] if pods else ref),
        )


def _injected(index: Index, item: Injection) -> Candidate:
    hit = tuple(dict.fromkeys(workload_of(index, pod) for pod in item.pods))
    names = ", ".join(ref.name for ref in hit[:3]) or "the hosts that it names"
    some = " (some requests only)" if item.partly else ""
    return Candidate(
        id="pod-network-degraded",
        object=item.source,
        summary=f"{item.source.kind} {item.source.name} disturbs the network of {names}: {item.what}{some}",
        evidence=(item.evidence, *(sign.evidence for ref in hit[:3] for sign in degraded(index).get(ref, ())[:2])),
        affects=(*hit, *(pod.ref for pod in item.pods)),
        repair=Repair(f"Remove the fault from {item.source}, if it is not meant to be there."),
        confidence=POSSIBLE if item.partly else PROVEN,
    )


def _look_up(ref: Ref) -> str:
    if ref.kind != "Pod":
        return f"kubectl exec {quote(ref.kind.lower())}/{named(ref)} -- tc qdisc show"
    return f"kubectl debug {named(ref)} --image=nicolaka/netshoot -- tc qdisc show"


CAUSE = CauseLeaf(id="pod-network-degraded", title="Network of a workload's pods is slow or lossy", reads=(Pod,), find=find)  # fmt: skip
