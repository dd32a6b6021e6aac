"""The requests, what became of them, and the UIDs that objects have now."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from seakeep.model.comparison import LeftOut
from seakeep.model.objects import KubeObject, Service
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth, Snapshot
from seakeep.testing.testbed import build
from seakeep.testing.testbed.api import ApiError, Object
from seakeep.testing.testbed.replay.manifest import manifest, version
from seakeep.testing.testbed.replay.plane import Plane
from seakeep.twin.state import controller_of

_SECONDS = 60.0


class Writes:
    def __init__(self, plane: Plane, snapshot: Snapshot) -> None:
        self.plane, self.api, self.snapshot = plane, plane.api, snapshot
        self.uids: dict[Ref, str] = {}
        self._out: Counter[tuple[str, str]] = Counter()

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        return tuple(LeftOut(what, count, why) for (what, why), count in sorted(self._out.items()))

    def leave_out(self, what: str, why: str, count: int = 1) -> None:
        self._out[what, why] += count

    def all(self, kind: type[Any], skip: Callable[[Any], bool] = lambda _: False) -> None:
        for item in self.snapshot.all(kind):
            if not skip(item):
                wanted = manifest(item)
                if isinstance(item, Service) and item.spec.cluster_ip != "None":
                    for name in ("clusterIP", "clusterIPs"):
                        wanted.get("spec", {}).pop(name, None)
                self.create(wanted, item)

    def create(self, wanted: Object, item: KubeObject) -> bool:
        """Whether it is there now."""
        if self.snapshot.depth(item.ref) < Depth.DESCRIBED:
            return False
        path = self.api.path(wanted["apiVersion"], wanted["kind"], item.namespace)
        try:
            answer = self.api.request("POST", path, wanted)
        except ApiError as error:
            if error.reason == "AlreadyExists":
                answer = self.api.get(wanted["apiVersion"], wanted["kind"], item.name, item.namespace)
            else:
                self.leave_out(item.kind, f"refused: {_short(error.server_message)}")
                return False
        self.uids[item.ref] = answer["metadata"]["uid"]
        return True

    def create_owned(self, wanted: Object, item: KubeObject) -> bool:
        """With its owner's present UID, where the owner is there."""
        owner = controller_of(item)
        if owner is not None and owner in self.uids:
            wanted["metadata"]["ownerReferences"] = [self._reference(owner)]
        return self.create(wanted, item)

    def _reference(self, owner: Ref) -> Object:
        known = self.snapshot.find(owner)
        api = version(known) if known is not None else "v1"
        found = {"apiVersion": api, "kind": owner.kind, "name": owner.name, "uid": self.uids[owner], "controller": True}
        return found if owner.kind == "Node" else {**found, "blockOwnerDeletion": True}

    def status(self, item: KubeObject, status: Mapping[str, Any]) -> None:
        try:
            self.api.merge(version(item), item.kind, item.name, item.namespace, {"status": dict(status)}, "status")
        except ApiError as error:
            self.leave_out(f"status of {item.kind}", f"refused: {_short(error.server_message)}")

    def wait(self, name: str, probe: Callable[[], object]) -> object:
        """What the probe finds at last; that it finds nothing yet is no failure."""
        deadline = time.monotonic() + _SECONDS
        while True:
            try:
                if found := probe():
                    return found
            except ApiError as error:
                if error.status != 404:
                    raise
            if time.monotonic() > deadline:
                raise build.TestbedError(f"{name} did not get ready on the testbed in {_SECONDS:.0f} s")
            time.sleep(0.05)


def _short(message: str) -> str:
    """Without the object's own name, so that the same reason counts once."""
    text = message.partition(": ")[2] or message
    return text[:160]
