"""What nodes and containers use now, where metrics-server (or another metrics.k8s.io) is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from seakeep.adapters.kube.transport import StatusError, Transport
from seakeep.model.quantity import QuantityError, milli, value
from seakeep.model.snapshot import Unread, Usage

GROUP = "metrics.k8s.io"
_BASE = f"/apis/{GROUP}/v1beta1"


class _Part(msgspec.Struct):
    name: str = ""
    usage: dict[str, str] = {}


class _Metadata(msgspec.Struct, frozen=True):
    name: str = ""
    namespace: str = ""


class _Item(msgspec.Struct):
    metadata: _Metadata = _Metadata()
    usage: dict[str, str] = {}
    containers: tuple[_Part, ...] | None = None


class _Items(msgspec.Struct):
    items: tuple[_Item, ...] | None = None


_DECODER = msgspec.json.Decoder(_Items, strict=False)


def read_usage(transport: Transport, namespaces: Sequence[str]) -> tuple[list[Usage], list[Unread]]:
    """Of all nodes, and of the pods in these namespaces (all, where none is named)."""
    usage: list[Usage] = []
    unread: list[Unread] = []
    places = [("NodeMetrics", "", f"{_BASE}/nodes")]
    if namespaces:
        places += [("PodMetrics", each, f"{_BASE}/namespaces/{each}/pods") for each in namespaces]
    else:
        places.append(("PodMetrics", "", f"{_BASE}/pods"))
    for kind, namespace, path in places:
        try:
            items = _DECODER.decode(transport.get(path)).items or ()
        except StatusError as error:
            unread.append(Unread(kind, namespace, error.reason))
        except msgspec.DecodeError:
            unread.append(Unread(kind, namespace, "the answer is not valid JSON"))
        else:
            usage += [used for item in items for used in _usages(item)]
    return usage, unread


def _usages(item: _Item) -> Iterator[Usage]:
    parts = item.containers if item.containers is not None else (_Part("", item.usage),)
    for part in parts:
        try:
            cpu, memory = milli(part.usage["cpu"]), value(part.usage["memory"])
        except (QuantityError, KeyError):
            continue
        yield Usage(item.metadata.namespace, item.metadata.name, part.name, cpu, memory)
