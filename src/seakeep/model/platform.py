"""The intent: which services the platform is meant to run, how much each matters, and what is waived."""

from __future__ import annotations

from datetime import date

from msgspec import Struct, field

from seakeep.model.refs import Ref


class Waiver(Struct, frozen=True):
    """`target` is a service: its id, name or profile. It ends on `expires`; an expired waiver counts as none."""

    target: str
    reason: str
    owner: str
    expires: date


class Target(Struct, frozen=True):
    """`score` (running, health, hardening, survival) is to reach `value` by `day` (None: at once)."""

    score: str
    value: float
    day: date | None = None


class Declared(Struct, frozen=True):
    """One service of `platform.yaml`. `workloads` are `Kind/namespace/name`; `intended` replicas by workload; None or absent where it is silent."""

    id: str
    criticality: str | None = None
    namespace: str | None = None
    workloads: tuple[str, ...] = ()
    intended: dict[str, int] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()


class Intent(Struct, frozen=True):
    """`platform.yaml`, or nothing of it."""

    name: str = ""
    services: tuple[Declared, ...] = ()
    targets: tuple[Target, ...] = ()
    waivers: tuple[Waiver, ...] = ()


class ServiceState(Struct, frozen=True):
    """A platform service as found. `state` is up, degraded, down, stopped, waived or unknown; `ready` and `intended` count pods (None: unknown).

    `wanted` are the intended pods of each of its workloads.
    `fulfilled` is the mean of min(ready / intended, 1) over its workloads: a mean over workloads, not pods, so that scaling a broken one to zero cannot raise it.
    """

    id: str
    profile: str
    name: str
    namespace: str
    criticality: str
    weight: float
    ready: int | None
    intended: int | None
    state: str
    workloads: tuple[Ref, ...] = ()
    waiver: Waiver | None = None
    note: str = ""
    fulfilled: float | None = None
    wanted: tuple[int | None, ...] = ()


class Dependency(Struct, frozen=True):
    """`source` and `target` are service ids (or a workload's Ref as text where no service is known); `via` says which address or object shows it."""

    source: str
    target: str
    via: str
    evidence: Ref
    broken: bool = False


class Platform(Struct, frozen=True):
    intent: Intent
    services: tuple[ServiceState, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
