"""What the apply machine asks of the world, and what the world answers. Drivers (the twin, the server's dry run, the cluster) carry commands out; nothing here does.

Commands come in tuples that may be carried out side by side; each is answered by one event, in their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from seakeep.model.plan import Planned
from seakeep.model.refs import Ref
from seakeep.model.run import Entry


class Command(Struct, frozen=True):
    pass


class Acquire(Command, frozen=True):
    """The Lease that keeps two Seakeeps apart."""


class Renew(Command, frozen=True):
    pass


class Release(Command, frozen=True):
    pass


class Preflight(Command, frozen=True):
    """Whether all of this may be done: what is missing comes back as `Lacking`."""

    changes: tuple[Planned, ...]


class Read(Command, frozen=True):
    target: Ref
    api_version: str


class Record(Command, frozen=True):
    """Into the journal, and on disk before the answer."""

    entries: tuple[Entry, ...]


class Action(StrEnum):
    CREATE = "create"
    APPLY = "apply"  # fields are set, by server-side apply
    EDIT = "edit"  # fields are taken away too, in one JSON Patch with tests
    UNDO = "undo"  # as EDIT, where what is undone still is what was written
    DELETE = "delete"  # of what the plan created


class Write(Command, frozen=True):
    """`expect` holds the values that must still stand at their paths; `ours` are all paths that the run wrote. `uid` is that of the object, "" for one to be created. `dry` writes nothing."""

    action: Action
    target: Ref
    api_version: str
    patch: Mapping[str, Any] = {}
    remove: tuple[str, ...] = ()
    uid: str = ""
    expect: Mapping[str, Any] = {}
    ours: tuple[str, ...] = ()
    force: bool = False
    dry: bool = False


class Observe(Command, frozen=True):
    """How these objects and what they own are."""

    targets: tuple[tuple[Ref, str], ...]


class Score(Command, frozen=True):
    """How the whole platform is. Without `hardening` that score need not be given: no gate goes by it."""

    hardening: bool = True


class Wait(Command, frozen=True):
    """About so many seconds: drivers add jitter."""

    seconds: float


class Ask(Command, frozen=True):
    """Whether a wave may begin."""

    wave: str
    changes: tuple[Planned, ...]


class Event(Struct, frozen=True):
    pass


class Ok(Event, frozen=True):
    pass


class Lacking(Event, frozen=True):
    """Rights that are missing, one sentence each; empty where none are."""

    rights: tuple[str, ...] = ()


class Found(Event, frozen=True):
    """An object: `digest` as of `facts.digest`, `raw` its API form."""

    uid: str
    digest: str
    raw: Mapping[str, Any]


class Absent(Event, frozen=True):
    pass


class Written(Event, frozen=True):
    """`raw` is the object as it is stored now; empty for one that was deleted."""

    raw: Mapping[str, Any] = {}
    uid: str = ""


class Condition(StrEnum):
    """kstatus's words, and what it has none for."""

    CURRENT = "Current"
    IN_PROGRESS = "InProgress"
    FAILED = "Failed"
    TERMINATING = "Terminating"
    NOT_FOUND = "NotFound"
    UNKNOWN = "Unknown"


class Health(Struct, frozen=True):
    """`ready` is how many pods are, where that applies."""

    object: Ref
    status: Condition
    message: str = ""
    ready: int | None = None


class Observed(Event, frozen=True):
    """`at` counts seconds from wherever the driver likes."""

    objects: tuple[Health, ...]
    at: float


class Scored(Event, frozen=True):
    """`services` are ready and intended pods by service id; `calls` what workloads are known to rely on, each with what bars it, "" where it gets through. Empty where nobody looked."""

    scores: Mapping[str, float | None] = {}
    services: Mapping[str, tuple[int | None, int | None]] = {}
    calls: Mapping[str, str] = {}


class Answered(Event, frozen=True):
    """`None`: nobody is there to ask."""

    yes: bool | None


class Why(StrEnum):
    CONFLICT = "conflict"  # other managers own the fields
    MOVED = "moved"  # changed, or made, between reading and writing
    GONE = "gone"
    FORBIDDEN = "forbidden"
    REJECTED = "rejected"  # by validation or admission
    BUSY = "busy"
    SERVER = "server"  # 5xx: it may or may not have been done
    LOST = "lost"  # sent, and no whole answer came: it may or may not have been done
    UNREACHABLE = "unreachable"  # not sent
    UNAUTHORIZED = "unauthorized"
    LEASE = "lease"
    JOURNAL = "journal"


class Failed(Event, frozen=True):
    """`managers` are who owns the fields of a conflict; `after` the seconds that the server asked to wait."""

    why: Why
    message: str
    managers: tuple[str, ...] = ()
    after: float = 0.0
