"""What an operator sees of one namespace, in four views: all objects, a broad look, a narrow one, and a tool's cache of answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import yaml

from seakeep.testing.testbed import ControlPlane
from tests.scenarios import checks
from tests.scenarios.ordinary import log_of
from tests.scenarios.places import fill
from tests.scenarios.registry import PLATFORMS

Object = dict[str, Any]
_OURS = "testbed.seakeep.dev/"
_LABEL = re.compile(rf",{re.escape(_OURS)}[\w.-]+=[^,\s]*")
_NAMESPACED = (
    "pods,deployments,replicasets,statefulsets,daemonsets,jobs,cronjobs,services,endpoints,endpointslices,"
    "configmaps,persistentvolumeclaims,resourcequotas,limitranges,networkpolicies,poddisruptionbudgets,"
    "horizontalpodautoscalers,serviceaccounts,secrets,events"
)
_CLUSTER = (
    "nodes,namespaces,persistentvolumes,storageclasses,validatingwebhookconfigurations,mutatingwebhookconfigurations"
)
_PLAYED = tuple(f"{platform}-" for platform in PLATFORMS)
_SYSTEM = "pods,deployments,daemonsets,services,endpoints,configmaps,events"


def record_all(
    plane: ControlPlane,
    namespaces: Iterable[str],
    spec: Mapping[str, Any],
    flavour: int,
    common: dict[tuple[str, ...], str],
) -> dict[str, str]:
    """The same look at each namespace of a platform, one after the other; what the fault brings along belongs to the first."""
    first, *others = namespaces
    rest = {key: value for key, value in spec.items() if key not in {"also", "ask"}}
    seen = [record(plane, first, spec, flavour, common)]
    seen += [record(plane, each, rest, flavour, common) for each in others]
    found = {view: "\n".join(each[view] for each in seen) for view in ("broad", "narrow")}
    for view in ("objects", "cache"):
        found[view] = json.dumps({command: text for each in seen for command, text in json.loads(each[view]).items()})
    return found


def record(
    plane: ControlPlane, namespace: str, spec: Mapping[str, Any], flavour: int, common: dict[tuple[str, ...], str]
) -> dict[str, str]:
    """View → its text. `flavour` chooses the netcat that the image has; `common` keeps answers that are the same for all."""
    seen = _Seen(plane, namespace, spec, flavour, common)
    return {
        "objects": json.dumps(seen.objects()),
        "broad": seen.text(seen.broad()),
        "narrow": seen.text(seen.narrow()),
        "cache": json.dumps(seen.cache()),
    }


class _Seen:
    def __init__(
        self,
        plane: ControlPlane,
        namespace: str,
        spec: Mapping[str, Any],
        flavour: int,
        common: dict[tuple[str, ...], str],
    ) -> None:
        self.plane, self.namespace, self.spec, self.flavour = plane, namespace, spec, flavour
        self.pods = plane.pods(namespace)
        self.where = ("-n", namespace)
        self._answers: dict[tuple[str, ...], str] = {}
        self._common = common

    def ask(self, command: tuple[str, ...]) -> str:
        if command not in self._answers:
            answer = self._common.get(command, "")
            if not answer:
                answer = clean(self.plane.kubectl(*command, check=False)) or self._ordinary(command)
                if self.namespace not in command:
                    self._common[command] = answer
            for old, new in self.spec.get("rewrite", {}).items():
                answer = re.sub(old, self._fill(new), answer)
            self._answers[command] = answer
        return self._answers[command]

    def _ordinary(self, command: tuple[str, ...]) -> str:
        """What a container that is well has written, where it was asked for its log."""
        if command[0] != "logs" or "--previous" in command:
            return ""
        return log_of(next(pod for pod in self.pods if pod["metadata"]["name"] == command[1]), command[3])

    @cached_property
    def also(self) -> dict[str, str]:
        """Look-ups that the fault brings along, with names filled in."""
        given = self.spec.get("also", {})
        return {self._fill(key): self._fill(text) for key, text in given.items()}

    @cached_property
    def more(self) -> list[tuple[str, ...]]:
        """Commands that the fault makes an operator run as well."""
        return [tuple(self._fill(command).split()) for command in self.spec.get("ask", ())]

    def _fill(self, text: str) -> str:
        return fill(self.plane, self.namespace, text)

    def text(self, commands: Iterable[tuple[str, ...]]) -> str:
        parts = [f"$ kubectl {' '.join(command)}\n{self.ask(command)}" for command in (*commands, *self.more)]
        return "\n".join(parts + [f"$ {command}\n{output}" for command, output in self.also.items()])

    def unwell(self) -> list[Object]:
        return [pod for pod in self.pods if not _ready(pod) or _restarts(pod) > 2]

    def logs(self, pods: Iterable[Object] | None = None) -> list[tuple[str, ...]]:
        found: list[tuple[str, ...]] = []
        for pod in self.unwell() if pods is None else pods:
            for status in [
                *pod["status"].get("initContainerStatuses", []),
                *pod["status"].get("containerStatuses", []),
            ]:
                if status.get("restartCount") or "running" in status.get("state", {}):
                    previous = ("--previous",) if status.get("restartCount") else ()
                    found.append(("logs", pod["metadata"]["name"], "-c", status["name"], *self.where, *previous))
        return found

    def objects(self) -> Object:
        """Command → output, with every object as JSON."""
        commands = [("get", _NAMESPACED, *self.where, "-o", "json"), ("get", _CLUSTER, "-o", "json"), *self.logs()]
        commands.append(("get", _SYSTEM, "-n", "kube-system", "-o", "json"))
        commands.append(("get", "leases", "-n", "kube-node-lease", "-o", "json"))
        found = {f"kubectl {' '.join(each)}": self.ask(each) for each in (*commands, *self.more)} | self.also
        return {each: self._apart(answer) if each.endswith("-o json") else answer for each, answer in found.items()}

    def _apart(self, answer: str) -> str:
        """Without what the faults that are played beside this one made for the whole cluster: it all begins with a fault's namespace."""
        listed, end = json.JSONDecoder().raw_decode(answer)
        kept = [
            item
            for item in listed["items"]
            if item["metadata"].get("namespace")
            or item["metadata"]["name"].startswith(self.namespace)
            or not item["metadata"]["name"].startswith(_PLAYED)
        ]
        return json.dumps({**listed, "items": kept}) + answer[end:]

    def broad(self) -> list[tuple[str, ...]]:
        """Everything in the namespace by table and description."""
        return [
            ("get", "nodes", "-o", "wide"),
            ("get", "all", *self.where, "-o", "wide"),
            ("get", "events", *self.where, "--sort-by=.lastTimestamp"),
            ("get", "endpoints", *self.where),
            ("get", "pvc,configmap,secret,serviceaccount,networkpolicy,resourcequota,limitrange,hpa,pdb", *self.where),
            ("describe", "pods", *self.where),
            ("describe", "deployments", *self.where),
            ("describe", "statefulsets", *self.where),
            ("describe", "services", *self.where),
            ("get", "pvc", *self.where, "-o", "yaml"),
            ("describe", "resourcequota,limitrange,networkpolicy,pdb,hpa,job", *self.where),
            ("describe", "replicaset", *self.where),
            ("get", "configmap", *self.where, "-o", "yaml"),
            ("get", "pv,storageclass"),
            ("describe", "pv"),
            ("describe", "nodes"),
            ("get", "validatingwebhookconfigurations", "-o", "yaml"),
            ("get", "pods", "-n", "kube-system", "-o", "wide"),
            *self.logs(),
        ]

    def narrow(self) -> list[tuple[str, ...]]:
        """Pods; the description of those that are unwell, with their logs; or else the Services and who uses them."""
        commands: list[tuple[str, ...]] = [
            ("get", "pods", *self.where),
            ("get", "deployments,statefulsets", *self.where),
        ]
        for pod in self.unwell()[:3]:
            commands.append(("describe", "pod", pod["metadata"]["name"], *self.where))
        commands += self.logs()[:3]
        commands += [("get", "events", *self.where), ("get", "svc,endpoints", *self.where, "-o", "wide")]
        commands += [("get", "nodes")]
        if any(pod["status"].get("phase") == "Pending" for pod in self.pods):
            commands += [("describe", "nodes"), ("get", "pvc,pv,sc", *self.where)]
            commands += [("describe", "pvc", *self.where), ("describe", "pv")]
            commands += [("get", "pods", "-n", "kube-system", "-o", "wide")]
        if self.missing() and not self.unwell():
            commands += [("describe", "replicaset", *self.where), ("get", "resourcequota,limitrange", *self.where)]
        if not self.unwell():
            commands += [("describe", "services", *self.where), ("describe", "deployments", *self.where)]
            commands += [("describe", "statefulsets", *self.where), ("get", "configmap", *self.where, "-o", "yaml")]
            commands += [
                ("get", "networkpolicy", *self.where, "-o", "yaml"),
                ("get", "hpa,pdb,job,cronjob", *self.where),
            ]
            commands += [("describe", "hpa,pdb,job", *self.where)]
            commands += [("get", "pods", "-n", "kube-system", "-o", "wide")]
        return commands

    def cache(self) -> dict[str, str]:
        """Command → output as an agent's tools would have asked: default tables, one description per object, logs, checks."""
        found: dict[str, str] = {}
        for kind in (
            "pods",
            "deployments",
            "statefulsets",
            "services",
            "endpoints",
            "configmaps",
            "secrets",
            "events",
            "pvc",
            "networkpolicies",
            "resourcequotas",
            "serviceaccounts",
            "jobs",
            "cronjobs",
            "hpa",
            "pdb",
        ):
            self._put(found, ("get", kind, *self.where))
        for kind in ("nodes", "pv", "storageclass"):
            self._put(found, ("get", kind))
        self._put(found, ("get", "configmap", *self.where, "-o", "yaml"))
        self._put(found, ("get", "pods", *self.where, "-o", "wide"))
        self._put(found, ("get", "services", *self.where, "-o", "wide", "--show-labels"))
        self._put(found, ("get", "pods", *self.where, "--show-labels"))
        self._put(found, ("get", "pods", "-n", "kube-system"))
        for plural, kind in (
            ("pods", "pod"),
            ("deployments", "deployment"),
            ("statefulsets", "statefulset"),
            ("services", "service"),
            ("pvc", "pvc"),
            ("networkpolicy", "networkpolicy"),
            ("pdb", "pdb"),
            ("resourcequota", "resourcequota"),
            ("replicaset", "replicaset"),
            ("hpa", "hpa"),
        ):
            self._split(found, self.ask(("describe", plural, *self.where)), kind, (*self.where,))
        self._split(found, self.ask(("describe", "nodes")), "node", ())
        self._split(found, self.ask(("describe", "pv")), "pv", ())
        for item in json.loads(self.ask(("get", "deployments,statefulsets,services", *self.where, "-o", "json")))[
            "items"
        ]:
            kind, name = item["kind"].lower(), item["metadata"]["name"]
            found[f"kubectl get {kind} {name} -n {self.namespace} -o yaml"] = _yaml(item)
        for command in self.logs(self.pods[:6])[:12] + self.logs() + self.more:
            self._put(found, command)
        services = self.plane.api.find("v1", "Service", self.namespace)
        found |= checks.connectivity(self.namespace, self.pods, services, self.spec.get("checks", {}), self.flavour)
        nodes = sorted({pod["spec"]["nodeName"] for pod in self.pods if pod["spec"].get("nodeName")} | {"cp-1"})
        return found | checks.units(nodes[:4]) | self.also

    def _put(self, found: dict[str, str], command: tuple[str, ...]) -> None:
        found[f"kubectl {' '.join(command)}"] = self.ask(command)

    def _split(self, found: dict[str, str], text: str, kind: str, where: tuple[str, ...]) -> None:
        for part in re.split(r"\n\n\n?(?=Name:  )", text):
            if name := re.match(r"Name:\s+(\S+)", part):
                found[f"kubectl describe {kind} {name[1]} {' '.join(where)}".strip()] = part

    def missing(self) -> bool:
        owners = [
            item
            for kind in ("Deployment", "StatefulSet")
            for item in self.plane.api.find("apps/v1", kind, self.namespace)
        ]
        return not all(item["status"].get("readyReplicas", 0) == item["spec"]["replicas"] for item in owners)


