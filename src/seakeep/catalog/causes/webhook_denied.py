"""An admission webhook denies the objects by its rules.

What: objects are refused with `admission webhook "…" denied the request: …`; the webhook works and says why.

Why: a policy engine (Kyverno, Gatekeeper …) or an operator enforces a rule that the workload breaks, or a new rule is too wide.

Bad:
    image: docker.io/acme/app:latest     # where a policy forbids latest

Good:
    image: registry.example.com/acme/app:1.4.2

Ignore when: the policy is meant to refuse such workloads.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import HINT, LIKELY, PROVEN, CauseLeaf
from seakeep.facts.admission.admission import Refused, shortened
from seakeep.facts.admission.webhooks import hindrances
from seakeep.facts.index import Index
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Event, ReplicaSet


def find(index: Index) -> Iterable[Candidate]:
    for item in hindrances(index, Refused.WEBHOOK_DENIED):
        who = ", ".join(f"{ref.kind} {ref.name}" for ref in item.affects[:3])
        detail = item.items[0].detail
        yield Candidate(
            id="webhook-denied",
            object=item.configuration,
            summary=f"webhook {item.webhook} denies the pods of {who}: {shortened(detail, 180)}",
            evidence=item.evidence,
            affects=item.affects,
            repair=Repair(
                f"Change {who} as webhook {item.webhook} demands ({shortened(detail, 120)}), or correct the policy behind it."
            ),
            confidence=HINT if not item.current or item.ignored else PROVEN if item.seen else LIKELY,
            settled_by="" if item.seen else "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations",
        )


CAUSE = CauseLeaf(id="webhook-denied", title="Admission webhook denies the pod", reads=(Event, ReplicaSet), find=find)
