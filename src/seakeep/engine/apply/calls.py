"""What workloads are known to rely on: which of those calls get through, by policies, Services and ready endpoints."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping

from seakeep.facts.calls.dependencies import edges
from seakeep.facts.index import Index
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import KubeObject, Namespace, NetworkPolicy, Pod, Service
from seakeep.model.refs import Ref
from seakeep.twin.kubelet.blame import BARRED, Call
from seakeep.twin.network.answer import Answer
from seakeep.twin.network.base import Network, Sight
from seakeep.twin.network.reach import reach
from seakeep.twin.network.sources import SourceUnknownError
from seakeep.twin.state import State

Known = tuple[Ref, Call]
# Labels that tell the pods of one workload, or of one revision, apart.
_OWN = frozenset(
    {
        "apps.kubernetes.io/pod-index",
        "controller-revision-hash",
        "pod-template-hash",
        "statefulset.kubernetes.io/pod-name",
    }
)
_KINDS: tuple[type[KubeObject], ...] = (NetworkPolicy, Service, Namespace)


def known_calls(index: Index) -> Iterator[Known]:
    """What configuration says that workloads call, themselves left out."""
    for edge in edges(index):
        if edge.address.port and edge.consumer not in edge.backends:
            yield edge.consumer, (edge.address.host, edge.address.port, "TCP")


class Calls:
    """The same calls in one state after another: worked out anew where something changed that their way depends on."""

    def __init__(self, calls: Iterable[Known], sight: Sight | None = None) -> None:
        """`sight` is what the source did not show."""
        self._calls, self._sight = tuple(dict.fromkeys(calls)), sight or Sight()
        self._last: tuple[Hashable, object, Mapping[Known, Answer]] | None = None

    def barred(self, state: State) -> Mapping[Known, Answer]:
        """Those that get no answer, each with what bars it."""
        objects = {kind: tuple(state.all(kind)) for kind in _KINDS}
        key = (tuple(tuple(map(id, group)) for group in objects.values()), frozenset(_ends(state)))
        if self._last is None or self._last[0] != key:
            network = Network(state, sight=self._sight)
            found = {known: answer for known in self._calls if (answer := _bar(network, *known)) is not None}
            # The objects are kept with their ids: another could get the id of one that is gone.
            self._last = key, objects, found
        return self._last[2]

    def told(self, state: State) -> dict[str, str]:
        """Every call in words, with what bars it, or nothing."""
        barred = self.barred(state)
        return {text_of(known): answer_text(barred[known]) if known in barred else "" for known in self._calls}

    def passing(self, state: State) -> Calls:
        """Those that get through now."""
        barred = self.barred(state)
        return Calls((known for known in self._calls if known not in barred), self._sight)


def text_of(known: Known) -> str:
    workload, (host, port, _) = known
    return f"{workload} to {host}:{port}"


def answer_text(answer: Answer) -> str:
    by = f" by {answer.decides.object}" if answer.decides is not None else ""
    return f"{answer.verdict}{by}"


def _ends(state: State) -> Iterator[Hashable]:
    """What of the pods decides on calls: labels, ports, and whether any of those alike is ready."""
    for pod in state.all(Pod):
        labels = tuple(item for item in sorted(pod.labels.items()) if item[0] not in _OWN)
        ports = tuple(port.container_port for container in pod.spec.containers for port in container.ports)
        yield pod.namespace, labels, ports, pod.spec.host_network, is_ready(pod)


def _bar(network: Network, workload: Ref, call: Call) -> Answer | None:
    try:
        answer = reach(network, workload, *call)
    except SourceUnknownError:
        return None
    return answer if answer.verdict in BARRED else None
