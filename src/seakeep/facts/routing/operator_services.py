"""Services that operators make, by the custom resource that they are named after."""

from __future__ import annotations

from seakeep.facts.index import Index
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

# Strimzi and CloudNativePG: kind of the resource → what its Services are called (their documentation).
_NAMED = (
    ("Kafka", "kafka.strimzi.io", late(r"(?P<name>.+)(?P<end>-kafka-(?:bootstrap|brokers))")),
    ("Cluster", "postgresql.cnpg.io", late(r"(?P<name>.+)(?P<end>-(?:rw|ro|r))")),
)


def meant_by_operator(index: Index, service: Ref) -> tuple[Ref, Ref] | None:
    """Where the name can only be an operator's and no resource is called so: the Service of the only resource of the namespace, and that resource."""
    for kind, group, form in _NAMED:
        match = form.fullmatch(service.name)
        made = [
            item
            for item in index.snapshot.of_kind(kind)
            if item.namespace == service.namespace and item.api_version.startswith(group)
        ]
        if match and len(made) == 1 and made[0].name != match["name"]:
            return Ref("Service", service.namespace, made[0].name + match["end"]), made[0].ref
    return None
