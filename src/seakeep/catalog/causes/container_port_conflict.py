"""Two containers of one pod declare the same port.

What: a container ends again and again, and another container of its pod, which runs, declares its port too; or manifests declare one port twice. Where the log says "address already in use", that is app-config-error.

Why: the containers of a pod share one network. A sidecar with the same default port (8080, 9090, 15020), a copied container, or an injected proxy takes the port first; which of them loses depends on who starts first.

Bad:
    containers:
      - {name: web, ports: [{containerPort: 8080}]}
      - {name: metrics, ports: [{containerPort: 8080}]}

Good:
    containers:
      - {name: web, ports: [{containerPort: 8080}]}
      - {name: metrics, args: [--port=9102], ports: [{containerPort: 9102}]}

Ignore when: only one of them really listens.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import POSSIBLE, CauseLeaf
from seakeep.facts.index import Index
from seakeep.facts.routing.port_clashes import clash_candidate, clashes, planned_clashes
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod


def find(index: Index) -> Iterable[Candidate]:
    # What a log tells of a port is a setting that the application refuses: app-config-error.
    yield from (clash_candidate(item, "container-port-conflict") for item in clashes(index) if not item.told)
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


CAUSE = CauseLeaf(id="container-port-conflict", title="Two containers of a pod want one port", reads=(Pod,), find=find)
