"""Two containers of one pod listen on the same port.

What: a container ends again and again with "address already in use" while another container of its pod holds the port.

Why: the containers of a pod share one network. A sidecar with the same default port (8080, 9090, 15020), a copied container, or an injected proxy takes the port first; which of them loses depends on who starts first.

Bad:
    containers:
      - {name: web, ports: [{containerPort: 8080}]}
      - {name: metrics, ports: [{containerPort: 8080}]}

Good:
    containers:
      - {name: web, ports: [{containerPort: 8080}]}
      - {name: metrics, args: [--port=9102], ports: [{containerPort: 9102}]}

Ignore when: never while the container does not stay up.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.routing.port_clashes import Clash, clashes, planned_clashes
from seakeep.facts.shell_words import quote
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    for item in clashes(index):
        # On the host's network the port may be held by anything on the node.
        if not item.other and item.pod.spec.host_network:
            continue
        port = f"port {item.port}" if item.port else "its port"
        verb = "cannot listen on" if item.told else "ends with an error and wants"
        holder = (
            f"container {item.other} uses too" if item.other else "is in use, probably by another container of the pod"
        )
        yield Candidate(
            id="container-port-conflict",
            object=item.workload,
            summary=f"{f'container {item.container}' if item.container else item.workload.name} {verb} {port}, which {holder}",
            evidence=item.evidence,
            affects=(item.pod.ref,),
            repair=Repair(
                f"Let {f'container {item.container}' if item.container else 'it'} or {item.other or 'its neighbour'} listen on another port, and change the Service, the probes and the declared ports with it."
            ),
            confidence=_level(item),
            settled_by=_look_up(item),
        )

    for plan in planned_clashes(index):
        ref, path = plan.template.ref, f"{plan.template.path}.containers"
        yield Candidate(
            id="container-port-conflict",
            object=ref,
            summary=f"containers {plan.one} and {plan.other} of {ref.kind} {ref.name} both declare port {plan.port}, and share one network",
            evidence=tuple(
                Evidence(plan.template.item.ref, f"{path}[{name}].ports", str(plan.port))
                for name in (plan.one, plan.other)
            ),
            affects=(ref,),
            repair=Repair(
                f"Let container {plan.one} or {plan.other} listen on another port, and change the Service, the probes and the declared ports with it."
            ),
            confidence=POSSIBLE,
            settled_by=f"Ask what containers {plan.one} and {plan.other} listen on",
        )


def _level(item: Clash) -> float:
    if item.told and not item.pod.spec.containers:
        return POSSIBLE  # Nothing of the pod was shown: it may as well use the node's network.
    if item.told:
        return PROVEN if item.other else LIKELY
    return POSSIBLE


def _look_up(item: Clash) -> str:
    where = f"{quote(item.pod.name)} -n {quote(item.pod.namespace)}"
    if not item.told:
        return f"kubectl logs {where} -c {quote(item.container)} --previous"
    return "" if item.other else f"kubectl debug {where} --image=nicolaka/netshoot -- ss -ltnp"


CAUSE = CauseLeaf(id="container-port-conflict", title="Two containers of a pod want one port", reads=(Pod,), find=find)
