"""What an object was when it was last applied, where that was recorded: somebody may have changed it by hand since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from seakeep.facts.index import Index
from seakeep.facts.owners.ownership import replica_sets_of
from seakeep.model.objects import Deployment, KubeObject, PodTemplate
from seakeep.model.refs import Ref

# kubectl apply keeps the manifest that it sent in this annotation; `kubectl patch`, `edit` and `set` leave the annotation as it is.
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_LONGEST = 400_000


def applied(item: KubeObject) -> Mapping[str, Any]:
    """The manifest that `kubectl apply` recorded; {} where there is none or it cannot be read."""
    text = item.metadata.annotations.get(_LAST_APPLIED, "")
    if not text or len(text) > _LONGEST:
        return {}
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def applied_at(item: KubeObject, *path: str) -> Any:
    """The value at a path of the recorded manifest, or None."""
    value: Any = applied(item)
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def applied_service_ports(item: KubeObject) -> tuple[Mapping[str, Any], ...]:
    """The recorded ports of a Service."""
    ports = applied_at(item, "spec", "ports")
    return tuple(port for port in ports if isinstance(port, dict)) if isinstance(ports, list) else ()


def applied_environment(item: KubeObject) -> Mapping[str, str]:
    """`container/VARIABLE` → the recorded literal value, over all containers of a workload's template or of a pod."""
    spec = applied_at(item, "spec", "template", "spec") or applied_at(item, "spec") or {}
    found: dict[str, str] = {}
    for group in ("initContainers", "containers"):
        for container in spec.get(group) or () if isinstance(spec, Mapping) else ():
            if not isinstance(container, Mapping):
                continue
            for variable in container.get("env") or ():
                if isinstance(variable, Mapping) and isinstance(variable.get("value"), str):
                    found[f"{container.get('name')}/{variable.get('name')}"] = variable["value"]
    return found


def previous_template(index: Index, workload: Ref) -> PodTemplate | None:
    """The pod template of a Deployment's revision before the current one, where its ReplicaSet is still kept."""
    if workload.kind != "Deployment":
        return None
    current = index.snapshot.find(workload)
    revisions = [item for item in replica_sets_of(index, workload) if item.spec.template.spec.containers]
    if not isinstance(current, Deployment) or len(revisions) < 2:
        return None
    # A rolled-back Deployment's newest revision is an old ReplicaSet with a new number: the one before is still what ran before.
    return revisions[-2].spec.template


def environment_before(index: Index, workload: Ref) -> Mapping[str, str]:
    """`container/VARIABLE` → its literal value before the last change: in the revision before, else as last applied."""
    template = previous_template(index, workload)
    item = index.snapshot.find(workload)
    found = dict(applied_environment(item)) if item else {}
    if template is not None:
        for container in (*template.spec.init_containers, *template.spec.containers):
            for variable in container.env:
                if variable.value_from is None:
                    found[f"{container.name}/{variable.name}"] = variable.value
    return found
