"""An Ingress takes requests in plain text.

What: a host of it stands in no tls entry, and no annotation tells that the load balancer before it ends TLS.

Why: passwords, cookies and data cross the network readable.

Bad:
    spec: {rules: [{host: bi.example.com}]}

Good:
    spec: {tls: [{hosts: [bi.example.com], secretName: bi-tls}], rules: [{host: bi.example.com}]}

Ignore when: a proxy before it ends TLS, or it is reached within a trusted network only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.proposing import free_name
from seakeep.facts.shell_words import quote
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding
from seakeep.model.objects import Ingress, Unstructured
from seakeep.model.snapshot import Depth

RULE = Rule("ingress-without-tls")
# Where the load balancer or the controller itself holds the certificate.
_ENDED_BEFORE = (
    "alb.ingress.kubernetes.io/certificate-arn",
    "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
    "ingress.gcp.kubernetes.io/pre-shared-cert",
    "networking.gke.io/managed-certificates",
    "nginx.ingress.kubernetes.io/ssl-passthrough",
    "traefik.ingress.kubernetes.io/router.tls",
    "haproxy.org/ssl-passthrough",
)
_ISSUER = "cert-manager.io/cluster-issuer"


def judge(index: Index) -> Iterable[Finding]:
    for item in index.snapshot.all(Ingress):
        bare = list(_bare(item))
        if any(key in item.metadata.annotations for key in _ENDED_BEFORE) or (item.spec.tls and not bare):
            yield RULE.passes(item.ref)
        elif index.snapshot.depth(item.ref) < Depth.DESCRIBED:
            yield RULE.cannot_see(item.ref, "its tls entries")
        else:
            what = ", ".join(bare) or "every host"
            repair = "Add a tls entry with the hosts and the Secret of their certificate."
            yield RULE.fails(item.ref, f"no TLS for {what}", "spec.tls", repair)


def _bare(item: Ingress) -> Iterator[str]:
    """An entry without hosts is for all of them."""
    covered = {host for entry in item.spec.tls for host in entry.hosts or ("*",)}
    for host in dict.fromkeys(rule.host for rule in item.spec.rules):
        if host and not covered & {host, "*", f"*.{host.partition('.')[2]}"}:
            yield host


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """Where cert-manager has one issuer for the whole cluster it makes the certificate. Controllers send plain requests over to HTTPS from then on."""
    ref = finding.object
    item = index.snapshot.get(Ingress, ref.namespace, ref.name)
    issuers = list(_issuers(index))
    hosts = list(_bare(item)) if item else []
    # cert-manager would make a new certificate for each entry, those that somebody filled otherwise included.
    filled = item is None or (item.spec.tls and _ISSUER not in item.metadata.annotations)
    if item is None or filled or len(issuers) != 1 or not hosts or any("*" in host for host in hosts):
        return Advice(
            f"Which Secret of namespace {ref.namespace} holds the certificate for {', '.join(hosts) or 'it'} ({ref})?",
            f"kubectl get secrets -n {quote(ref.namespace)} --field-selector type=kubernetes.io/tls",
        )
    secret = free_name(index, "Secret", ref.namespace, f"{ref.name}-tls")
    kept: list[Mapping[str, Any]] = [
        {
            **({"hosts": list(each.hosts)} if each.hosts else {}),
            **({"secretName": each.secret_name} if each.secret_name else {}),
        }
        for each in item.spec.tls
    ]
    patch = {
        "metadata": {"annotations": {_ISSUER: issuers[0]}},
        "spec": {"tls": [*kept, {"hosts": hosts, "secretName": secret}]},
    }
    why = (
        f"{finding.detail}; ClusterIssuer {issuers[0]} makes the certificate, and plain requests are sent over to HTTPS"
    )
    return (Change(ref, patch, (), Risk.HIGH, why),)


def _issuers(index: Index) -> Iterator[str]:
    """Those that others trust: not self-signed ones."""
    for item in index.snapshot.of_kind("ClusterIssuer"):
        spec = item.spec if isinstance(item, Unstructured) and isinstance(item.spec, Mapping) else {}
        if "selfSigned" not in spec:
            yield item.name


HARDENING = RULE.leaf("Ingress without TLS", judge, propose)
