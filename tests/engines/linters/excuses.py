"""Where we differ on purpose: what has to hold of an object so that a check may go on failing. Each is asked of the object as the plan leaves it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from seakeep.facts.containers.image_parts import parts_of
from seakeep.facts.containers.image_users import writes_nothing
from tests.engines.linters.mended import Mended, containers_of, labels_of, spec_of
from tests.engines.linters.programs import Failure, Object

_HOST = "kubernetes.io/hostname"
# Name lookups, the network itself, the mesh.
_EVERYBODYS = frozenset({"calico-system", "istio-system", "kube-system"})
_AGENTS = re.compile(r"calico|cilium|kube-proxy|metallb|node-exporter|promtail|velero")


class Left(Struct, frozen=True):
    """A check that fails after the plan, and the object that it fails on."""

    failure: Failure
    item: Object
    mended: Mended


def always(_: Left) -> bool:
    return True


def is_one(left: Left) -> bool:
    """A Deployment that leaves replicas out has one, unless an autoscaler is to have more."""
    return "replicas" not in left.item["spec"] and not _scalers(left)


def is_spread(left: Left) -> bool:
    """A constraint over nodes that selects its own pods; or there is one of them."""
    labels = labels_of(left.item)
    chosen = [
        (item.get("labelSelector") or {}).get("matchLabels")
        for item in spec_of(left.item).get("topologySpreadConstraints") or ()
        if item["topologyKey"] == _HOST
    ]
    return is_one(left) or any(item and item.items() <= labels.items() for item in chosen)


def has_fixed_images(left: Left) -> bool:
    """No name that moves, or pulled always as the API server has it."""
    return not any(
        parts_of(item["image"]).moves and item.get("imagePullPolicy", "Always") != "Always"
        for item in containers_of(left.item)
    )


def has_tags(left: Left) -> bool:
    return not any(parts_of(item["image"]).moves for item in containers_of(left.item))


def asks_where_it_lasts(left: Left) -> bool:
    """Only init containers ask for nothing: they are gone when the others start, within the room that those have asked for."""
    return all(
        {"cpu", "memory"} <= _resources(item, "requests") | _resources(item, "limits") for item in _lasting(left)
    )


def is_bounded_where_it_lasts(left: Left) -> bool:
    return all("memory" in _resources(item, "limits") for item in _lasting(left))


def is_sized_where_it_lasts(left: Left) -> bool:
    return asks_where_it_lasts(left) and is_bounded_where_it_lasts(left)


def _lasting(left: Left) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = spec_of(left.item)["containers"]
    return found


def _resources(item: dict[str, Any], kind: str) -> set[str]:
    return set((item.get("resources") or {}).get(kind) or ())


def is_open_outwards(left: Left) -> bool:
    """The way in is closed; or its namespace serves every pod of the cluster, or is not named."""
    serves = left.item["metadata"].get("namespace", "") in {"", *_EVERYBODYS}
    return serves or ("egress" in left.failure.text and "ingress" not in left.failure.text)


def may_be_for_an_operator(left: Left) -> bool:
    """A custom resource of its namespace, of which an operator may make the pods."""
    space = left.item["metadata"].get("namespace")
    return any(
        "." in item["apiVersion"].partition("/")[0].removesuffix(".k8s.io")
        and item["metadata"].get("namespace") == space
        for item in left.mended.after.values()
    )


def serves_everybody(left: Left) -> bool:
    return left.item["metadata"].get("namespace", "") in {"", *_EVERYBODYS} or bool(
        spec_of(left.item).get("hostNetwork")
    )


def lacks_liveness(left: Left) -> bool:
    """Or readiness, where no Service steers traffic by it."""
    return "livenessProbe" in left.failure.text or is_selected_by_none(left)


def has_patient_liveness(left: Left) -> bool:
    """Where liveness asks what readiness asks, readiness has long taken the pod out of its Services."""
    return all(
        _persistence(item["livenessProbe"]) >= 2 * _persistence(item["readinessProbe"])
        for item in containers_of(left.item)
        if item.keys() >= {"livenessProbe", "readinessProbe"}
        and _action(item, "liveness") == _action(item, "readiness")
    )


def _persistence(probe: dict[str, Any]) -> int:
    return int(probe.get("periodSeconds", 10) * probe.get("failureThreshold", 3))


def _action(item: dict[str, Any], kind: str) -> Any:
    probe = item[f"{kind}Probe"]
    return {key: probe[key] for key in ("httpGet", "tcpSocket", "exec", "grpc") if key in probe}


def is_not_root(left: Left) -> bool:
    """Or an agent of the node."""
    if is_node_agent(left):
        return True
    pod = spec_of(left.item).get("securityContext") or {}
    return all(_is_not_root({**pod, **(item.get("securityContext") or {})}) for item in containers_of(left.item))


def _is_not_root(context: dict[str, Any]) -> bool:
    return bool(context.get("runAsNonRoot") or context.get("runAsUser"))


def may_write(left: Left) -> bool:
    """Images of which it is known that they need no writable root are made read-only."""
    bare = [item for item in containers_of(left.item) if not (item.get("securityContext") or {}).get("readOnlyRootFilesystem")]  # fmt: skip
    return not any(writes_nothing(item["image"]) for item in bare)


def is_node_agent(left: Left) -> bool:
    """A DaemonSet whose work is the node itself."""
    images = [parts_of(item["image"]).repository for item in containers_of(left.item)]
    return left.item["kind"] == "DaemonSet" and any(_AGENTS.search(each) for each in images)


def is_selected_by_none(left: Left) -> bool:
    """Readiness steers traffic: where no Service sends any, or one sends it to all that run, it has nothing to say."""
    return all(item["spec"].get("publishNotReadyAddresses") for item in _services(left))


def is_named_all_the_same(left: Left) -> bool:
    """Or asks for no names."""
    return not left.item["spec"].get("serviceName") or any(
        item["metadata"]["name"] == left.item["spec"].get("serviceName") for item in _services(left)
    )


def _services(left: Left) -> Iterator[Object]:
    if left.item["kind"] in {"Job", "CronJob"}:
        return
    space, labels = left.item["metadata"].get("namespace"), labels_of(left.item)
    for item in left.mended.after.values():
        if item["kind"] == "Service" and item["metadata"].get("namespace") == space:
            selector = item["spec"].get("selector")
            if selector and selector.items() <= labels.items():
                yield item


def _scalers(left: Left) -> list[Object]:
    space, name = left.item["metadata"].get("namespace"), left.item["metadata"]["name"]
    return [
        item
        for item in left.mended.after.values()
        if item["kind"] == "HorizontalPodAutoscaler"
        and item["metadata"].get("namespace") == space
        and item["spec"]["scaleTargetRef"]["name"] == name
    ]


def gives_way(left: Left) -> bool:
    """The old pod has to let go of a volume first; or its author wants one at a time."""
    claims = any("persistentVolumeClaim" in item for item in spec_of(left.item).get("volumes") or ())
    return claims or any(item.get("spec", {}).get("strategy") == left.item["spec"]["strategy"] for item in _was(left))


def _was(left: Left) -> list[Object]:
    return [item for item in left.mended.before if item["kind"] == left.item["kind"] and item["metadata"]["name"] == left.item["metadata"]["name"]]  # fmt: skip


def has_own_account(left: Left) -> bool:
    """An account made for it, which may have its rights elsewhere."""
    return bool(spec_of(left.item).get("serviceAccountName", "default") != "default")


def is_bounded_role(left: Left) -> bool:
    """Not every verb on every resource of every group."""
    return not any(
        "*" in item["verbs"] and "*" in item.get("resources", ()) and "*" in item.get("apiGroups", ())
        for item in left.item.get("rules") or ()
    )
