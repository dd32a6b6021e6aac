"""Vault is sealed.

What: pods of Vault or OpenBao run and are not ready, their log says "Vault is sealed" or "security barrier not initialized", or their health check answers 503. Whoever needs a secret waits.

Why: every start begins sealed. Without auto-unseal a drained node or an update leaves it so until somebody enters the keys; with it, the key service was not reached, or the identity may not use its key.

Bad:
    vault status     # Sealed  true

Good:
    seal "awskms" {}     # in the server's configuration

Ignore when: it is being set up.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.containers.logs import lines_of
from seakeep.facts.freshness import event_evidence, is_recent
from seakeep.facts.index import Index
from seakeep.facts.symptoms import is_unwell
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod
from seakeep.model.pattern import late

_SERVICE = "vault"
_SEALED = late(
    r"\bVault is sealed\b|security barrier not initialized|seal configuration missing|core: vault is sealed|Sealed\s+true\b"
)
# What its health endpoint answers while it is sealed, and what `vault status` ends with.
_PROBE = late(r"statuscode: 503|Sealed\s+true|Vault is sealed")


def find(index: Index) -> Iterable[Candidate]:
    for workload, pods in sorted(index.pods_by_workload.items()):
        traits = index.traits.get(workload)
        if traits is None or traits.service != _SERVICE:
            continue
        sealed = [(pod, proof) for pod in pods if pod.status.phase == "Running" and (proof := _proof(index, pod))]
        if sealed:
            yield Candidate(
                id="vault-sealed",
                object=workload,
                summary=f"{workload.kind} {workload.name} is sealed: it answers nobody until it is unsealed",
                evidence=tuple(proof for _, proof in sealed[:3]),
                affects=tuple(pod.ref for pod, _ in sealed),
                repair=Repair(
                    f"Unseal every pod of {workload.kind} {workload.name} (`vault operator unseal`), or initialise it where it is new; let auto-unseal do it from then on."
                ),
                confidence=PROVEN if any(proof.path == "log" for _, proof in sealed) else LIKELY,
            )


def _proof(index: Index, pod: Pod) -> Evidence | None:
    """The newest word of its log on that, else its failing check."""
    if not is_unwell(index, pod):
        return None
    for _, previous, line in reversed(list(lines_of(index, pod))):
        if not previous and _SEALED.search(line[:2000]):
            return Evidence(pod.ref, "log", line[:300])
    for event in index.events_about(pod.ref):
        if event.reason == "Unhealthy" and _PROBE.search(event.text) and is_recent(index, event.last_seen):
            return event_evidence(index, event)
    return None


CAUSE = CauseLeaf(id="vault-sealed", title="Vault is sealed", reads=(Pod,), find=find)
