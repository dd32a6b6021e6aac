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

from seakeep.contract.cause import LIKELY, PROVEN, CauseLeaf
from seakeep.facts.containers.logs import Topic, hits
from seakeep.facts.freshness import time_in
from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import workload_of
from seakeep.facts.routing.addresses import resolve
from seakeep.facts.routing.routing import backends_of
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podstate import is_finished
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import KubeObject, Pod, Service
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

WORDS = late(r"tls|cert|ssl|keystore|-ca\b", re.IGNORECASE)
_URL = late(r"(?:https|wss|ldaps|amqps|rediss|grpcs)://(?P<host>[\w.-]+)")


def _place(index: Index, pod: Pod, line: str) -> Ref:
    """Which certificate, the log seldom says: that of the server which the line names, else the pod's own, else the one that cert-manager could not renew; the workload where none of them stands out."""
    host = _URL.search(line)
    service = resolve(index, host["host"], pod.namespace).service if host else None
    item = index.snapshot.get(Service, service.namespace, service.name) if service else None
    servers = [template.pods for template in backends_of(index, item)] if item else []
    if service and not servers:
        named = [
            ref for ref in index.pods_by_workload if (ref.namespace, ref.name) == (service.namespace, service.name)
        ]
        servers = [tuple(index.pods_by_workload[ref]) for ref in named]
    failing = [
        Ref("Secret", other.namespace, spec["secretName"])
        for other in index.snapshot.of_kind("Certificate")
        if other.namespace in {pod.namespace, service.namespace if service else ""}
        and _is_failing(other)
        and isinstance(spec := getattr(other, "spec", None), dict)
        and spec.get("secretName")
    ]
    dated = {check.origin for check in index.snapshot.checks if check.probe == "certificate"}
    looked_at = {ref for ref in dated if ref.namespace in {pod.namespace, service.namespace if service else ""}}
    theirs = {ref for pods in servers for one in pods for ref in _mounted(one)}
    for refs in (looked_at, theirs, set(_mounted(pod)) if not service else set(), set(failing)):
        if len(refs) == 1:
            return refs.pop()
    return workload_of(index, pod)


def _mounted(pod: Pod) -> Iterable[Ref]:
    """Secrets that the pod mounts and whose names, or their volumes', speak of certificates."""
    for volume in pod.spec.volumes:
        if volume.secret and (WORDS.search(volume.secret.secret_name) or WORDS.search(volume.name)):
            yield Ref("Secret", pod.namespace, volume.secret.secret_name)


def _is_failing(item: KubeObject) -> bool:
    status = getattr(item, "status", None)
    conditions = status.get("conditions") if isinstance(status, dict) else None
    return any(
        isinstance(entry, dict) and entry.get("type") == "Ready" and entry.get("status") == "False"
        for entry in conditions or ()
    )


def _says_expired(item: KubeObject) -> bool:
    """Cert-manager's own word, where the date was not shown."""
    status = getattr(item, "status", None)
    conditions = status.get("conditions") if isinstance(status, dict) else None
    return any(
        isinstance(entry, dict)
        and entry.get("type") == "Ready"
        and entry.get("status") == "False"
        and (entry.get("reason") == "Expired" or str(entry.get("message", "")).startswith("Certificate expired"))
        for entry in conditions or ()
    )


def find(index: Index) -> Iterable[Candidate]:
    for check in index.snapshot.checks:
        if check.probe == "certificate" and check.time and check.time <= index.now:
            yield Candidate(
                id="certificate-expired",
                object=check.origin,
                summary=f"the certificate in Secret {check.origin.name} expired at {check.time:%Y-%m-%d %H:%M}",
                evidence=(Evidence(check.origin, "check", check.detail, check.time, True),),
                repair=Repair(
                    f"Renew the certificate in Secret {check.origin.name}, and restart what holds the old one."
                ),
                confidence=PROVEN,
            )
    for item in index.snapshot.of_kind("Certificate"):
        status = getattr(item, "status", None)
        spec = getattr(item, "spec", None)
        until = time_in(status.get("notAfter")) if isinstance(status, dict) else None
        if (until is None or until > index.now) and not _says_expired(item):
            continue
        secret = Ref(
            "Secret", item.namespace, str(spec.get("secretName", item.name)) if isinstance(spec, dict) else item.name
        )
        yield Candidate(
            id="certificate-expired",
            object=secret,
            summary=f"the certificate in Secret {secret.name} expired{f' at {until:%Y-%m-%d %H:%M}' if until else ''}",
            evidence=(Evidence(item.ref, "status.notAfter", until.isoformat() if until else "expired", until),),
            repair=Repair(f"Renew Certificate {item.name}: see why its issuer did not."),
            confidence=PROVEN,
        )
    for pod in index.pods:
        told = hits(index, pod, Topic.CERTIFICATE)
        if not told or is_finished(pod):
            continue
        place = _place(index, pod, told[0].line)
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
