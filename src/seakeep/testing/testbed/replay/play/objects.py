"""Objects that are applied, restarted and evicted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from seakeep.engine.applied import applied
from seakeep.facts.workloads.drift import applied as applied_last
from seakeep.model.objects import CLUSTER_SCOPED
from seakeep.model.refs import Ref
from seakeep.model.scenario import Step
from seakeep.testing.testbed.api import ApiError, Object
from seakeep.testing.testbed.build import TestbedError
from seakeep.testing.testbed.replay.play.desk import RESTARTABLE, Desk, decoded, kind_of

_STRICT = "?fieldValidation=Strict"  # as kubectl asks for
_RESTARTED = "kubectl.kubernetes.io/restartedAt"


def apply(desk: Desk, raw: Mapping[str, Any]) -> None:
    item = decoded(raw)
    namespace = "" if item.kind in CLUSTER_SCOPED else item.namespace or "default"
    said = {key: value for key, value in raw.items() if key != "status"}
    ref, version = Ref(item.kind, namespace, item.name), str(raw["apiVersion"])
    if _is_served(desk, version, str(raw["kind"])):
        desk.ask(ref, _create_or_merge, desk, version, ref, said)
    else:
        desk.refuse("refused", ref, f'no matches for kind "{raw["kind"]}" in version "{version}"')


def _is_served(desk: Desk, version: str, kind: str) -> bool:
    try:
        desk.api.path(version, kind)
    except ApiError as error:
        if error.status != 404:
            raise
        return False
    except TestbedError:
        return False
    return True


def _create_or_merge(desk: Desk, version: str, ref: Ref, said: Object) -> None:
    try:
        old = desk.api.get(version, ref.kind, ref.name, ref.namespace)
    except ApiError as error:
        if error.status != 404:
            raise
        desk.api.request("POST", desk.api.path(version, ref.kind, ref.namespace) + _STRICT, said)
        return
    merged = applied(old, said, applied_last(decoded(old)))
    desk.api.request("PUT", desk.api.path(version, ref.kind, ref.namespace, ref.name) + _STRICT, merged)


def restart(desk: Desk, ref: Ref) -> None:
    stamp = {"metadata": {"annotations": {_RESTARTED: dt.datetime.now(dt.UTC).isoformat()}}}
    desk.merge(ref, {"spec": {"template": stamp}})


def workloads(desk: Desk, step: Step) -> list[Ref]:
    """What runs in the namespaces that the step names by their objects, and can be restarted."""
    places = {decoded(raw).namespace or "default" for raw in step.options.get("namespacesOf", ())}
    return [
        Ref(kind, item["metadata"]["namespace"], item["metadata"]["name"])
        for kind in RESTARTABLE
        for item in desk.api.find("apps/v1", kind)
        if item["metadata"]["namespace"] in places and item["spec"].get("replicas") != 0
    ]


def evict(desk: Desk, text: str) -> None:
    """`namespace/name`, with or without `Pod/` before it."""
    namespace, _, name = text.rpartition("/")
    namespace = namespace.removeprefix("Pod/")
    status, message = desk.plane.evict(namespace, name)
    if status >= 400:
        desk.refuse(kind_of(status), Ref("Pod", namespace, name), message)
