"""Lists, page by page, straight into structs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec

from seakeep.adapters.decode import DecodeError, decoder, from_mapping, struct_for
from seakeep.adapters.files.intern import Interner
from seakeep.adapters.kube import secrets
from seakeep.adapters.kube.discovery import Resource
from seakeep.adapters.kube.limits import Limits
from seakeep.adapters.kube.transport import Query, StatusError, Transport
from seakeep.adapters.kube.wire import Found, GarbageError, ListMeta
from seakeep.model.objects import KubeObject, Pod
from seakeep.model.snapshot import Depth

T = TypeVar("T")
_GONE = 410


class _Page(msgspec.Struct, Generic[T], gc=False):
    kind: str = ""
    metadata: ListMeta | None = None
    items: list[T] | None = None


@dataclass(slots=True)
class Listing:
    """What one list gave; `broken` holds why single objects of it could not be read."""

    found: Found = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def _decoder(item: Any) -> msgspec.json.Decoder[Any]:
    return decoder(_Page[item])


def read_list(
    transport: Transport,
    resource: Resource,
    namespace: str,
    limits: Limits,
    progress: Callable[[int], None],
    selector: str = "",
) -> Listing:
    """Everything of a kind, in a namespace or ("") everywhere. Raises StatusError and GarbageError.

    A token that expired on the way (410) starts the list anew; when that happens again, it is asked for in one piece, as client-go does.
    """
    extra: dict[str, str | int] = {"fieldSelector": selector} if selector else {}
    for query in ({"limit": limits.page}, {"limit": limits.page}, {"resourceVersion": "0"}):
        listing = Listing()
        try:
            for _ in _pages(transport, resource, namespace, extra | query, listing, limits.pages):
                progress(len(listing.found))
        except StatusError as error:
            if error.status == _GONE:
                continue
            raise
        return listing
    raise StatusError(_GONE, "expired")


def _pages(
    transport: Transport, resource: Resource, namespace: str, query: Query, listing: Listing, most: int
) -> Iterator[None]:
    decode = _reader(resource, listing)
    token = ""
    for _ in range(most):
        found, following = _page(
            transport, resource, namespace, {**query, **({"continue": token} if token else {})}, decode
        )
        listing.found += found
        yield
        if not following or following == token:
            return
        token = following
    raise StatusError(0, "the list does not end")


def _page(
    transport: Transport,
    resource: Resource,
    namespace: str,
    query: Query,
    decode: Callable[[bytearray], tuple[Found, str]],
) -> tuple[Found, str]:
    accept = secrets.ACCEPT if resource.kind == "Secret" and not resource.group else "application/json"
    for attempt in (0, 1):
        body = transport.get(resource.path(namespace), query, accept)
        try:
            return decode(body)
        except GarbageError:
            if attempt:
                raise
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if attempt:
                raise GarbageError("the answer is not valid JSON") from error
    raise AssertionError  # the second round returns or raises


def _reader(resource: Resource, listing: Listing) -> Callable[[bytearray], tuple[Found, str]]:
    """How a page of the kind becomes objects; one interner serves all its pages."""
    if resource.kind == "Secret" and not resource.group:
        return secrets.decode
    struct = struct_for(resource.api_version, resource.kind)
    interner = Interner()

    def whole(body: bytearray) -> tuple[Found, str]:
        items: list[KubeObject]
        try:
            page = _decoder(struct).decode(body)
            _check(page)
            items = page.items or []
        except msgspec.ValidationError:
            page = _decoder(msgspec.Raw).decode(body)
            _check(page)
            items = [item for raw in page.items or () for item in _one(raw, resource, listing)]
        for item in items:
            # Items of a list leave out what the list itself says.
            msgspec.structs.force_setattr(item, "api_version", resource.api_version)
            msgspec.structs.force_setattr(item, "kind", resource.kind)
        if struct is Pod:
            items = [interner.pod(item) if isinstance(item, Pod) else item for item in items]
        return [(item, Depth.FULL) for item in items if item.name], page.metadata.continue_ if page.metadata else ""

    return whole


def _check(page: _Page[Any]) -> None:
    if page.items is None and not page.kind.endswith("List"):
        raise GarbageError("the answer is not a list")


def _one(raw: msgspec.Raw, resource: Resource, listing: Listing) -> Iterator[KubeObject]:
    value = msgspec.json.decode(raw)
    try:
        if isinstance(value, dict):
            yield from_mapping({**value, "apiVersion": resource.api_version, "kind": resource.kind})
        else:
            listing.broken.append(f"{resource.kind} that is no object")
    except DecodeError as error:
        listing.broken.append(error.reason)
