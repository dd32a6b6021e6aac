"""When two answers, or two stored objects, count as the same."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
from msgspec.structs import replace

from seakeep.model.objects import Job, KubeObject, Pod, PodDisruptionBudget, Service, Workload

_TOKEN = "kube-api-access-"
_PART = re.compile(r", (?=minimum |maximum |\S+ max limit |spec[.:]|data\[|binaryData\[)")
_REVISION = "deployment.kubernetes.io/revision"


def plain(message: str) -> str:
    """Go's maps have no order: the parts of a list are compared as a set. The diff that follows some refusals is left out."""
    message = message.partition("\n")[0]
    head, bracket, rest = message.partition("[")
    if bracket and rest.endswith("]"):
        return head + " | ".join(sorted(_PART.split(rest[:-1])))
    return message


_WORDS = (
    *("exceeded quota", "failed quota", "violates PodSecurity", "minimum", "maximum", "max limit to request ratio"),
    *("service account", "no PriorityClass", "must not be provided in pod spec", "Only bound", "pod updates may not"),
    *(
        "RuntimeClass",
        "must be less than or equal to",
        "must be equal to",
        "Limit must be set",
        "existing toleration",
        "aggregate",
    ),
)


def word(message: str) -> str:
    return next((word for word in _WORDS if word in message), message[:60])


def merged(base: Any, patch: Any) -> Any:
    """A JSON merge patch."""
    if not isinstance(patch, dict) or not isinstance(base, dict):
        return patch
    found = dict(base)
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), value)
    return found


def bare(item: KubeObject) -> Any:
    """Without times, uids, what the server makes up itself, and statuses that controllers write meanwhile."""
    metadata = replace(
        item.metadata, uid="", resource_version="", creation_timestamp=None, managed_fields=(), deletion_timestamp=None
    )
    annotations = {key: value for key, value in metadata.annotations.items() if key != _REVISION}
    metadata = replace(metadata, annotations=annotations)
    item = replace(item, metadata=metadata)
    if isinstance(item, Service):
        ports = tuple(replace(port, node_port=0) for port in item.spec.ports)
        item = replace(item, spec=replace(item.spec, cluster_ip="", ports=ports))
    if isinstance(item, Workload | Job | PodDisruptionBudget):
        item = replace(item, status=type(item.status)())
    if isinstance(item, Pod):
        conditions = tuple(replace(each, last_transition_time=None) for each in item.status.conditions)
        item = replace(item, status=replace(item.status, conditions=conditions))
    text = msgspec.json.encode(item).decode()
    return json.loads(re.sub(rf"{_TOKEN}\w+", _TOKEN, text))


def apart(path: str, real: Any, twin: Any) -> list[str]:
    if isinstance(real, dict) and isinstance(twin, dict):
        keys = sorted({*real, *twin})
        return [line for key in keys for line in apart(f"{path}.{key}", real.get(key), twin.get(key))]
    if isinstance(real, list) and isinstance(twin, list) and len(real) == len(twin):
        return [
            line
            for number, (a, b) in enumerate(zip(real, twin, strict=True))
            for line in apart(f"{path}[{number}]", a, b)
        ]
    return [] if real == twin else [f"  {path}: real {json.dumps(real)}, twin {json.dumps(twin)}"]
