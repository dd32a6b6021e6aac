"""Secrets that an Ingress takes its certificate from, and those that cert-manager's Certificates of manifests make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.model.objects import Ingress, Secret, Unstructured


class Unmade(Struct, frozen=True):
    """`named` is nobody's, while the Certificate for the very host makes `made`, which no Ingress uses."""

    ingress: Ingress
    named: str
    host: str
    certificate: Unstructured
    made: str


def unmade_secrets(index: Index) -> Iterator[Unmade]:
    """Of manifests. An Ingress that cert-manager is told of by an annotation has its Secret made."""
    if not index.snapshot.intent_only:
        return
    certificates = [item for item in index.snapshot.of_kind("Certificate") if isinstance(item, Unstructured)]
    made = {(item.namespace, _secret(item)): item for item in certificates if _secret(item)}
    used = {(item.namespace, tls.secret_name) for item in index.snapshot.all(Ingress) for tls in item.spec.tls}
    for ingress in index.snapshot.all(Ingress):
        told = any(key.startswith("cert-manager.io/") for key in ingress.metadata.annotations)
        for tls in ingress.spec.tls if not told else ():
            key = ingress.namespace, tls.secret_name
            if not tls.secret_name or key in made or index.snapshot.get(Secret, *key) is not None:
                continue
            for (namespace, secret), certificate in sorted(made.items()):
                hosts = sorted(set(tls.hosts) & _hosts(certificate))
                if namespace == ingress.namespace and hosts and (namespace, secret) not in used:
                    yield Unmade(ingress, tls.secret_name, hosts[0], certificate, secret)
                    break


def _secret(item: Unstructured) -> str:
    return str(item.spec.get("secretName") or "") if isinstance(item.spec, Mapping) else ""


def _hosts(item: Unstructured) -> set[str]:
    names = item.spec.get("dnsNames") if isinstance(item.spec, Mapping) else None
    return {str(name) for name in names} if isinstance(names, list | tuple) else set()
