"""Plays a Service and its pods, and says what its EndpointSlices are."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from seakeep.twin.controller import Controller
from seakeep.twin.controllers.endpoint_slice import EndpointSlices
from seakeep.twin.controllers.garbage_collector import GarbageCollector
from tests.conformance.by_hand import Kinds, Played, Side, plain
from tests.conformance.endpoint_cases import LABELS, Case, Step
from tests.conformance.workload_cases import Object


class EndpointSuite(Played[Case]):
    what = "EndpointSlices of Services after each step of a sequence, field by field"
    kinds: Kinds = {"Service": "v1", "Pod": "v1", "EndpointSlice": "discovery.k8s.io/v1"}
    quiet = 1.5

    def namespace(self, case: Case) -> str:
        return case.namespace

    def controllers(self, case: Case) -> Sequence[Controller]:
        del case
        return (EndpointSlices(), GarbageCollector())

    def play(self, side: Side, case: Case) -> list[list[Object]]:
        side.create(case.service)
        for pod in case.pods:
            side.create(pod)
        found = [side.rest()]
        for step in case.steps:
            _do(side, step, case, found[-1])
            found.append(side.rest())
        return found

    def told(self, items: list[Object]) -> Any:
        """Which of many slices an endpoint stands in is left open: Kubernetes takes them from a set, in no order, and fills slices by what it happens to see at one look."""
        groups: dict[str, dict[str, Any]] = {}
        for item in items:
            if item["kind"] != "EndpointSlice":
                continue
            said = plain(item)
            metadata = said["metadata"]
            # A source without ports or endpoints may say null or nothing.
            key = json.dumps(
                [said["addressType"], sorted(said["ports"] or [], key=str), metadata["labels"]], sort_keys=True
            )
            group = groups.setdefault(key, {"slices": 0, "endpoints": [], "owners": []})
            assert len(said["endpoints"] or []) <= 100
            group["slices"] += 1
            group["endpoints"].extend(said["endpoints"] or [])
            group["owners"].append([metadata["ownerReferences"], metadata["generateName"]])
        for group in groups.values():
            group["endpoints"] = {" ".join(_place(each)): each for each in sorted(group["endpoints"], key=_place)}
        return groups

    def known(self, case: Case, texts: list[str]) -> str:
        if any("endpointslicemirroring-controller" in text for text in texts):
            return "mirrored-slices"
        if len(case.pods) > _MOST and all(re.search(r"/(slices|owners): [^/]*$", text) for text in texts):
            return "slice-packing"
        ends = any(step.what in {"fail", "succeed"} for step in case.steps)
        unready = "'serving': False, 'terminating': False"
        more = [text for text in texts if unready in text.partition(" ≠ ")[0] or "'endpoints': {}" in text]
        return "ended-unready-endpoints" if ends and more == texts and any(unready in text for text in texts) else ""

    def clean(self, side: Side, left: list[Object]) -> None:
        side.delete("Service", "it")
        for item in left:
            if item["kind"] == "Pod":
                side.delete("Pod", item["metadata"]["name"], grace=0)


_MOST = 100  # of a slice's endpoints


def _place(endpoint: Object) -> tuple[str, str]:
    return "/".join(endpoint["addresses"]), endpoint["targetRef"]["name"]


def _do(side: Side, step: Step, case: Case, items: list[Object]) -> None:
    kinds = {item["kind"] for item in items}
    if step.what == "remove":
        side.delete("Service", "it")
    elif step.patch is not None:
        headless = case.service["spec"].get("clusterIP") == "None"
        if "Service" in kinds and not (headless and step.patch.get("spec", {}).get("selector", step) is None):
            side.patch("Service", "it", step.patch)
    else:
        known = {item["metadata"]["name"]: item for item in items if item["kind"] == "Pod"}
        for number in step.pods:
            if (pod := known.get(f"p-{number}")) is not None:
                _one(side, step.what, pod, number)


def _one(side: Side, what: str, pod: Object, number: int) -> None:
    name = pod["metadata"]["name"]
    match what:
        case "delete":
            side.delete("Pod", name)
        case "end":
            side.delete("Pod", name, grace=0)
        case "in" | "out" | "move":
            labels = {"in": LABELS[1], "move": LABELS[2], "out": LABELS[3]}[what]
            side.patch("Pod", name, {"metadata": {"labels": {"tier": None, **labels}}})
        case _:
            if pod.get("status", {}).get("phase") not in {"Succeeded", "Failed"}:
                side.patch("Pod", name, {"status": _status(side, what, number)}, status=True)


def _status(side: Side, what: str, number: int) -> Object:
    stamp = side.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    high, low = divmod(number + (1000 if what == "address" else 0), 250)
    address = f"10.99.{high}.{low + 1}"
    ready = {"type": "Ready", "status": str(what in {"ready", "address"}), "lastTransitionTime": stamp}
    phase = {"fail": "Failed", "succeed": "Succeeded"}.get(what, "Running")
    return {"phase": phase, "podIP": address, "podIPs": [{"ip": address}], "conditions": [ready]}
