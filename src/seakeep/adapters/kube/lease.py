"""The Lease that keeps two Seakeeps apart (coordination.k8s.io/v1). Times are the server's own, so that clocks need not agree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from seakeep.adapters.kube.sender import Answer, Sender
from seakeep.model.commands import Event, Failed, Ok, Why

NAME, SECONDS = "seakeep", 90


class Lease:
    """`holder` is the run: whoever resumes it takes its own lease over at once. The journal keeps two processes off one run."""

    def __init__(self, sender: Sender, holder: str, namespaces: tuple[str, ...]) -> None:
        self._sender, self._holder = sender, holder
        self._namespaces = tuple(dict.fromkeys(name for name in namespaces if name))
        self._path = ""

    def acquire(self) -> Event:
        event: Event = Failed(Why.LEASE, "no namespace for the lease is named")
        for namespace in self._namespaces:
            path = f"/apis/coordination.k8s.io/v1/namespaces/{quote(namespace, safe='')}/leases"
            event = self._acquire(path)
            if not (isinstance(event, Failed) and event.why is Why.GONE):
                self._path = f"{path}/{NAME}"
                return event
        return Failed(
            Why.LEASE,
            f"there is no namespace {' or '.join(self._namespaces)} for the lease: make it, or name another with --lease-namespace",
        )

    def _acquire(self, path: str) -> Event:
        found = self._sender.ask("GET", f"{path}/{NAME}")
        if isinstance(found, Failed) and found.why is Why.GONE:
            spec = {**self._held(), "acquireTime": _micro(self._sender.now()), "leaseTransitions": 0}
            body = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": NAME}, "spec": spec}
            return self._told(self._sender.ask("POST", path, {"fieldManager": NAME}, body))
        if isinstance(found, Failed):
            return found
        other = self._other(found.body)
        if other:
            return Failed(Why.LEASE, other)
        return self._take(f"{path}/{NAME}", found.body, {"acquireTime": _micro(self._sender.now())})

    def renew(self) -> Event:
        found = self._sender.ask("GET", self._path)
        if isinstance(found, Failed):
            return Failed(Why.LEASE, "somebody deleted it") if found.why is Why.GONE else found
        holder = (found.body.get("spec") or {}).get("holderIdentity")
        if holder != self._holder:
            return Failed(Why.LEASE, f"run {holder or 'of nobody'} has it now")
        return self._take(self._path, found.body, {})

    def release(self) -> Event:
        found = self._sender.ask("GET", self._path)
        if isinstance(found, Failed):
            return found
        if (found.body.get("spec") or {}).get("holderIdentity") != self._holder:
            return Ok()
        return self._take(self._path, found.body, {"holderIdentity": ""})

    def _other(self, body: Mapping[str, Any]) -> str:
        """Who holds it, unless nobody or we do, or it has run out."""
        spec = body.get("spec") or {}
        holder = spec.get("holderIdentity") or ""
        if holder in {"", self._holder}:
            return ""
        renewed = _time(str(spec.get("renewTime") or ""))
        ends = renewed + timedelta(seconds=spec.get("leaseDurationSeconds") or SECONDS) if renewed else None
        now = self._sender.now()
        if ends is not None and ends <= now:
            return ""
        left = f", for {max((ends - now).total_seconds(), 1):.0f} s more unless it is renewed" if ends else ""
        return f"another Seakeep is at work: run {holder} holds the lease{left}"

    def _held(self) -> dict[str, Any]:
        now = _micro(self._sender.now())
        return {"holderIdentity": self._holder, "leaseDurationSeconds": SECONDS, "renewTime": now}

    def _take(self, path: str, seen: Mapping[str, Any], more: Mapping[str, Any]) -> Event:
        """Fails where somebody else was faster: resourceVersion in a merge patch is a precondition."""
        version = seen["metadata"]["resourceVersion"]
        body = {"metadata": {"resourceVersion": version}, "spec": {**self._held(), **more}}
        return self._told(self._sender.ask("PATCH", path, {"fieldManager": NAME}, body, "application/merge-patch+json"))

    def _told(self, answer: Answer | Failed) -> Event:
        if isinstance(answer, Failed):
            # Taking it twice does no harm: whatever is not sure is asked again.
            return Failed(Why.BUSY, answer.message) if answer.why is Why.MOVED else answer
        return Ok()


def _micro(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
