"""A roll-out stops all pods at once, or cannot finish.

What: a Deployment with several replicas, or of a component that may run twice, has the strategy Recreate though no volume demands it; maxUnavailable lets all replicas (or a DaemonSet's pods on
all nodes) go at once, or more members of a StatefulSet than its service's quorum can spare; or a rolling update of one replica starts the new pod while the old one holds their ReadWriteOnce volume.

Why: each new version is an outage, and a bad one leaves nothing running. Of the last kind, the new pod waits for a volume that the old one gives back only when the new one is ready, or both write to it.

Bad:
    replicas: 3
    strategy: {type: Recreate}

Good:
    strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 25%}}

Ignore when: two versions must not run side by side.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Fault, Unseen, template_rule
from seakeep.facts.disruption.disruption import scaled
from seakeep.facts.index import Index
from seakeep.facts.volumes.exclusive_volumes import claims_of
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.facts.workloads.rollout_steps import at_once, steps
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding
from seakeep.model.objects import DaemonSet, Deployment, PodSpec, StatefulSet
from seakeep.model.objects.base import IntOrString

_ROLLING = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}


def _answer(index: Index, entry: Judged) -> Answer:
    item = index.snapshot.find(entry.ref)
    if not isinstance(item, Deployment | DaemonSet | StatefulSet) or entry.replicas == 0:
        return None
    if isinstance(item, StatefulSet) and not at_once(item):
        return None  # one by one, or when somebody deletes them
    if not entry.full or (entry.scaled and entry.replicas is None):
        return Unseen("its strategy")
    if isinstance(item, Deployment) and entry.replicas == 1 and not _recreates(item):
        claims = claims_of(index, entry.ref.namespace, entry.spec)
        if claims.unknown:
            return Unseen(f"the access modes of claim {', '.join(claims.unknown)}")
    if problem := _problem(index, entry):
        what, repair = problem
        return Fault(what, "spec.strategy" if isinstance(item, Deployment) else "spec.updateStrategy", repair)
    return HOLDS


def _recreates(item: Deployment) -> bool:
    return item.spec.strategy is not None and item.spec.strategy.type == "Recreate"


def _problem(index: Index, entry: Judged) -> tuple[str, str] | None:
    """What is wrong, and what to do."""
    item, replicas = index.snapshot.find(entry.ref), entry.replicas or 0
    claims = claims_of(index, entry.ref.namespace, entry.spec)
    if isinstance(item, DaemonSet):
        if at_once(item) == "100%":
            return "a roll-out stops its pods on all nodes at once", "Set maxUnavailable to 1 or a small share."
        return None
    if isinstance(item, StatefulSet):
        return _members(index, entry, at_once(item) or 1)
    if not isinstance(item, Deployment):
        return None
    if _recreates(item):
        traits = index.traits.get(entry.ref)
        twice = replicas > 1 or (traits is not None and traits.scalable is True)
        if twice and not claims.exclusive and not claims.unknown and not _of_the_node(entry.spec):
            return f"Recreate stops all of its {replicas} pods before a new one starts", "Use RollingUpdate."
        return None
    surge, missing = steps(item, replicas)
    if replicas > 1 and missing >= replicas:
        return f"maxUnavailable lets all {replicas} replicas go at once", "Set maxUnavailable to 25% or less."
    if replicas == 1 and surge and not missing and claims.exclusive:
        names = ", ".join(claims.exclusive)
        return f"the new pod of a roll-out needs claim {names} while the old one holds it", "Use Recreate."
    return None


def _members(index: Index, entry: Judged, share: IntOrString) -> tuple[str, str] | None:
    traits, replicas = index.traits.get(entry.ref), entry.replicas or 1
    gone = max(scaled(share, replicas), 1)
    needed = replicas // 2 + 1 if traits is not None and traits.needs_ready == "quorum" else 1
    if replicas == 1 or replicas - gone >= needed:
        return None
    left = f", of which {traits.service} needs {needed}" if traits is not None and needed > 1 else ""
    return f"maxUnavailable lets {gone} of its {replicas} members go at once{left}", "Set maxUnavailable to 1."


def _of_the_node(spec: PodSpec) -> bool:
    """Ports or files of the node, which the old pod and the new one would share."""
    ports = any(port.host_port for part in spec.containers for port in part.ports)
    return ports or spec.host_network or any(volume.host_path for volume in spec.volumes)


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """The template stays as it is, so that nothing restarts now."""
    ref = finding.object
    entry = judged_of(index, ref)
    item = index.snapshot.find(ref)
    if isinstance(item, DaemonSet | StatefulSet):
        fields = {"updateStrategy": {"rollingUpdate": {"maxUnavailable": 1}}}
        return (Change(ref, {"spec": fields}, (), Risk.LOW, f"{finding.detail}; one at a time"),)
    if isinstance(item, Deployment) and entry.replicas == 1 and not _recreates(item):
        gone = ("spec.strategy.rollingUpdate",) if item.spec.strategy and item.spec.strategy.rolling_update else ()
        why = f"{finding.detail}; the old pod goes first, and a roll-out pauses the service for a start"
        return (Change(ref, {"spec": {"strategy": {"type": "Recreate"}}}, gone, Risk.LOW, why),)
    why = f"{finding.detail}; Kubernetes' own 25% keeps {max((entry.replicas or 1) * 3 // 4, 1)} or more ready"
    return (Change(ref, {"spec": {"strategy": _ROLLING}}, (), Risk.LOW, why),)


HARDENING = template_rule(
    "rollout-strategy-unsafe",
    "Roll-out that stops everything, or itself",
    _answer,
    reads=(Deployment, DaemonSet, StatefulSet),
    alone=True,
    propose=propose,
)