def clean(answer: str) -> str:
    """Without the testbed's own annotations, which tell what is played."""
    if answer.startswith("{"):
        found, end = json.JSONDecoder().raw_decode(answer)  # kubectl's warnings follow it
        return json.dumps(_without(found)) + answer[end:]
    kept: list[str] = []
    inside = -1  # the column of an annotation whose value goes on in deeper lines
    for row in answer.splitlines(keepends=True):
        line = _LABEL.sub("", row)
        column = len(line) - len(line.lstrip())
        if inside >= 0 and column > inside:
            continue
        inside = -1
        if _OURS not in line:
            kept.append(line)
            continue
        label = re.match(r"(\s*Annotations: +)", line)
        inside = len(label[1]) if label else column
        kept += [f"{label[1]}<none>\n"] if label else []
    return "".join(kept)


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(item) for key, item in value.items() if not key.startswith(f"{_OURS}")}
    return [_without(item) for item in value] if isinstance(value, list) else value


def _yaml(item: Object) -> str:
    item["metadata"].pop("managedFields", None)
    return str(yaml.safe_dump(item, sort_keys=True))


def _restarts(pod: Object) -> int:
    return sum(each["restartCount"] for each in pod["status"].get("containerStatuses", ()))


def _ready(pod: Object) -> bool:
    if pod["status"].get("phase") == "Succeeded":
        return True
    return any(each["type"] == "Ready" and each["status"] == "True" for each in pod["status"].get("conditions", []))
