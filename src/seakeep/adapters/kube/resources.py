"""Paths of single objects, by asking the server how their kinds are called."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

from seakeep.adapters.kube.sender import Sender
from seakeep.model.commands import Failed, Why
from seakeep.model.refs import Ref

_VERSION = re.compile(r"[a-z0-9.-]+(?:/[a-z0-9]+)?")


class Kind(NamedTuple):
    """A kind's place at the API server; `base` is such as `/apis/apps/v1`."""

    base: str
    group: str
    plural: str
    namespaced: bool

    def collection(self, namespace: str) -> str:
        return (
            f"{self.base}/namespaces/{quote(namespace, safe='')}/{self.plural}"
            if self.namespaced
            else f"{self.base}/{self.plural}"
        )

    def object(self, ref: Ref) -> str:
        return f"{self.collection(ref.namespace)}/{quote(ref.name, safe=':')}"


class Resources:
    """What is found is kept; what is not is asked for again, since a plan may bring a kind's definition."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._known: dict[tuple[str, str], Kind] = {}
        self._lock = threading.Lock()

    def of(self, ref: Ref, api_version: str) -> Kind | Failed:
        """The kind of an object that a plan names. A file may name anything: none of it leads to a Secret, or to the address of something else."""
        if ref.kind.partition(".")[0] == "Secret":
            return Failed(Why.REJECTED, "Seakeep neither reads nor writes the values of Secrets")
        # As apimachinery's IsValidPathSegmentName, which holds for the names of all kinds.
        wrong = [text for text in (ref.name or ".", ref.namespace) if text in {".", ".."} or "/" in text or "%" in text]
        if wrong:
            return Failed(Why.REJECTED, f"no object can be called {wrong[0]!r}")
        return self.find(api_version, ref.kind)

    def find(self, api_version: str, kind: str) -> Kind | Failed:
        name = kind.partition(".")[0]  # of another group's namesake: `Service.serving.knative.dev`
        key = (api_version, name)
        if not _VERSION.fullmatch(api_version):
            return Failed(Why.REJECTED, f"{api_version!r} is no version of an API")
        with self._lock:
            if key not in self._known:
                base = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
                answer = self._sender.ask("GET", base)
                if isinstance(answer, Failed):
                    return answer
                for item in answer.body.get("resources") or ():
                    if isinstance(item, Mapping) and "/" not in str(item.get("name")):
                        group = api_version.rpartition("/")[0]
                        found = Kind(base, group, str(item["name"]), bool(item.get("namespaced")))
                        self._known[api_version, str(item.get("kind"))] = found
            found_kind = self._known.get(key)
        return found_kind or Failed(Why.GONE, f"the server knows no kind {name} in {api_version}")
