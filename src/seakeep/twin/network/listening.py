"""Whether a pod has something that listens on a port, as far as its spec and status tell."""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.facts.workloads.podstate import is_ready, is_sidecar, statuses
from seakeep.model.objects import Container, Pod
from seakeep.twin.network.answer import Answer, Step, Verdict, stopped


def listens(pod: Pod, port: int, protocol: str) -> Answer:
    """Container ports are information only: that none is declared does not mean that nobody listens, so the answer may be unknown. A container that is declared to listen and does not run refuses."""
    serving = [*pod.spec.containers, *(item for item in pod.spec.init_containers if is_sidecar(item))]
    owner = next((item for item in serving if (port, protocol) in _declared(item)), None)
    if owner is None and protocol == "TCP" and is_ready(pod):
        owner = next((item for item in serving if port in _probed(item)), None)
    if owner is not None:
        return _of_container(pod, owner, port, protocol)
    declared = sorted({each for item in serving for each in _declared(item)})
    step = Step(pod.ref, "spec.containers[*].ports", f"pod {pod.name}, port {port}/{protocol}")
    if not declared:
        told = f"pod {pod.name}, none of whose ports are declared, listens on {port}/{protocol}"
        return Answer(Verdict.REACHABLE, step, (step,), (), (told,))
    others = ", ".join(f"{number}/{each}" for number, each in declared)
    told = f"no container of pod {pod.name} declares port {port}/{protocol} (they declare {others})"
    return stopped(Verdict.UNKNOWN, pod.ref, "spec.containers[*].ports", told)


def _of_container(pod: Pod, owner: Container, port: int, protocol: str) -> Answer:
    told = next((item for item in statuses(pod) if item.name == owner.name), None)
    field = f"status.containerStatuses[{owner.name}].state"
    if told is not None and (told.state.waiting or told.state.terminated):
        reason = (told.state.waiting or told.state.terminated).reason  # type: ignore[union-attr]
        what = f"container {owner.name} of pod {pod.name}, which listens on {port}/{protocol}, does not run: {reason}"
        return stopped(Verdict.REFUSED, pod.ref, field, what)
    what = f"container {owner.name} of pod {pod.name} listens on {port}/{protocol}"
    step = Step(pod.ref, f"spec.containers[{owner.name}].ports", what)
    return Answer(Verdict.REACHABLE, step, (step,))


def _declared(container: Container) -> Iterator[tuple[int, str]]:
    for item in container.ports:
        yield item.container_port, item.protocol


def _probed(container: Container) -> Iterator[int]:
    """Ports that a readiness probe has found open."""
    probe = container.readiness_probe
    if probe is None:
        return
    for action in (probe.http_get, probe.tcp_socket, probe.grpc):
        if action is not None and isinstance(action.port, int):
            yield action.port
