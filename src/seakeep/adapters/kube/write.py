"""The machine's driver on a cluster: server-side apply as `seakeep`, JSON Patch with tests where fields are taken away, and never a PUT."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from seakeep.adapters import redact
from seakeep.adapters.decode import from_mapping
from seakeep.adapters.kube.jsonpatch import patch as json_patch
from seakeep.adapters.kube.resources import Kind, Resources
from seakeep.adapters.kube.sender import Answer, Sender
from seakeep.facts.owners.managed_fields import applied_by, narrowed, owners
from seakeep.model.commands import Action, Event, Failed, Why, Write, Written
from seakeep.model.fields import has, leaves, merged, path_of, text_of, value_at, without
from seakeep.model.objects import KubeObject
from seakeep.model.snapshot import Snapshot

MANAGER = "seakeep"
_APPLY, _JSON_PATCH = "application/apply-patch+yaml", "application/json-patch+json"
Raw = Mapping[str, Any]


class Writer:
    """One write at a time, by the action that the machine names; what somebody else has changed meanwhile is left."""

    def __init__(self, sender: Sender, resources: Resources) -> None:
        self._sender, self._resources = sender, resources

    def write(self, write: Write) -> Event:
        kind = self._resources.of(write.target, write.api_version)
        if isinstance(kind, Failed):
            return kind
        if write.action is Action.CREATE:
            return self._create(kind, write)
        found = self._sender.ask("GET", kind.object(write.target))
        if isinstance(found, Failed):
            # The read before a write: nothing was sent.
            return Failed(Why.UNREACHABLE, found.message) if found.why is Why.LOST else found
        old = found.body
        if write.uid and value_at(old, ("metadata", "uid")) != write.uid:
            return Failed(Why.MOVED, "it was deleted and made anew")
        changed = [text for text, value in write.expect.items() if not _holds(old, text, value)]
        if changed:
            return Failed(Why.MOVED, f"{changed[0]} is not as it was written")
        acts: Mapping[Action, Callable[[Kind, Write, Raw], Event]] = {
            Action.APPLY: self._apply,
            Action.EDIT: self._edit,
            Action.UNDO: self._undo,
            Action.DELETE: self._delete,
        }
        return acts[write.action](kind, write, old)

    def _create(self, kind: Kind, write: Write) -> Event:
        """POST, so that it fails where somebody made it meanwhile."""
        body = merged(_identity(write), write.patch)
        return _written(self._sender.ask("POST", kind.collection(write.target.namespace), _query(write), body))

    def _apply(self, kind: Kind, write: Write, old: Raw) -> Event:
        """What Seakeep applied before goes along: the server drops what a manager leaves out. The uid keeps it from making the object anew."""
        identity = merged(_identity(write), {"metadata": {"uid": write.uid}} if write.uid else {})
        body = merged(merged(applied_by(old, MANAGER), write.patch), identity)
        path, query = kind.object(write.target), _query(write)
        answer = self._sender.ask("PATCH", path, {**query, "force": _flag(write.force)}, body, _APPLY)
        if isinstance(answer, Failed) and answer.why is Why.CONFLICT and set(answer.managers) == {MANAGER}:
            # Our own, by an earlier JSON Patch: the server counts that as another manager.
            answer = self._sender.ask("PATCH", path, {**query, "force": "true"}, body, _APPLY)
        return _written(answer)

    def _edit(self, kind: Kind, write: Write, old: Raw) -> Event:
        """A JSON Patch meets no conflicts by itself: whose fields they are is looked up first."""
        paths = [path for path, value in leaves(write.patch) if not has(old, path) or value_at(old, path) != value]
        paths += [path_of(text) for text in write.remove]
        theirs = {text_of(path): who for path in paths if (who := _others(old, path))}
        if theirs and not write.force:
            managers = tuple(sorted({name for names in theirs.values() for name in names}))
            return Failed(Why.CONFLICT, ", ".join(theirs), managers)
        return self._patch(kind, write, old, write.remove)

    def _undo(self, kind: Kind, write: Write, old: Raw) -> Event:
        return self._patch(kind, write, old, narrowed(old, write.remove, write.ours, MANAGER))

    def _patch(self, kind: Kind, write: Write, old: Raw, remove: tuple[str, ...]) -> Event:
        new = merged(old, write.patch)
        for text in remove:
            new = without(new, path_of(text))
        operations = json_patch(old, new)
        if not operations:
            return _written(Answer(200, old))
        return _written(self._sender.ask("PATCH", kind.object(write.target), _query(write), operations, _JSON_PATCH))

    def _delete(self, kind: Kind, write: Write, old: Raw) -> Event:
        metadata = old["metadata"]
        if write.target.kind == "Namespace":
            left = self._left_in(write.target.name)
            if isinstance(left, Failed):
                return left
            if left:
                return Failed(Why.REJECTED, f"the namespace holds {left}, which this run did not make")
        conditions = {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}
        options = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Background",
            "preconditions": conditions,
        }
        answer = self._sender.ask("DELETE", kind.object(write.target), {"dryRun": "All"} if write.dry else {}, options)
        return answer if isinstance(answer, Failed) else Written()

    def _left_in(self, namespace: str) -> str | Failed:
        """An object that nobody is deleting and nothing else owns: with the namespace it would go too."""
        for version, name in _CONTENTS:
            kind = self._resources.find(version, name)
            found = kind if isinstance(kind, Failed) else self._sender.ask("GET", kind.collection(namespace))
            if isinstance(found, Failed):
                return found
            for item in found.body.get("items") or ():
                metadata = item["metadata"]
                known = (name, metadata["name"]) in _OF_EVERY_NAMESPACE
                if not known and not metadata.get("deletionTimestamp") and not metadata.get("ownerReferences"):
                    return f"{name} {metadata['name']}"
        return ""


_CONTENTS = (
    ("v1", "Pod"),
    ("v1", "Service"),
    ("v1", "ConfigMap"),
    ("v1", "PersistentVolumeClaim"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
)
_OF_EVERY_NAMESPACE = frozenset({("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")})


def decoded(raw: Raw) -> KubeObject:
    """As a snapshot holds it: masked, so that its digest is the one in the plan."""
    item = from_mapping(raw)
    key = (item.namespace, item.name)
    found = redact.snapshot(Snapshot("", None, {item.kind: {key: item}}))
    return found.objects[item.kind][key]


def _others(raw: Raw, path: Any) -> list[str]:
    return [name for name in owners(raw, path) if name != MANAGER]


def _holds(raw: Raw, text: str, value: Any) -> bool:
    path = path_of(text)
    return has(raw, path) and value_at(raw, path) == value


def _identity(write: Write) -> dict[str, Any]:
    ref = write.target
    named = {"namespace": ref.namespace, "name": ref.name} if ref.namespace else {"name": ref.name}
    return {"apiVersion": write.api_version, "kind": ref.kind.partition(".")[0], "metadata": named}


def _query(write: Write) -> dict[str, str | int]:
    found: dict[str, str | int] = {"fieldManager": MANAGER, "fieldValidation": "Strict"}
    return found | ({"dryRun": "All"} if write.dry else {})


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _written(answer: Answer | Failed) -> Event:
    if isinstance(answer, Failed):
        return answer
    return Written(answer.body, str(value_at(answer.body, ("metadata", "uid")) or ""))
