"""A scenario's steps on the restored control plane, as a person would take them with kubectl."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from seakeep.adapters.decode import from_mapping
from seakeep.app.real_engine import Seen
from seakeep.engine.play import REBOOT, drain_options, merge, ref_of
from seakeep.model.comparison import LeftOut
from seakeep.model.objects import CLUSTER_SCOPED, Node
from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Refusal
from seakeep.model.scenario import Step
from seakeep.testing.testbed import build, nodes
from seakeep.testing.testbed.api import ApiError, Object
from seakeep.testing.testbed.replay.manifest import VERSIONS
from seakeep.testing.testbed.replay.plane import Plane
from seakeep.twin.controllers.zones import zone_of

_NODE = Ref("Node", "", "")
# Nothing has changed for so long: all that KWOK does takes less than a second, and kubectl asks again after five.
_QUIET = 6.0
_STILL = 16.0
_MORE = 120.0
# Steps whose effect comes with time alone.
_TIMED = frozenset({"lose", "return", "taint", "wait"})
_BLOCKED = re.compile(r'error when evicting pods/"(?P<name>[^"]+)" -n "(?P<namespace>[^"]+)"(?P<rest>.*)')
_UNABLE = re.compile(r"due to error: (?P<why>.*?)(, continuing command\.\.\.)?$", re.MULTILINE)
_RESTARTED = "kubectl.kubernetes.io/restartedAt"
_RESTARTABLE = ("DaemonSet", "Deployment", "StatefulSet")


class Run:
    """One restored control plane."""

    def __init__(self, plane: Plane, left_out: tuple[LeftOut, ...]) -> None:
        self.plane, self.api, self.left_out = plane, plane.api, left_out
        self.name = f"Kubernetes {build.KUBERNETES} with KWOK {build.KWOK}"
        self._refusals: list[Refusal] = []
        self._lost: set[str] = set()

    def look(self) -> Seen:
        return self._seen(time.monotonic(), _QUIET, 0.0, _MORE)

    def play(self, step: Step, seconds: float) -> Seen:
        started = time.monotonic()
        self._refusals = []
        self._do(step)
        # Pods leave a lost node only after a while, whatever is done meanwhile.
        least = seconds if step.verb in _TIMED or self._lost else 0.0
        return self._seen(started, _QUIET, least - (time.monotonic() - started), least + _MORE)

    def _seen(self, started: float, quiet: float, least: float, most: float) -> Seen:
        settled = self.plane.settle(quiet + self._longest_wait(), least, most)
        return Seen(self.plane.watched(), tuple(self._refusals), settled, time.monotonic() - started)

    def _longest_wait(self) -> float:
        """`minReadySeconds`: a rollout rests for as long without being over."""
        sets = [item for kind in _RESTARTABLE for item in self.api.find("apps/v1", kind)]
        return float(max((item["spec"].get("minReadySeconds", 0) for item in sets), default=0))

    def _do(self, step: Step) -> None:
        match step.verb:
            case "drain":
                for name in step.targets:
                    self._drain(name, step)
            case "upgrade":
                self._upgrade(step)
            case "lose" | "return" | "cordon" | "uncordon":
                act = {"lose": self._lose, "return": self._return, "cordon": self._cordon, "uncordon": self._uncordon}[step.verb]  # fmt: skip
                for name in self._nodes(step):
                    self._asked(Ref("Node", "", name), lambda name=name: act(name))  # type: ignore[misc]
            case "taint":
                for name in step.targets:
                    self._asked(Ref("Node", "", name), lambda name=name: self._taint(name, step.options))  # type: ignore[misc]
            case "apply":
                for raw in step.objects:
                    self._apply(raw)
            case "delete":
                for ref in map(ref_of, step.targets):
                    self._asked(ref, lambda ref=ref: self.api.delete(*_address(ref)))  # type: ignore[misc]
            case "scale":
                body = {"spec": {"replicas": int(step.options.get("replicas", 0))}}
                for ref in map(ref_of, step.targets):
                    self._asked(ref, lambda ref=ref: self.api.merge(*_address(ref), body, "scale"))  # type: ignore[misc]
            case "restart":
                for ref in (*map(ref_of, step.targets), *self._workloads(step)):
                    self._asked(ref, lambda ref=ref: self._restart(ref))  # type: ignore[misc]
            case "evict":
                for text in step.targets:
                    namespace, _, name = text.rpartition("/")
                    self._evict(namespace.removeprefix("Pod/"), name)
            case "patch":
                ref = ref_of(step.targets[0])
                self._asked(ref, lambda: self.api.merge(*_address(ref), step.options["patch"]))

    def _asked(self, ref: Ref, act: Callable[[], object]) -> None:
        try:
            act()
        except ApiError as error:
            kind = "blocked" if error.status == 429 else "refused"
            self._refusals.append(Refusal(kind, ref, error.server_message))

    # Nodes

    def _nodes(self, step: Step) -> list[str]:
        zones = step.options.get("zones", ())
        if not zones:
            return list(step.targets)
        found = [_decoded(item) for item in self.api.find("v1", "Node")]
        names = [item.name for item in found if zone_of(item)[1] in zones]
        if not names:
            self._refusals.append(Refusal("refused", _NODE, f"no node is in zone {', '.join(zones)}"))
        return names

    def _lose(self, name: str) -> None:
        self.plane.lose_node(name)
        self._lost.add(name)

    def _cordon(self, name: str, *, unschedulable: bool = True) -> None:
        self.api.merge("v1", "Node", name, "", {"spec": {"unschedulable": unschedulable or None}})

    def _uncordon(self, name: str) -> None:
        self._cordon(name, unschedulable=False)

    def _taint(self, name: str, options: Mapping[str, Any]) -> None:
        taint = {key: str(options.get(key, "")) for key in ("key", "value", "effect")}
        taint["effect"] = taint["effect"] or "NoExecute"
        old = self.api.get("v1", "Node", name)["spec"].get("taints", [])
        kept = [item for item in old if (item["key"], item["effect"]) != (taint["key"], taint["effect"])]
        self.api.merge("v1", "Node", name, "", {"spec": {"taints": [*kept, taint]}})

    def _return(self, name: str) -> None:
        """Its kubelet posts its status, and that of the pods whose containers never stopped."""
        self._lost.discard(name)
        found = self.api.get("v1", "Node", name)
        fresh = nodes.manifest(nodes.NodeSpec(name), 0, self.plane.kubelet_port, build.KUBERNETES, _now())
        posted = {item["type"]: item for item in fresh["status"]["conditions"]}
        others = [item for item in found["status"].get("conditions", []) if item["type"] not in posted]
        self.api.merge("v1", "Node", name, "", {"metadata": {"labels": {nodes.MANAGED: "kwok"}}})
        self.api.merge("v1", "Node", name, "", {"status": {"conditions": [*others, *posted.values()]}}, "status")
        for pod in self.api.find("v1", "Pod", fieldSelector=f"spec.nodeName={name}"):
            said = {item["type"]: item for item in pod["status"].get("conditions", [])}
            running = all(item.get("ready") for item in pod["status"].get("containerStatuses", []))
            if "deletionTimestamp" in pod["metadata"] or "Ready" not in said or not running:
                continue
            said["Ready"] |= {"status": "True", "reason": None, "message": None}
            metadata = pod["metadata"]
            body = {"status": {"conditions": list(said.values())}}
            self.api.merge("v1", "Pod", metadata["name"], metadata["namespace"], body, "status")

    def _drain(self, name: str, step: Step) -> bool:
        options = drain_options(step)
        flags = [f"--timeout={max(int(step.bound), 1)}s", f"--grace-period={options.grace_period}"]
        flags += ["--force"] if options.force else []
        flags += ["--ignore-daemonsets"] if options.ignore_daemonsets else []
        flags += ["--delete-emptydir-data"] if options.delete_emptydir_data else []
        flags += ["--disable-eviction"] if options.disable_eviction else []
        drained, said = self.plane.drain(name, flags, _STILL + self._longest_wait())
        if drained:
            return True
        pods = {(match["namespace"], match["name"]): match["rest"] for match in _BLOCKED.finditer(said)}
        left = [(*key, rest) for key, rest in sorted(pods.items()) if self._still_there(name, *key)]
        for namespace, pod, rest in left:
            status, message = self.plane.evict(namespace, pod, dry_run=True)
            self._refusals.append(Refusal("blocked", Ref("Pod", namespace, pod), message if status == 429 else rest))
        ending = self._ending(name)
        for ref in ending:
            self._refusals.append(Refusal("blocked", ref, "asked to end, and still there"))
        if not left and not ending:
            why = _UNABLE.search(said)
            text = why["why"] if why else said.strip().removeprefix("Error from server (NotFound): ")
            kind = "refused" if "(NotFound)" in said else "blocked"
            self._refusals.append(Refusal(kind, Ref("Node", "", name), text or "it was not drained"))
        return False

    def _still_there(self, node: str, namespace: str, name: str) -> bool:
        try:
            return bool(self.api.get("v1", "Pod", name, namespace)["spec"].get("nodeName") == node)
        except ApiError:
            return False

    def _ending(self, node: str) -> list[Ref]:
        pods = self.api.find("v1", "Pod", fieldSelector=f"spec.nodeName={node}")
        found = [item["metadata"] for item in pods if "deletionTimestamp" in item["metadata"]]
        return sorted(Ref("Pod", item["namespace"], item["name"]) for item in found)

    def _upgrade(self, step: Step) -> None:
        names = list(step.targets) or sorted(item["metadata"]["name"] for item in self.api.find("v1", "Node"))
        for position, name in enumerate(names):
            try:
                old = self.api.get("v1", "Node", name)
            except ApiError as error:
                self._refusals.append(Refusal("refused", _NODE, error.server_message))
                return
            if not self._drain(name, step):
                more = len(names) - position - 1
                note = f"the upgrade stops here; {more} more would follow" if more else "the upgrade stops here"
                self._refusals.append(Refusal("blocked", Ref("Node", "", name), note))
                return
            self._renew(old, float(step.options.get("reboot", REBOOT)))

    def _renew(self, old: Object, reboot: float) -> None:
        """The machine leaves, and an equal one registers by the same name."""
        name = old["metadata"]["name"]
        self.api.delete("v1", "Node", name)
        time.sleep(reboot)
        fresh = nodes.manifest(nodes.NodeSpec(name), 0, self.plane.kubelet_port, build.KUBERNETES, _now())
        taints = [item for item in old["spec"].get("taints", []) if not item["key"].startswith("node.kubernetes.io/")]
        metadata = {key: old["metadata"].get(key, {}) for key in ("labels", "annotations")} | {"name": name}
        spec = {**{key: value for key, value in old["spec"].items() if key != "unschedulable"}, "taints": taints}
        status = {**old["status"], "conditions": fresh["status"]["conditions"]}
        self.api.request("POST", "/api/v1/nodes", {**fresh, "metadata": metadata, "spec": spec, "status": status})
        self.plane.wait_for(f"node {name}", lambda: self._is_up(name), 60.0)

    def _is_up(self, name: str) -> bool:
        return not any(
            item["key"] == "node.kubernetes.io/not-ready"
            for item in self.api.get("v1", "Node", name)["spec"].get("taints", [])
        )

    def _evict(self, namespace: str, name: str) -> None:
        status, message = self.plane.evict(namespace, name)
        if status >= 400:
            kind = "blocked" if status == 429 else "refused"
            self._refusals.append(Refusal(kind, Ref("Pod", namespace, name), message))

    # Objects

    def _apply(self, raw: Mapping[str, Any]) -> None:
        item = _decoded(raw)
        namespace = "" if item.kind in CLUSTER_SCOPED else item.namespace or "default"
        said = {key: value for key, value in raw.items() if key != "status"}
        ref = Ref(item.kind, namespace, item.name)
        self._asked(ref, lambda: self._create_or_merge(str(raw["apiVersion"]), ref, said))

    def _create_or_merge(self, version: str, ref: Ref, said: Object) -> None:
        try:
            old = self.api.get(version, ref.kind, ref.name, ref.namespace)
        except ApiError as error:
            if error.status != 404:
                raise
            self.api.request("POST", self.api.path(version, ref.kind, ref.namespace), said)
            return
        self.api.request("PUT", self.api.path(version, ref.kind, ref.namespace, ref.name), merge(old, said))

    def _restart(self, ref: Ref) -> None:
        stamp = {"metadata": {"annotations": {_RESTARTED: _now().isoformat()}}}
        self.api.merge(*_address(ref), {"spec": {"template": stamp}})

    def _workloads(self, step: Step) -> list[Ref]:
        places = {_decoded(raw).namespace or "default" for raw in step.options.get("namespacesOf", ())}
        return [
            Ref(kind, item["metadata"]["namespace"], item["metadata"]["name"])
            for kind in _RESTARTABLE
            for item in self.api.find("apps/v1", kind)
            if item["metadata"]["namespace"] in places and item["spec"].get("replicas") != 0
        ]


def _decoded(raw: Mapping[str, Any]) -> Any:
    return from_mapping({"apiVersion": "v1", "kind": Node.__name__, **raw})


def _address(ref: Ref) -> tuple[str, str, str, str]:
    return VERSIONS.get(ref.kind, "v1"), ref.kind, ref.name, ref.namespace


def _now() -> Any:
    import datetime as dt

    return dt.datetime.now(dt.UTC)
