"""An admission webhook, or an admission policy, denies the objects by its rules.

What: objects are refused with `admission webhook "…" denied the request: …`; the webhook works and says why. Or with `ValidatingAdmissionPolicy '…' with binding '…' denied request: …`, which the API server finds by itself.

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
from seakeep.facts.admission.admission import Refusal, Refused, refused, shortened
from seakeep.facts.admission.webhooks import hindrances
from seakeep.facts.index import Index
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Event, ReplicaSet
from seakeep.model.refs import Ref


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
    yield from _by_policy(index)


def _by_policy(index: Index) -> Iterable[Candidate]:
    found: dict[Ref, list[Refusal]] = {}
    for item in refused(index, Refused.POLICY_DENIED):
        found.setdefault(Ref("ValidatingAdmissionPolicy", "", item.name), []).append(item)
    for policy, items in sorted(found.items()):
        affects = tuple(sorted({item.workload for item in items}))
        who = ", ".join(f"{ref.kind} {ref.name}" for ref in affects[:3])
        detail = shortened(items[0].detail, 180)
        current = any(item.current for item in items) and not index.snapshot.is_absent(policy)
        yield Candidate(
            id="webhook-denied",
            object=policy,
            summary=f"ValidatingAdmissionPolicy {policy.name} denies the pods of {who}: {detail}",
            evidence=tuple(item.evidence for item in items[:4]),
            affects=affects,
            repair=Repair(
                f"Change {who} as ValidatingAdmissionPolicy {policy.name} demands, or correct it or its binding."
            ),
            confidence=PROVEN if current else HINT,
        )


CAUSE = CauseLeaf(id="webhook-denied", title="Admission webhook denies the pod", reads=(Event, ReplicaSet), find=find)
