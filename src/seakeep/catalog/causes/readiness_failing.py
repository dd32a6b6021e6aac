"""Application says that it is not ready.

What: a pod runs and its readiness probe fails for a reason inside the application, or a readiness gate is not met.

Why: it waits for something else, is overloaded, or is broken; its log tells more than its probe. A gate's condition is set by a controller outside: that of a load balancer or of a service mesh.

Bad:
    Readiness probe failed: HTTP probe failed with statuscode: 503

Good:
    Ready: True

Ignore when: the pod is still starting.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.containers.last_words import last_words
from seakeep.facts.containers.logs import hits
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.probes.probes import Trouble, probe_troubles
from seakeep.facts.probes.start_up import ended_by_probe, is_refused_unseen
from seakeep.facts.shell_words import named
from seakeep.facts.symptoms import is_unwell
from seakeep.facts.workloads.podstate import is_ready
from seakeep.facts.workloads.revision_repairs import probe_before
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref


def find(index: Index) -> Iterable[Candidate]:
    seen: set[Ref] = set()
    for item in probe_troubles(index):
        if (
            item.kind == "readiness"
            and item.trouble in {Trouble.STATUS, Trouble.SLOW, Trouble.OTHER}
            and item.pod.ref not in seen
            and item.seen
            and (item.trouble is Trouble.STATUS or not _starts(index, item.pod))
        ):
            seen.add(item.pod.ref)
            said = _said(index, item.pod)
            unsure = _starts(index, item.pod) or ended_by_probe(index, item) or (is_refused_unseen(item) and not said)
            yield Candidate(
                id="readiness-failing",
                object=item.workload,
                summary=f"{item.pod.name} runs and is not ready: {item.detail[:160]}"
                + (f"; {said[0].value[:160]}" if said else ""),
                evidence=(*item.evidence, *said),
                affects=(item.pod.ref,),
                repair=Repair(
                    f"Find out from the log of {item.pod.name} why its application is not ready.",
                    probe_before(index, item.workload, item.container.name)
                    if item.container and item.trouble is Trouble.STATUS
                    else None,
                ),
                confidence=POSSIBLE if unsure else LIKELY,
                settled_by=f"kubectl logs {named(item.pod)} --all-containers",
            )
    for pod in index.pods:
        if pod.ref not in seen and is_unwell(index, pod) and (gate := _gate(pod)):
            seen.add(pod.ref)
            yield Candidate(
                id="readiness-failing",
                object=workload_of(index, pod),
                summary=f"the containers of {pod.name} are ready, but a readiness gate is not: {gate.value[:200]}",
                evidence=(gate,),
                affects=(pod.ref,),
                repair=Repair(
                    f"See why the controller that sets the condition of the readiness gate does not set it for {pod.name}, or take readinessGates out of its template."
                ),
                confidence=PROVEN,
            )
    for pod in index.pods:
        if pod.ref not in seen and _is_up(pod) and is_unwell(index, pod) and (said := _said(index, pod)):
            yield Candidate(
                id="readiness-failing",
                object=workload_of(index, pod),
                summary=f"{pod.name} runs and is not ready, and its log speaks of an error: {said[0].value[:160]}",
                evidence=(Evidence(pod.ref, "status.conditions[Ready]", "False"), *said),
                affects=(pod.ref,),
                repair=Repair(f"Find out from the log of {pod.name} why its application is not ready."),
                confidence=POSSIBLE,
                settled_by=f"kubectl describe pod {named(pod)}",
            )


def _starts(index: Index, pod: Pod) -> bool:
    """A server that gives no answer to its first probes starts, and that is no fault. One that answers says itself that it is not ready: it may be no more than its start."""
    return not is_ready(pod) and not is_unwell(index, pod)


def _said(index: Index, pod: Pod) -> tuple[Evidence, ...]:
    """A line of a known form, or else the last that speaks of an error."""
    told = [hit.evidence for hit in hits(index, pod) if not hit.previous][:1]
    word = None if told else last_words(index, pod)
    return (*told, *((word,) if word else ()))


def _gate(pod: Pod) -> Evidence | None:
    """The kubelet's word that a controller from outside has not said yes (load balancers, service meshes)."""
    for item in pod.status.conditions:
        if item.type == "Ready" and item.status == "False" and item.reason == "ReadinessGatesNotReady":
            return state_evidence(pod, "status.conditions[Ready].message", item.message, item.last_transition_time)
    return None


def _is_up(pod: Pod) -> bool:
    """All its containers run: none waits, none has ended."""
    known = pod.status.container_statuses
    return bool(known) and all(status.state.running for status in known) and not pod.metadata.deletion_timestamp


CAUSE = CauseLeaf(
    id="readiness-failing", title="Application says that it is not ready", reads=(Pod,), find=find, generic=True
)
