"""An ExternalName Service points to a name that does not exist.

What: whoever calls the Service gets "no such host"; the Service itself looks well, for ExternalName has no endpoints to miss.

Why: the target Service was renamed or never existed, the name is short (a CNAME is not completed by search domains), or it is an IP address.

Bad:
    type: ExternalName
    externalName: postgres.db.svc.cluster.local     # no such Service

Good:
    externalName: kong-postgres.kong.svc.cluster.local

Ignore when: the name resolves outside the cluster only, where it is used.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import HINT, LIKELY, POSSIBLE, PROVEN, CauseLeaf
from seakeep.facts.dns.external_names import DeadEnd, dead_ends
from seakeep.facts.freshness import state_evidence
from seakeep.facts.index import Index
from seakeep.facts.shell_words import quote
from seakeep.model.cause import Candidate, Repair
from seakeep.model.change import Change, Risk
from seakeep.model.objects import Service


def find(index: Index) -> Iterable[Candidate]:
    for item in dead_ends(index):
        name, target = item.service.name, item.service.spec.external_name
        users = f", and {', '.join(ref.name for ref in item.consumers[:3])} rely on it" if item.consumers else ""
        yield Candidate(
            id="external-name-unresolvable",
            object=item.service.ref,
            summary=f"ExternalName {target or '(empty)'} of Service {name} {item.why}{users}",
            evidence=(
                state_evidence(item.service, "spec.externalName", target or "(empty)"),
                *(call.evidence for call in item.calls[:3]),
            ),
            affects=tuple(dict.fromkeys((*item.consumers, *(call.origin for call in item.calls)))),
            repair=Repair(f"Point Service {name} to {item.meant or 'a name that resolves'}.", _change(item)),
            confidence=PROVEN if item.certain else LIKELY if item.calls else POSSIBLE if item.meant else HINT,
            settled_by=""
            if item.certain
            else f"kubectl run -it --rm lookup --image=busybox --restart=Never -- nslookup {quote(target)}",
        )


def _change(item: DeadEnd) -> Change | None:
    """Only where the cluster itself says that the name leads nowhere: nobody loses a connection that works."""
    if not item.meant or not item.certain:
        return None
    why = f"its name {item.why}; {item.meant} is the one that was meant, by its name or as the only one on the callers' port"
    return Change(item.service.ref, {"spec": {"externalName": item.meant}}, (), Risk.LOW, why)


CAUSE = CauseLeaf(id="external-name-unresolvable", title="ExternalName leads nowhere", reads=(Service,), find=find)
