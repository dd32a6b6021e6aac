"""Certificate has expired.

What: a log says so, or cert-manager's Certificate is past its notAfter.

Why: nobody renewed it, or the issuer cannot.

Bad:
    notAfter: "2026-01-01T00:00:00Z"

Good:
    a Certificate whose renewal succeeds

Ignore when: the certificate belongs to a service that is being retired.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.containers.logs import Topic, hits
from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podstate import is_finished
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref

WORDS = re.compile(r"tls|cert|ssl|keystore|-ca\b", re.IGNORECASE)


def parsed(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def find(index: Index) -> Iterable[Candidate]:
    for item in index.snapshot.of_kind("Certificate"):
        status = getattr(item, "status", None)
        spec = getattr(item, "spec", None)
        until = parsed(status.get("notAfter")) if isinstance(status, dict) else None
        if until is None or until > index.now:
            continue
        secret = Ref(
            "Secret", item.namespace, str(spec.get("secretName", item.name)) if isinstance(spec, dict) else item.name
        )
        yield Candidate(
            id="certificate-expired",
            object=secret,
            summary=f"the certificate in Secret {secret.name} expired at {until:%Y-%m-%d %H:%M}",
            evidence=(Evidence(item.ref, "status.notAfter", until.isoformat(), until),),
            repair=Repair(f"Renew Certificate {item.name}: see why its issuer did not."),
            confidence=PROVEN,
        )
    for pod in index.pods:
        told = hits(index, pod, Topic.CERTIFICATE)
        if not told or is_finished(pod):
            continue
        # Which certificate, the log seldom says; a Secret that the pod mounts and whose name speaks of one is the likely place.
        names = [
            volume.secret.secret_name
            for volume in pod.spec.volumes
            if volume.secret and WORDS.search(volume.secret.secret_name)
        ]
        place = Ref("Secret", pod.namespace, names[0]) if len(names) == 1 else workload_of(index, pod)
        yield Candidate(
            id="certificate-expired",
            object=place,
            summary=f"{pod.name} meets a certificate that has expired",
            evidence=tuple(hit.evidence for hit in told[:2]),
            affects=(pod.ref,),
            repair=Repair("Renew the certificate that the log names, and restart what holds the old one."),
            confidence=LIKELY,
            settled_by=f"kubectl get secret -n {quote(pod.namespace)} -o custom-columns=NAME:.metadata.name,TYPE:.type",
        )


CAUSE = CauseLeaf(id="certificate-expired", title="Certificate has expired", reads=(Pod,), find=find)
