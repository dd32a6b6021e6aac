"""The command line against a real control plane."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from seakeep.adapters import redact
from seakeep.adapters.kube import observe
from seakeep.adapters.plan_file import as_yaml
from seakeep.model.plan import Plan
from seakeep.model.snapshot import Snapshot
from seakeep.testing.testbed import ControlPlane
from tests.apply.plans import large, objects, unnumbered

SEAKEEP = [sys.executable, "-m", "seakeep.cli.main"]
LEASES = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "seakeep"}}


def snapshot(plane: ControlPlane, *namespaces: str) -> Snapshot:
    return redact.snapshot(observe(kubeconfig=plane.kubeconfig, namespaces=namespaces, logs=False))


def prepare(plane: ControlPlane, namespace: str, each: int = 12) -> Plan:
    """Objects in a namespace of their own, once their pods are ready, and a plan for them."""
    plane.apply([LEASES, *unnumbered(objects(namespace, each))])
    plane.wait_for("pods", lambda: ready(plane, namespace) == each, 90)
    return large(snapshot(plane, namespace), namespace, each)


def ready(plane: ControlPlane, namespace: str) -> int:
    found = plane.api.find("apps/v1", "Deployment", namespace)
    return sum(item["status"].get("readyReplicas", 0) for item in found)


class Cli:
    """One folder, one journal, one cluster; `lease` is the namespace of the lease where it is not the usual one."""

    def __init__(self, folder: Path, kubeconfig: Path, lease: str = "") -> None:
        self.folder, self.kubeconfig, self.lease = folder, kubeconfig, lease
        self.journal = folder / "journal.db"

    def plan(self, plan: Plan) -> Path:
        path = self.folder / "plan.yaml"
        path.write_text(as_yaml(plan))
        return path

    def run(
        self, *args: str, crash: str = "", kubeconfig: Path | None = None, seconds: float = 120
    ) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-m", "seakeep.testing.crash", crash] if crash else SEAKEEP
        where = self._where(kubeconfig or self.kubeconfig, args)
        return subprocess.run(
            [*program, *args, *where],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=seconds,
            env=os.environ | {"NO_COLOR": "1"},
        )

    def start(self, *args: str) -> subprocess.Popen[str]:
        where = self._where(self.kubeconfig, args)
        return subprocess.Popen(
            [*SEAKEEP, *args, *where],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def _where(self, kubeconfig: Path, args: tuple[str, ...]) -> list[str]:
        own = self.lease and args[0] in {"apply", "rollback"}
        lease = ["--lease-namespace", self.lease] if own and "--lease-namespace" not in args else []
        reach = [] if args[0] == "history" else ["--kubeconfig", str(kubeconfig)]
        return [*reach, "--journal", str(self.journal), *lease]

    def last_run(self) -> str:
        found: list[dict[str, Any]] = json.loads(self.run("history", "-o", "json").stdout)
        return str(found[-1]["id"])


_KINDS = (("v1", "ConfigMap"), ("apps/v1", "Deployment"), ("policy/v1", "PodDisruptionBudget"))
_SERVERS = ("uid", "resourceVersion", "creationTimestamp", "managedFields", "namespace")


def content(plane: ControlPlane, namespace: str, *, generations: bool = True) -> dict[str, Any]:
    """Everything that a plan may change, less what the server and the controllers keep, and with the namespace's name taken out. `generations` count how often a specification was changed."""
    found = {}
    for version, kind in _KINDS:
        for item in plane.api.find(version, kind, namespace):
            metadata = {key: value for key, value in item["metadata"].items() if key not in _SERVERS}
            metadata.get("annotations", {}).pop("deployment.kubernetes.io/revision", None)
            if not generations:
                metadata.pop("generation", None)
            kept = {**item, "metadata": metadata}
            kept.pop("status", None)
            found[f"{kind}/{item['metadata']['name']}"] = json.loads(re.sub(namespace, "NAMESPACE", json.dumps(kept)))
    return found


def changes_since(plane: ControlPlane, namespace: str, version: str) -> dict[str, int]:
    """How often each ConfigMap, and each Deployment's or budget's specification, was made or changed since a resourceVersion: the watch tells all of it again."""
    counts: dict[str, int] = {}
    for api_version, kind in _KINDS:
        path = plane.api.path(api_version, kind, namespace)
        seen: dict[str, int] = {}
        for line in plane.api.lines(f"{path}?watch=true&resourceVersion={version}&timeoutSeconds=1", lambda: None):
            event = json.loads(line)
            name, metadata = f"{kind}/{event['object']['metadata']['name']}", event["object"]["metadata"]
            generation = metadata.get("generation")
            if kind == "ConfigMap" and metadata["name"] != "kube-root-ca.crt":
                counts[name] = counts.get(name, 0) + 1
            elif generation is not None and seen.get(name, 1 if kind == "Deployment" else 0) < generation:
                counts[name] = counts.get(name, 0) + generation - seen.get(name, 1 if kind == "Deployment" else 0)
                seen[name] = generation
    return counts


def version(plane: ControlPlane, namespace: str) -> str:
    return str(plane.api.request("GET", plane.api.path("v1", "ConfigMap", namespace))["metadata"]["resourceVersion"])
