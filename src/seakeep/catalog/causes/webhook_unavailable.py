"""An admission webhook does not answer, and its policy is to fail.

What: objects are refused with "failed calling webhook …: connection refused", "no endpoints available", "service … not found" or a timeout; or the webhook's Service is not there, which will show at the next create.

Why: the webhook's Deployment is down or was removed without its configuration, its port is wrong, or a network policy cuts the API server off.

Bad:
    failurePolicy: Fail     # and no ready pod behind clientConfig.service

Good:
    a ready backend with two replicas, or failurePolicy: Ignore where the check is not vital

Ignore when: the backend is being rolled out.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import HINT, LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.admission.admission import Refused, shortened
from seakeep.facts.admission.webhooks import hindrances, misdirected, unbacked, unoffered
from seakeep.facts.index import Index
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Event, MutatingWebhookConfiguration, ValidatingWebhookConfiguration


def find(index: Index) -> Iterable[Candidate]:
    idle = {item.configuration.ref: item for item in unbacked(index)}
    # Whoever presents a certificate answers, however bad it is.
    told = {item.configuration for item in hindrances(index, Refused.WEBHOOK_CERTIFICATE) if item.current}
    for item in hindrances(index, Refused.WEBHOOK_FAILED):
        behind = idle.get(item.configuration)
        current = (item.current or behind is not None) and not item.ignored
        told.add(item.configuration)
        detail = item.items[0].detail
        yield Candidate(
            id="webhook-unavailable",
            object=item.configuration,
            summary=f"webhook {item.webhook} does not answer, so objects are refused: {shortened(detail.removeprefix('failed to call webhook: '), 160)}",
            evidence=(*item.evidence, *(behind.evidence if behind else ())),
            affects=item.affects,
            repair=Repair(
                f"Bring the backend of webhook {item.webhook} up{f' ({behind.service})' if behind else ''}, or delete {item.configuration} if its operator is gone."
            ),
            confidence=HINT if not current else PROVEN if item.seen else LIKELY,
            settled_by="" if item.seen else "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations",
        )
    for ref, found in sorted(idle.items()):
        if ref in told:
            continue
        what = "does not exist" if found.absent else "has no ready endpoint"
        yield Candidate(
            id="webhook-unavailable",
            object=ref,
            summary=f"webhook {found.webhook.name} must answer (failurePolicy Fail), but {found.service} {what}",
            evidence=found.evidence,
            affects=(found.service,),
            repair=Repair(f"Bring {found.service} up, or delete {ref} if its operator is gone."),
            confidence=LIKELY if found.absent else POSSIBLE,
        )

    for wrong in unoffered(index):
        name, ports = f"{wrong.configuration.kind} {wrong.configuration.name}", " or ".join(map(str, wrong.offered))
        passes = wrong.webhook.failure_policy == "Ignore"
        yield Candidate(
            id="webhook-unavailable",
            object=wrong.configuration.ref,
            summary=f"webhook {wrong.webhook.name} of {name} calls port {wrong.port} of {wrong.service}, which offers {ports}: {'nothing is checked' if passes else 'what it should check is refused'}",
            evidence=wrong.evidence,
            affects=(wrong.service,),
            repair=Repair(f"Let webhook {wrong.webhook.name} call port {ports}."),
            confidence=PROVEN,
        )
    for found, meant in misdirected(index):
        name = f"{found.configuration.kind} {found.configuration.name}"
        yield Candidate(
            id="webhook-unavailable",
            object=found.configuration.ref,
            summary=f"webhook {found.webhook.name} of {name} calls {found.service}, which is not among the manifests (Service {meant} is)",
            evidence=found.evidence,
            repair=Repair(f"Let webhook {found.webhook.name} call Service {meant}."),
            confidence=LIKELY,
        )


CAUSE = CauseLeaf(
    id="webhook-unavailable",
    title="Admission webhook does not answer",
    reads=(Event, MutatingWebhookConfiguration, ValidatingWebhookConfiguration),
    find=find,
    elsewhere=True,
)
