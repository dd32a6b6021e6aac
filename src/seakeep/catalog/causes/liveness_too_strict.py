"""Liveness probe does not wait long enough.

What: the kubelet kills the container before its start-up can finish, or because one slow answer is too many.

Why: initialDelaySeconds + periodSeconds x failureThreshold is shorter than the start-up, there is no startupProbe, or timeoutSeconds is shorter than an answer under load.

Bad:
    livenessProbe: {httpGet: {path: /, port: 8080}, initialDelaySeconds: 1, periodSeconds: 1, failureThreshold: 1}

Good:
    startupProbe: {httpGet: {path: /, port: 8080}, failureThreshold: 30}
    livenessProbe: {httpGet: {path: /, port: 8080}, timeoutSeconds: 5}

Ignore when: never while it restarts healthy containers.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.freshness import is_recent
from seakeep.facts.index import Index
from seakeep.facts.probes.probe_repairs import patient
from seakeep.facts.probes.probes import ProbeTrouble, Trouble, probe_troubles
from seakeep.facts.probes.start_up import ended_by_probe, ended_unwell, killed_while_starting
from seakeep.facts.shell_words import named
from seakeep.facts.workloads.podstate import restarts
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod

# Seconds in which hardly any server of a data platform is up; the JVM alone takes longer.
SHORT = 20


def find(index: Index) -> Iterable[Candidate]:
    for item in probe_troubles(index):
        if item.kind == "readiness" or item.trouble in {Trouble.PORT, Trouble.PROTOCOL}:
            continue
        probe, container = item.probe, item.container
        silent = item.trouble is Trouble.SLOW or (
            item.trouble is Trouble.OTHER and (not item.detail.partition(": ")[2] or ended_by_probe(index, item))
        )
        if silent and item.seen and probe is None and not _stands(index, item):
            yield _unshown(item)
        if probe is None or container is None or not item.seen:
            continue
        patience = probe.initial_delay_seconds + probe.period_seconds * probe.failure_threshold
        unguarded = item.kind == "startup" or container.startup_probe is None
        slow = item.trouble is Trouble.SLOW
        starting = (
            unguarded
            and item.trouble in {Trouble.OTHER, Trouble.STATUS}
            and killed_while_starting(index, item, patience)
        )
        unwell = ended_unwell(index, item)
        if not slow and not starting and not unwell and not (unguarded and patience < SHORT):
            continue
        yield Candidate(
            id="liveness-too-strict",
            object=item.workload,
            summary=f"{item.kind} probe of container {container.name} gives up after {patience} s, "
            + (
                f"in which the application answers that it is not well: {item.detail[:100]}"
                if unwell
                else f"with {probe.timeout_seconds} s for each answer"
            ),
            evidence=(
                *item.evidence,
                Evidence(
                    item.pod.ref,
                    f"spec.containers[{container.name}].{item.kind}Probe",
                    f"initialDelaySeconds {probe.initial_delay_seconds}, periodSeconds {probe.period_seconds}, failureThreshold {probe.failure_threshold}, timeoutSeconds {probe.timeout_seconds}",
                ),
            ),
            affects=(item.pod.ref,),
            repair=Repair(
                f"Give container {container.name} a startupProbe that covers its start-up, and a liveness timeout of several seconds.",
                patient(index, item.workload, container.name, item.kind),
            ),
            confidence=PROVEN if patience < SHORT and unguarded else LIKELY if slow or starting else POSSIBLE,
        )


def _stands(index: Index, item: ProbeTrouble) -> bool:
    """One slow answer that killed nothing is no fault; one of long ago is over, where nothing else is known of the pod."""
    known = list(item.pod.status.container_statuses)
    if known:
        return all(status.ready for status in known) and not restarts(item.pod)
    return not any(is_recent(index, piece.time) for piece in item.evidence)


def _unshown(item: ProbeTrouble) -> Candidate:
    """How long the probe waits was not shown: an application that hangs gives the same message."""
    return Candidate(
        id="liveness-too-strict",
        object=item.workload,
        summary=f"{item.kind} probe of {item.workload.kind} {item.workload.name} gets no answer in time: it waits too briefly, or the application hangs or does not come up",
        evidence=item.evidence,
        affects=(item.pod.ref,),
        repair=Repair("Give the probe a timeout of several seconds, and see what the container was doing meanwhile."),
        confidence=POSSIBLE,
        settled_by=f"kubectl get pod {named(item.pod)} -o yaml",
    )


CAUSE = CauseLeaf(id="liveness-too-strict", title="Liveness probe does not wait long enough", reads=(Pod,), find=find)
