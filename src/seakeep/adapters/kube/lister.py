"""One kind after another, several at a time; where a kind may not be listed everywhere, namespace by namespace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

from seakeep.adapters.assemble import Assembly
from seakeep.adapters.kube.discovery import Resource
from seakeep.adapters.kube.limits import Limits
from seakeep.adapters.kube.pages import read_list
from seakeep.adapters.kube.transport import StatusError, Transport
from seakeep.adapters.kube.wire import Found, GarbageError
from seakeep.model.snapshot import EVERYWHERE, Unread

FORBIDDEN = 403
_NAMED = 3


@dataclass(slots=True)
class Answer:
    """All that was got of one kind."""

    found: Found = field(default_factory=list)
    complete: list[str] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Lister:
    """`namespaces` limits what is read; `fallback` are the namespaces to try where a kind may not be listed everywhere."""

    transport: Transport
    limits: Limits
    pool: Executor
    progress: Callable[[str], None]
    namespaces: Sequence[str] = ()
    fallback: Sequence[str] = ()

    def read(self, resources: Sequence[Resource], assembly: Assembly) -> None:
        """Into the assembly, in the order of the resources, whichever answers first."""
        for resource, answer in zip(resources, self.pool.map(self._kind, resources), strict=True):
            for item, depth in answer.found:
                assembly.add(item, depth)
            for namespace in answer.complete:
                assembly.listed(resource.kind, namespace)
            assembly.unread += answer.unread

    def read_some(self, resource: Resource, namespace: str, assembly: Assembly, selector: str = "") -> None:
        """Beside what was asked for: nothing is said where it cannot be read, and nothing counts as listed."""
        answer = Answer()
        if self._one(resource, namespace, answer, selector):
            for item, depth in answer.found:
                assembly.add(item, depth)

    def _kind(self, resource: Resource) -> Answer:
        answer = Answer()
        if resource.namespaced and self.namespaces:
            for namespace in self.namespaces:
                self._one(resource, namespace, answer)
        elif self._one(resource, "", answer) or not resource.namespaced:
            pass
        elif answer.unread[-1].reason == "forbidden" and self.fallback:
            answer.unread.clear()
            self._where_allowed(resource, answer)
        return answer

    def _where_allowed(self, resource: Resource, answer: Answer) -> None:
        refused = [namespace for namespace in self.fallback if not self._one(resource, namespace, answer)]
        others = [item for item in answer.unread if item.reason != "forbidden"]
        read = sorted(set(self.fallback) - set(refused))
        more = f" and {len(read) - _NAMED} more" if len(read) > _NAMED else ""
        reason = f"forbidden but in {', '.join(read[:_NAMED])}{more}" if read else "forbidden"
        answer.unread = [*others, Unread(resource.kind, "", reason)]

    def _one(self, resource: Resource, namespace: str, answer: Answer, selector: str = "") -> bool:
        """Whether the list is whole."""
        try:
            listing = read_list(
                self.transport, resource, namespace, self.limits, lambda count: self._told(resource, count), selector
            )
        except StatusError as error:
            answer.unread.append(Unread(resource.kind, namespace, error.reason))
            return False
        except GarbageError as error:
            answer.unread.append(Unread(resource.kind, namespace, str(error)))
            return False
        answer.found += listing.found
        answer.unread += [Unread(resource.kind, namespace, reason) for reason in sorted(set(listing.broken))]
        if not listing.broken:
            answer.complete.append(namespace or EVERYWHERE)
        return True

    def _told(self, resource: Resource, count: int) -> None:
        self.progress(f"Reading {resource.kind}: {count:,}")
