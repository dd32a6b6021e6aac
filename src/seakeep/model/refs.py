"""References to Kubernetes objects."""

from __future__ import annotations

from typing import NamedTuple

# Stands for a name that was not shown: no object can have it, and a shell takes it as it is.
UNNAMED = "UNNAMED"


class Ref(NamedTuple):
    """Names one object: `kind` as in its manifest, `namespace` empty for cluster-scoped kinds."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"
