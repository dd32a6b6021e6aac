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


# References that were asked for. To look one up takes a third of the time that it takes to make one, and the same one is compared faster: each change of each object asks for some.
KNOWN: dict[tuple[str, str, str], Ref] = {}
_MOST = 262_144
look_up = KNOWN.get
"""The reference of a kind, namespace and name, if it is known."""


def known(key: tuple[str, str, str]) -> Ref:
    """The reference of a kind, namespace and name, and from then on in `KNOWN`."""
    if len(KNOWN) >= _MOST:
        KNOWN.clear()
    ref = Ref(*key)
    return KNOWN.setdefault(ref, ref)
