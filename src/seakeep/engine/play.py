"""One step of a scenario, done to a twin as a person would do it with kubectl."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from seakeep.engine.applied import applied, merge
from seakeep.facts.workloads.drift import applied as applied_last
from seakeep.facts.workloads.podstate import condition
from seakeep.model.objects import (
    CLUSTER_SCOPED,
    DaemonSet,
    Deployment,
    KubeObject,
    Node,
    Pod,
    ReplicaSet,
    ReplicationController,
    StatefulSet,
    Workload,
)
from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Refusal
from seakeep.model.scenario import Step
from seakeep.twin.admission.namespaces import check_deletion
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.controllers.zones import zone_of
from seakeep.twin.disruption.drain import Drain, cordon, drain, uncordon
from seakeep.twin.disruption.drain_filters import DrainOptions
from seakeep.twin.disruption.eviction import budget_of, evict
from seakeep.twin.disruption.outage import lose_node, return_node, taint_node
from seakeep.twin.disruption.upgrade import upgrade
from seakeep.twin.observed import Observed
from seakeep.twin.state import State

Decode = Callable[[Mapping[str, Any]], KubeObject]


class Reads(Protocol):
    """Why a manifest is none that the API server takes; "" where it is one. `new` is what it makes of `old`."""

    def __call__(self, raw: Mapping[str, Any], new: KubeObject, old: KubeObject | None) -> str: ...


# Seconds until a drained node's machine is replaced.
REBOOT = 120.0
_RESTARTED = "kubectl.kubernetes.io/restartedAt"
_RESTARTED_KINDS = frozenset({"DaemonSet", "Deployment", "StatefulSet"})
# Verbs that change workloads.
CHANGES = frozenset({"apply", "patch", "scale", "restart"})


class Player:
    """`decode` makes an object of its API form. Refusals are collected; nothing is raised but for a step that means nothing."""

    def __init__(self, twin: Observed, decode: Decode, reads: Reads | None = None) -> None:
        self.twin, self.decode, self._reads = twin, decode, reads
        self.refusals: list[Refusal] = []

    def play(self, step: Step) -> None:
        match step.verb:
            case "drain":
                for name in step.targets:
                    self._asked(Ref("Node", "", name), partial(self._drain, name, step))
            case "lose" | "return" | "cordon" | "uncordon":
                act = {"lose": lose_node, "return": return_node, "cordon": cordon, "uncordon": uncordon}[step.verb]
                for name in self._nodes(step):
                    self._asked(Ref("Node", "", name), partial(act, self.twin, name))
            case "taint":
                for name in step.targets:
                    taint = (str(step.options.get(key, "")) for key in ("key", "value", "effect"))
                    self._asked(Ref("Node", "", name), partial(taint_node, self.twin, name, *taint))
            case "upgrade":
                self._asked(Ref("Node", "", ""), lambda: self._upgrade(step))
            case "apply":
                for raw in step.objects:
                    self._apply(raw)
            case "delete":
                for ref in map(ref_of, step.targets):
                    self._asked(ref, partial(self._delete, ref))
            case "scale":
                for ref in map(ref_of, step.targets):
                    self._asked(ref, partial(self._scale, ref, int(step.options["replicas"])))
            case "restart":
                for ref in (*map(ref_of, step.targets), *self._workloads(step.options.get("namespacesOf", ()))):
                    self._asked(ref, partial(self._restart, ref))
            case "evict":
                for text in step.targets:
                    namespace, _, name = text.rpartition("/")
                    self._evict(Ref("Pod", namespace.removeprefix("Pod/"), name))
            case "patch":
                ref = ref_of(step.targets[0])
                self._asked(ref, lambda: self._patch(ref, step.options["patch"]))

    def _asked(self, ref: Ref, act: Callable[[], object]) -> bool:
        try:
            act()
        except RejectedError as error:
            self._refused(ref, error)
            return False
        return True

    def _refused(self, ref: Ref, error: RejectedError, by: Ref | None = None) -> None:
        text = "; ".join((error.message, *error.causes))
        self.refusals.append(Refusal("blocked" if error.code == 429 else "refused", ref, text, by))

    def _nodes(self, step: Step) -> list[str]:
        """The nodes named, or those of the zones named."""
        zones = step.options.get("zones", ())
        if not zones:
            return list(step.targets)
        found = [node.name for node in self.twin.state.all(Node) if zone_of(node)[1] in zones]
        if not found:
            self.refusals.append(Refusal("refused", Ref("Node", "", ""), f"no node is in zone {', '.join(zones)}"))
        return found

    def _drain(self, name: str, step: Step) -> None:
        self._drained(drain(self.twin, name, drain_options(step)))

    def _drained(self, result: Drain) -> None:
        """What is left on the node, and why."""
        left = [pod for pod in result.pods if pod.outcome in {"refused", "failed", "waiting"}]
        for pod in left:
            self.refusals.append(Refusal("blocked", pod.ref, pod.reason or "asked to end, and still there", pod.budget))
        if not result.drained and not left:
            self.refusals.append(Refusal("blocked", Ref("Node", "", result.node), result.error or "it was not drained"))

    def _upgrade(self, step: Step) -> None:
        """Stops at the first node that cannot be drained."""
        names = step.targets or tuple(node.name for node in self.twin.state.all(Node))
        reboot = float(step.options.get("reboot", REBOOT))
        result = upgrade(self.twin, names, drain_options(step), replaced_after=reboot)
        if len(result.done) < len(names):
            self._drained(result.drains[-1])
            stopped, more = names[len(result.done)], len(names) - len(result.done) - 1
            self.refusals.append(Refusal("blocked", Ref("Node", "", stopped), upgrade_stops(more)))

    def _workloads(self, objects: Sequence[Mapping[str, Any]]) -> list[Ref]:
        """What runs in the namespaces of these objects and can be restarted."""
        places = {self.decode(raw).namespace or "default" for raw in objects}
        kinds: tuple[type[Workload], ...] = (DaemonSet, Deployment, StatefulSet)
        return [
            item.ref
            for kind in kinds
            for item in self.twin.state.all(kind)
            if item.namespace in places and item.spec.replicas != 0
        ]

    # Objects

    def _apply(self, raw: Mapping[str, Any]) -> None:
        """Creates it, or changes what is there as `kubectl apply` would."""
        item = self.decode(raw)
        if not item.namespace and item.kind not in CLUSTER_SCOPED:
            item = replace(item, metadata=replace(item.metadata, namespace="default"))
        old = self.twin.state.find(item.ref)
        if old is not None:
            item = self.decode(applied(msgspec.to_builtins(old), raw, applied_last(old)))
            item = replace(item, metadata=kept(item, old))
        fault = self._reads(raw, item, old) if self._reads is not None else ""
        if fault:
            self.refusals.append(Refusal("refused", item.ref, fault))
        elif old is None:
            self._asked(item.ref, lambda: self.twin.create(item, "applied"))
        else:
            self._asked(item.ref, lambda: self.twin.update(item, "applied"))

    def _patch(self, ref: Ref, patch: Mapping[str, Any]) -> None:
        old = self._find(ref)
        merged = self.decode(merge(msgspec.to_builtins(old), patch))
        self.twin.update(replace(merged, metadata=kept(merged, old)), "patched")

    def _delete(self, ref: Ref) -> None:
        check_deletion(ref)
        self.twin.delete(self._find(ref).ref)

    def _scale(self, ref: Ref, replicas: int) -> None:
        item = self._find(ref)
        if not isinstance(item, Deployment | ReplicaSet | StatefulSet | ReplicationController):
            raise RejectedError(404, "the server could not find the requested resource")
        self.twin.update(replace(item, spec=replace(item.spec, replicas=replicas)), f"scaled to {replicas}")

    def _restart(self, ref: Ref) -> None:
        item = self._find(ref)
        if not isinstance(item, Workload):
            raise RejectedError(400, f"no {ref.kind} can be restarted")
        template = item.spec.template
        annotations = {**template.metadata.annotations, _RESTARTED: self.twin.now.isoformat()}
        template = replace(template, metadata=replace(template.metadata, annotations=annotations))
        self.twin.update(replace(item, spec=replace(item.spec, template=template)), "restarted")

    def _evict(self, ref: Ref) -> None:
        try:
            evict(self.twin, ref)
        except RejectedError as error:
            pod = self.twin.state.get(Pod, ref.namespace, ref.name)
            self._refused(ref, error, _budget(self.twin, pod) if pod is not None and error.code == 429 else None)

    def _find(self, ref: Ref) -> KubeObject:
        item = self.twin.state.find(ref)
        if item is None:
            raise RejectedError(404, f'{ref.kind.lower()}s "{ref.name}" not found')
        return item


def waiting(twin: Observed) -> dict[Ref, Refusal]:
    """What controllers and the scheduler cannot do as things stand: by the object that waits."""
    found = {ref: Refusal("not-created", ref, message) for ref, message in twin.refused.items()}
    return found | dict(unplaced(twin.state))


def unplaced(state: State) -> Iterator[tuple[Ref, Refusal]]:
    """Pods that the scheduler found no node for."""
    for pod in state.pods_on(""):
        if condition(pod, "PodScheduled") == "False":
            told = next(item for item in pod.status.conditions if item.type == "PodScheduled")
            if told.reason == "Unschedulable":
                yield pod.ref, Refusal("unschedulable", pod.ref, told.message)


def upgrade_stops(more: int) -> str:
    """At a node that cannot be drained, with so many to come."""
    return f"the upgrade stops here; {more} more would follow" if more else "the upgrade stops here"


def drain_options(step: Step) -> DrainOptions:
    """As kubectl is mostly called; each can be turned off."""
    given = step.options
    return DrainOptions(
        force=bool(given.get("force", True)),
        ignore_daemonsets=bool(given.get("ignoreDaemonSets", True)),
        delete_emptydir_data=bool(given.get("deleteEmptyDirData", True)),
        grace_period=int(given.get("gracePeriod", -1)),
        disable_eviction=bool(given.get("disableEviction", False)),
        patience=step.bound,
    )


def changed_by(step: Step, decode: Decode) -> Callable[[Ref], bool]:
    """Which workloads a step changes itself: what they wait for afterwards is its own outcome, also where they waited before."""
    refs = {ref_of(text) for text in step.targets} if step.verb in CHANGES else set()
    for item in map(decode, step.objects):
        refs.add(Ref(item.kind, item.namespace or ("" if item.kind in CLUSTER_SCOPED else "default"), item.name))
    places = {decode(raw).namespace or "default" for raw in step.options.get("namespacesOf", ())}
    return lambda ref: ref in refs or (ref.namespace in places and ref.kind in _RESTARTED_KINDS)


def ref_of(text: str) -> Ref:
    """`Kind/namespace/name`, or `Kind/name` for what has no namespace."""
    kind, _, rest = text.partition("/")
    namespace, slash, name = rest.partition("/")
    return Ref(kind, namespace, name) if slash else Ref(kind, "" if kind in CLUSTER_SCOPED else "default", rest)


def kept(merged: KubeObject, old: KubeObject) -> Any:
    """What only the server writes stays."""
    own = old.metadata
    return replace(
        merged.metadata,
        uid=own.uid,
        resource_version=own.resource_version,
        creation_timestamp=own.creation_timestamp,
        generation=own.generation,
    )


def _budget(twin: Observed, pod: Pod) -> Ref | None:
    found = budget_of(twin.state, pod)
    return found.ref if found is not None else None
