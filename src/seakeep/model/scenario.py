"""A scenario: what to play, and what is expected of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seakeep.model.refs import Ref

# How long one step may take on the twin's clock, where it does not say: longer than the default tolerations (300 s), an outage noticed (50 s) and a start.
BOUND = 900.0


@dataclass(frozen=True, slots=True)
class Expect:
    """One expectation of a step.

    `kind` is ready (of `service` or `object`: `compare` and `number`, `within` seconds or at the end), lowest (at every moment of the step), verdict (`text`) or refused (some refusal
    contains `text`; empty: there is none).
    """

    kind: str
    text: str = ""
    service: str = ""
    object: Ref | None = None
    compare: str = ">="
    number: int = 0
    within: float | None = None
    source: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: `verb` to `targets` (nodes, zones, pods or objects as `Kind/namespace/name`), `objects` as read from manifests, `options` by name."""

    verb: str
    targets: tuple[str, ...] = ()
    objects: tuple[Mapping[str, Any], ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    bound: float = BOUND
    expects: tuple[Expect, ...] = ()
    line: int = 0

    @property
    def text(self) -> str:
        named = self.targets or tuple(_name(item) for item in self.objects)
        shown = ", ".join(named[:4]) + (f" and {len(named) - 4} more" if len(named) > 4 else "")
        extra = ""
        if self.verb == "scale":
            extra = f" to {self.options.get('replicas')}"
        elif self.verb == "wait":
            shown = f"{self.bound:g} s"
        elif self.verb == "restart" and not self.targets:
            shown = "what runs there"
        elif self.verb in {"lose", "return"} and self.options.get("zones"):
            shown = f"zone {', '.join(self.options['zones'])}"
        elif self.verb == "upgrade" and not self.targets:
            shown = "all nodes"
        return f"{self.verb} {shown}{extra}".strip()


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    steps: tuple[Step, ...]
    path: str = ""


def _name(item: Mapping[str, Any]) -> str:
    metadata = item.get("metadata")
    inner = metadata if isinstance(metadata, Mapping) else {}
    return "/".join(str(part) for part in (item.get("kind"), inner.get("namespace"), inner.get("name")) if part)
