"""What only the play knows, in a fault's text: {pod:APP}, {node:APP}, {ip:APP}, {address:SERVICE}, and the time so many minutes ago, {ago:130}."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from seakeep.testing.testbed import ControlPlane

_PLACES = re.compile(r"{(pod|node|ip|address|ago):([a-z0-9-]+)}")


def fill(plane: ControlPlane, namespace: str, text: str) -> str:
    return _PLACES.sub(lambda found: _place(plane, namespace, found[1], found[2]), text)


def app_pods(plane: ControlPlane, namespace: str, app: str) -> list[dict[str, Any]]:
    """Pods by the label that the platform at hand uses."""
    return plane.pods(namespace, f"app={app}") or plane.pods(namespace, f"app.kubernetes.io/name={app}")


def _place(plane: ControlPlane, namespace: str, kind: str, name: str) -> str:
    if kind == "ago":
        return f"{dt.datetime.now(dt.UTC) - dt.timedelta(minutes=int(name)):%Y-%m-%dT%H:%M:%SZ}"
    if kind == "address":
        return str(plane.api.get("v1", "Service", name, namespace)["spec"]["clusterIP"])
    pods = [pod for pod in app_pods(plane, namespace, name) if "deletionTimestamp" not in pod["metadata"]]
    pod = min(pods, key=lambda each: (each["status"].get("phase") != "Running", each["metadata"]["name"]))
    if kind == "pod":
        return str(pod["metadata"]["name"])
    return str(pod["spec"].get("nodeName", "") if kind == "node" else pod["status"].get("podIP", ""))
