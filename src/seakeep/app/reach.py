"""Whether one end of a platform reaches another, on the twin's network."""

from __future__ import annotations

from seakeep.facts.kind_names import kind_of
from seakeep.model.objects import Node
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Snapshot
from seakeep.render.rehearsal.reachability import Reachability, reachability
from seakeep.twin.network.answer import Verdict
from seakeep.twin.network.base import Network, Sight
from seakeep.twin.network.faults import Faults
from seakeep.twin.network.reach import reach
from seakeep.twin.state import State

_PROTOCOLS = frozenset({"TCP", "UDP", "SCTP"})
_KINDS = frozenset(
    {"Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob", "Node"}
)

_SHOWN = 8


class AddressError(ValueError):
    """An end cannot be understood; the message says how it is written."""


def ask(snapshot: Snapshot, source: str, target: str, faults: Faults) -> Reachability:
    """`source` is `Kind/namespace/name` or `Node/name`; `target` HOST:PORT or HOST:PORT/PROTOCOL. Raises AddressError, SourceUnknownError."""
    ref, (host, port, protocol) = source_of(source), target_of(target)
    _check_nodes(snapshot, faults)
    state = State(snapshot.objects)
    network = Network(state, faults.with_seen(state), Sight.of(snapshot))
    return reachability(ref, host, port, protocol, reach(network, ref, host, port, protocol))


def _check_nodes(snapshot: Snapshot, faults: Faults) -> None:
    """A slip in a name would leave out the fault that is asked about."""
    known = sorted(node.metadata.name for node in snapshot.all(Node))
    named = {*faults.lost, *faults.no_proxy, *faults.no_cni, *(name for each in faults.pairs for name in each)}
    for name in sorted(named.difference(known)) if known else ():
        more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
        raise AddressError(f"{snapshot.source} has no node {name!r}; it has {', '.join(known[:_SHOWN])}{more}")


def exit_code(verdict: str) -> int:
    """As findings have them: 11 warning, 12 error; 3 for an observation with holes."""
    return {Verdict.REACHABLE: 0, Verdict.PARTLY: 11, Verdict.UNKNOWN: 3}.get(Verdict(verdict), 12)


def source_of(text: str) -> Ref:
    """Raises AddressError, which says how it is written."""
    kind, _, rest = text.partition("/")
    known = kind_of(kind)
    namespace, _, name = rest.rpartition("/")
    if known not in _KINDS or not name or "/" in namespace or bool(namespace) == (known == "Node"):
        raise AddressError(
            f"{text!r}: write Pod/namespace/name, Deployment/namespace/name (or another workload), or Node/name"
        )
    return Ref(known, namespace, name)


def target_of(text: str) -> tuple[str, int, str]:
    """An IPv6 address stands in brackets."""
    rest, protocol = text, "TCP"
    if (found := text.rpartition("/"))[2].upper() in _PROTOCOLS:
        rest, protocol = found[0], found[2].upper()
    host, _, port = rest.rpartition(":")
    if not host or not port.isdecimal() or not port.isascii() or not 0 < int(port) < 65536:
        raise AddressError(f"{text!r}: write HOST:PORT, or HOST:PORT/UDP")
    return host.removeprefix("[").removesuffix("]"), int(port), protocol


def pair(text: str) -> tuple[str, str]:
    first, _, second = text.partition(",")
    if not first or not second or "," in second:
        raise AddressError(f"{text!r}: write two nodes, NODE,NODE")
    return first, second
