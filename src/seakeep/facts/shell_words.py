"""Names as words of a command that people paste into their shell."""

from __future__ import annotations

import shlex
from typing import Protocol


class Named(Protocol):
    """An object, or a reference to one."""

    @property
    def name(self) -> str: ...

    @property
    def namespace(self) -> str: ...


class Typed(Named, Protocol):
    @property
    def kind(self) -> str: ...


def quote(text: str) -> str:
    """Names that an API server accepts come out as they are. A dump may hold others: none of them may end a command, start one, or pass for an option."""
    return shlex.quote(f"<{text}>" if text.startswith("-") else text)


def named(item: Named) -> str:
    """`NAME -n NAMESPACE`, as kubectl takes them; of what has no namespace the name."""
    return f"{quote(item.name)} -n {quote(item.namespace)}" if item.namespace else quote(item.name)


def typed(item: Typed) -> str:
    """`TYPE NAME -n NAMESPACE`."""
    return f"{quote(item.kind.lower())} {named(item)}"
