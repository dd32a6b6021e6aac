"""A digest of an object's content: equal as long as nobody changed what is meant."""

from __future__ import annotations

import hashlib

import msgspec

from seakeep.model.objects import KubeObject

# What the API server, controllers and clients keep for themselves.
_KEPT = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "deletionTimestamp")
_NOTES = (
    "kubectl.kubernetes.io/last-applied-configuration",
    "deployment.kubernetes.io/revision",
    "deprecated.daemonset.template.generation",
    "pv.kubernetes.io/",
    "volume.kubernetes.io/",
    "seakeep.dev/",
)


def digest(item: KubeObject) -> str:
    """The first 16 hex digits of SHA-256 over what Seakeep reads of the object, less status and what its keepers write. Of a redacted object, so that no secret shows through."""
    raw = msgspec.to_builtins(item)
    raw.pop("status", None)
    metadata = {key: value for key, value in raw.get("metadata", {}).items() if key not in _KEPT}
    notes = metadata.get("annotations", {})
    metadata["annotations"] = {key: value for key, value in notes.items() if not key.startswith(_NOTES)}
    content = msgspec.json.encode({**raw, "metadata": metadata}, order="deterministic")
    return hashlib.sha256(content).hexdigest()[:16]
