"""What Ingresses of a cluster name and nobody has made: their class, and the Secret of their certificate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.model.objects import Ingress
from seakeep.model.refs import Ref

# An issuer may still be at it.
_ISSUED_WITHIN = timedelta(minutes=15)


class Unheld(Struct, frozen=True):
    ingress: Ingress
    path: str
    named: Ref
    effect: str
    others: tuple[str, ...]


def unheld(index: Index) -> Iterator[Unheld]:
    if index.snapshot.intent_only:
        return
    classes = tuple(item.name for item in index.snapshot.of_kind("IngressClass"))
    for ingress in index.snapshot.all(Ingress):
        named = ingress.spec.ingress_class_name
        # Without any class in sight the controllers may be told by name alone.
        if named and classes and index.snapshot.is_absent(Ref("IngressClass", "", named)):
            effect = "no controller takes it on"
            yield Unheld(ingress, "spec.ingressClassName", Ref("IngressClass", "", named), effect, classes)
        made = ingress.metadata.creation_timestamp
        if made is not None and index.now - made < _ISSUED_WITHIN:
            continue
        for name in sorted({tls.secret_name for tls in ingress.spec.tls if tls.secret_name}):
            secret = Ref("Secret", ingress.namespace, name)
            if index.snapshot.is_absent(secret):
                effect = "its controller answers with a certificate of its own, which no client trusts"
                yield Unheld(ingress, "spec.tls[].secretName", secret, effect, ())
