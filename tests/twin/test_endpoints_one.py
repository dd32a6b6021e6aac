"""The short way for a Service with one slice says what the whole plan says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from seakeep.model.objects import EndpointSlice, Pod, Service, ServicePort
from seakeep.model.refs import Ref
from seakeep.twin.controllers import endpoint_slice
from seakeep.twin.disruption.eviction import evict
from seakeep.twin.world import Twin
from tests.twin.builders import Object, replica_set
from tests.twin.test_endpoints import PORT, platform, service
from tests.twin.worlds import pod

NAMED = {"name": "named", "port": 81, "targetPort": "http"}


def of_pods(act: Callable[[Twin, Ref], object]) -> Callable[[Twin], None]:
    def run(twin: Twin) -> None:
        for item in list(twin.state.all(Pod)):
            act(twin, item.ref)

    return run


def reported(phase: str, ready: str) -> Callable[[Twin], None]:
    """As a kubelet would, of the first pod."""

    def run(twin: Twin) -> None:
        for item in list(twin.state.all(Pod))[:1]:
            conditions = [
                replace(each, status=ready) if each.type == "Ready" else each for each in item.status.conditions
            ]
            status = replace(item.status, phase=phase, conditions=tuple(conditions))
            twin.record(replace(item, status=status), "reported")

    return run


def ported(number: int) -> Callable[[Twin], None]:
    def run(twin: Twin) -> None:
        for item in list(twin.state.all(Service)):
            twin.update(replace(item, spec=replace(item.spec, ports=(ServicePort(name="http", port=number),))))

    return run


def picking(app: str) -> Callable[[Twin], None]:
    def run(twin: Twin) -> None:
        for item in list(twin.state.all(Service)):
            twin.update(replace(item, spec=replace(item.spec, selector={"app": app})))

    return run


def labelled(twin: Twin) -> None:
    for item in list(twin.state.all(EndpointSlice)):
        twin.update(replace(item, metadata=replace(item.metadata, labels={**item.labels, "team": "x"})))


def without_node(twin: Twin) -> None:
    """Its pods are there a while longer."""
    twin.delete(Ref("Node", "", "a"))
    reported("Running", "False")(twin)


COURSES: tuple[tuple[Callable[[Twin], None], ...], ...] = (
    (reported("Running", "False"), of_pods(evict), ported(90), reported("Failed", "False"), labelled),
    (picking("none"), picking("web"), picking("cart"), picking("web"), without_node, picking("cart"), picking("none")),
    (picking("none"), without_node, picking("cart"), reported("Running", "True"), ported(90)),
    (of_pods(lambda twin, ref: twin.delete(ref, force=True)), ported(91), without_node),
)


def course(objects: list[Object], acts: Iterable[Callable[[Twin], None]]) -> Iterator[list[EndpointSlice]]:
    """Slices after each thing that happens, with their names."""
    twin = platform(*objects)
    for act in acts:
        act(twin)
        for seconds in (1.0, 20.0, 600.0):
            twin.settle(within=seconds)
            yield list(twin.state.all(EndpointSlice))


@pytest.mark.parametrize("acts", COURSES)
@pytest.mark.parametrize("replicas", [0, 1, 3, 100])
@pytest.mark.parametrize("more", [{}, {"publishNotReadyAddresses": True}, {"clusterIP": "None"}, {"ports": []}])
def test_whatever_happens(
    replicas: int, more: dict[str, Any], acts: tuple[Callable[[Twin], None], ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    loose = [pod(f"{name}-{number}", ip=f"10.2.0.{number}") for number in range(replicas) for name in ("cart", "web")]
    objects = [service(**{"ports": [PORT, NAMED], **more}), replica_set("cart", min(replicas, 3)), *loose]
    short = list(course(objects, acts))
    assert any(short)
    monkeypatch.setattr(endpoint_slice, "_only", lambda *_: None)
    assert list(course(objects, acts)) == short
