"""A liveness probe asks more than the container itself.

What: livenessProbe asks another host, an endpoint that counts databases and brokers in, or the readiness endpoint.

Why: when the database is down, the kubelet restarts everything that needs it, over and over. The outage spreads, and outlasts its cause.

Bad:
    livenessProbe: {httpGet: {path: /actuator/health, port: 8080}}

Good:
    livenessProbe: {httpGet: {path: /actuator/health/liveness, port: 8080}}

Ignore when: the endpoint is known to answer for its own process alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, template_rule
from seakeep.facts.index import Index
from seakeep.facts.probes.deep_probes import asks_others
from seakeep.facts.probes.probe_actions import action_of
from seakeep.facts.probes.probe_choice import handler, traffic_port
from seakeep.facts.proposing import in_containers, pod_spec_path
from seakeep.facts.shell_words import typed
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.fields import Path, text_of
from seakeep.model.finding import Finding


def _answer(index: Index, entry: Judged) -> Answer:
    deep = _deep(index, entry)
    if not deep and not any(item.liveness_probe for item in entry.spec.containers):
        return None
    return "; ".join(f"the livenessProbe of {name} {why}" for name, why in deep.items()) or HOLDS


def _deep(index: Index, entry: Judged) -> dict[str, str]:
    found = {
        item.name: asks_others(index, entry, item, item.liveness_probe)
        for item in entry.spec.containers
        if item.liveness_probe
    }
    return {name: why for name, why in found.items() if why}


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """The service's own sign of life where it is known, else whether the port of its traffic is listened on. The old question goes."""
    ref = finding.object
    entry, traits = judged_of(index, ref), index.traits.get(ref)
    probes, gone, said = {}, [], []
    for container in entry.spec.containers:
        if container.name not in _deep(index, entry) or container.liveness_probe is None:
            continue
        action = handler(traits.liveness if traits else None, container, traffic_port(index, entry, container))
        if action is None:
            lookup = f"kubectl get {typed(ref)} -o yaml"
            return Advice(f"Which endpoint of {container.name} in {ref} answers for its process alone?", lookup)
        old = action_of(container.liveness_probe)
        at: Path = (*pod_spec_path(ref), "containers", (("name", container.name),), "livenessProbe")
        gone += [text_of((*at, kind)) for kind in old if kind not in action]
        gone += [text_of((*at, kind, "host")) for kind in old if kind in action and "host" in old[kind]]
        probes[container.name] = {"livenessProbe": action}
        said.append(f"{container.name} is asked by {' '.join(action)} of its own")
    why = f"{finding.detail}; {', '.join(said)}"
    return fixed(ref, "a liveness probe") or (Change(ref, in_containers(ref, probes), tuple(gone), Risk.MEDIUM, why),)


HARDENING = template_rule(
    "liveness-depends-on-others",
    "Liveness that depends on others",
    _answer,
    alone=True,
    lasting=True,
    needs="seen",
    unseen="its containers",
    path="spec.template.spec.containers[].livenessProbe",
    repair="Ask the process itself: its own liveness endpoint, or whether it listens. Readiness may ask more.",
    propose=propose,
)
