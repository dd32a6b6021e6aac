"""The snapshot: what was seen of a platform at one time, and what was not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import IntEnum
from typing import TypeVar, cast

from msgspec import Struct, field

from seakeep.model.objects import CLUSTER_SCOPED, KubeObject, Node
from seakeep.model.refs import Ref

T = TypeVar("T", bound=KubeObject)
EVERYWHERE = "*"
_RELEASED = 2014


class Depth(IntEnum):
    """How much of an object the source showed. An empty field means "none" only where the depth says that it would have been shown."""

    NAMED = 0  # only mentioned: as an owner, an endpoint's target, an event's object
    TABLE = 1  # a row of `kubectl get`
    DESCRIBED = 2  # `kubectl describe`: the spec without what describe leaves out
    FULL = 3  # the API's own JSON or YAML


class Unread(Struct, frozen=True):
    """Something that was asked for and not got; `reason` is the server's or decoder's word (`forbidden`, `timed out`, `truncated file` …)."""

    kind: str
    namespace: str
    reason: str


class Log(Struct, frozen=True):
    """One container's log. `previous` is the run before the current one; `container` empty when the source did not say."""

    namespace: str
    pod: str
    container: str
    previous: bool
    text: str


class Usage(Struct, frozen=True):
    """`kubectl top`: millicores and bytes of a node (`namespace` empty), a pod, or one container of it."""

    namespace: str
    name: str
    container: str
    cpu: int
    memory: int


class Check(Struct, frozen=True):
    """A look-up made inside the platform.

    `probe` is tcp, http, dns, unit (a systemd unit of a node) or exec; `origin` the pod or node that it ran in; `target` a host, IP or unit, `port` 0 where none applies;
    `outcome` one of ok, refused, timeout, unreachable, dns-failure, reset, tls-error, http-error, inactive, failed, unknown; `latency` in seconds where it was shown.
    """

    probe: str
    origin: Ref
    target: str
    port: int
    outcome: str
    detail: str
    time: datetime | None = None
    latency: float | None = None


class Alert(Struct, frozen=True):
    """A firing alert of Alertmanager or Prometheus."""

    name: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    starts_at: datetime | None = None
    state: str = "firing"


class Sample(Struct, frozen=True):
    """One value of a Prometheus metric, or of an aggregate that the source computed; `name` is the metric's."""

    name: str
    labels: Mapping[str, str]
    value: float
    time: datetime | None = None


class Misfit(Struct, frozen=True):
    """A field of a manifest that the API server would refuse: `wrong` says why, without the value; `meant` is the path of the field that was meant, where one shows itself."""

    path: str
    wrong: str
    meant: str = ""


class Snapshot(Struct, frozen=True):
    """Immutable. `objects` maps a kind to its objects by (namespace, name), sorted.

    `shallow` gives the depth of the objects that are not FULL. `complete` holds (kind, namespace) pairs that were listed whole, with namespace `*` for
    all of them; `absent` holds objects that the server said do not exist. What is in none of these is unknown. `asked` are objects of which somebody took
    a part by name, where most was only listed.
    `intent_only` is set for plain manifests: there is no status to judge. `misfits` are fields of theirs that no object has.
    """

    source: str
    taken_at: datetime | None
    objects: Mapping[str, Mapping[tuple[str, str], KubeObject]] = field(default_factory=dict)
    shallow: Mapping[Ref, Depth] = field(default_factory=dict)
    complete: frozenset[tuple[str, str]] = frozenset()
    absent: frozenset[Ref] = frozenset()
    asked: frozenset[Ref] = frozenset()
    unread: tuple[Unread, ...] = ()
    logs: tuple[Log, ...] = ()
    usage: tuple[Usage, ...] = ()
    checks: tuple[Check, ...] = ()
    alerts: tuple[Alert, ...] = ()
    samples: tuple[Sample, ...] = ()
    server_version: str = ""
    intent_only: bool = False
    misfits: Mapping[Ref, tuple[Misfit, ...]] = field(default_factory=dict)

    @property
    def shows_cluster(self) -> bool:
        """Whether a node was shown with what it holds: nothing can be played on names alone."""
        return not self.intent_only and any(
            self.depth(node.ref) is Depth.FULL or node.status.allocatable for node in self.all(Node)
        )

    @property
    def dated(self) -> datetime | None:
        """`taken_at` where the source tells it: one that shows ages only is laid out backwards from a base before Kubernetes was released (2014)."""
        return self.taken_at if self.taken_at and self.taken_at.year >= _RELEASED else None

    def all(self, kind: type[T]) -> Iterator[T]:
        """Every object of one kind, in order of namespace and name."""
        return cast("Iterator[T]", iter(self.objects.get(kind.__name__, {}).values()))

    def of_kind(self, kind: str) -> Iterator[KubeObject]:
        """As `all`, for a kind known by name only (custom resources)."""
        return iter(self.objects.get(kind, {}).values())

    def get(self, kind: type[T], namespace: str, name: str) -> T | None:
        return cast("T | None", self.objects.get(kind.__name__, {}).get((namespace, name)))

    def find(self, ref: Ref) -> KubeObject | None:
        return self.objects.get(ref.kind, {}).get((ref.namespace, ref.name))

    def depth(self, ref: Ref) -> Depth:
        return self.shallow.get(ref, Depth.FULL)

    def lists_all(self, kind: str, namespace: str) -> bool:
        """Whether every object of the kind in the namespace (`*` or "" for the whole cluster) was seen."""
        return (kind, EVERYWHERE) in self.complete or (
            kind,
            namespace if kind not in CLUSTER_SCOPED else EVERYWHERE,
        ) in self.complete

    def is_absent(self, ref: Ref) -> bool:
        """True only where the object is known not to exist; an object that was never asked for is not absent."""
        return self.find(ref) is None and (
            ref in self.absent
            or self.lists_all(ref.kind, ref.namespace)
            or (bool(ref.namespace) and self.is_absent(Ref("Namespace", "", ref.namespace)))
        )

    @property
    def object_count(self) -> int:
        return sum(len(group) for group in self.objects.values())
