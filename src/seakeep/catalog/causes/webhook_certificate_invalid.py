"""The API server does not trust an admission webhook's certificate.

What: objects are refused with "failed calling webhook …: x509: certificate signed by unknown authority" (or has expired, is valid for another name).

Why: the certificate was renewed and caBundle was not, it expired because cert-manager or the operator does not run, or the Service was renamed.

Bad:
    clientConfig: {caBundle: …}     # of last year's authority

Good:
    cert-manager.io/inject-ca-from: system/webhook-cert

Ignore when: the operator injects the new bundle within a minute.
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
    for item in hindrances(index, Refused.WEBHOOK_CERTIFICATE):
        who = ", ".join(f"{ref.kind} {ref.name}" for ref in item.affects[:3])
        detail = item.items[0].detail
        yield Candidate(
            id="webhook-certificate-invalid",
            object=item.configuration,
            summary=f"webhook {item.webhook} presents a certificate that the API server does not trust, so pods of {who} are refused: {shortened(detail.removeprefix('failed to call webhook: '), 160)}",
            evidence=item.evidence,
            affects=item.affects,
            repair=Repair(
                f"Renew the certificate of webhook {item.webhook} and put its authority into caBundle of {item.configuration}."
            ),
            confidence=HINT if not item.current or item.ignored else PROVEN if item.seen else LIKELY,
            settled_by="" if item.seen else "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations",
        )


CAUSE = CauseLeaf(
    id="webhook-certificate-invalid", title="Webhook's certificate is not trusted", reads=(Event, ReplicaSet), find=find
)
