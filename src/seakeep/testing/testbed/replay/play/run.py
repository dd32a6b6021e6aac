"""What is done for each verb, and how long one waits for it."""

from __future__ import annotations

import time

from seakeep.app.real_engine import Seen
from seakeep.engine.play import ref_of
from seakeep.model.comparison import LeftOut
from seakeep.model.refs import Ref
from seakeep.model.scenario import Step
from seakeep.testing.testbed import build
from seakeep.testing.testbed.replay.plane import Plane
from seakeep.testing.testbed.replay.play import drains, machines, objects
from seakeep.testing.testbed.replay.play.desk import Desk, address

# Nothing has changed for so long: all that KWOK does takes less than a second, and kubectl asks again after five.
_QUIET = 6.0
_MORE = 120.0
# Steps whose effect comes with time alone.
_TIMED = frozenset({"lose", "return", "taint", "wait"})
_TO_NODES = {
    "lose": machines.lose,
    "return": machines.bring_back,
    "cordon": machines.cordon,
    "uncordon": machines.uncordon,
}


class Run:
    """One restored control plane."""

    def __init__(self, plane: Plane, left_out: tuple[LeftOut, ...]) -> None:
        self.left_out = left_out
        self.name = f"Kubernetes {build.KUBERNETES} with KWOK {build.KWOK}"
        self._desk = Desk(plane)

    def look(self) -> Seen:
        return self._seen(time.monotonic(), 0.0, _MORE)

    def play(self, step: Step, seconds: float) -> Seen:
        started = time.monotonic()
        self._desk.refusals = []
        self._do(step)
        # Pods leave a lost node only after a while, whatever is done meanwhile.
        least = seconds if step.verb in _TIMED or self._desk.lost else 0.0
        return self._seen(started, least - (time.monotonic() - started), least + _MORE)

    def _seen(self, started: float, least: float, most: float) -> Seen:
        plane = self._desk.plane
        settled = plane.settle(_QUIET + self._desk.longest_wait(), least, most)
        return Seen(plane.watched(), tuple(self._desk.refusals), settled, time.monotonic() - started)

    def _do(self, step: Step) -> None:
        desk = self._desk
        match step.verb:
            case "drain":
                for name in step.targets:
                    drains.drain(desk, name, step)
            case "upgrade":
                drains.upgrade(desk, step)
            case "lose" | "return" | "cordon" | "uncordon":
                for name in machines.chosen(desk, step):
                    desk.ask(Ref("Node", "", name), _TO_NODES[step.verb], desk, name)
            case "taint":
                for name in step.targets:
                    desk.ask(Ref("Node", "", name), machines.taint, desk, name, step.options)
            case "apply":
                for raw in step.objects:
                    objects.apply(desk, raw)
            case "delete":
                for ref in map(ref_of, step.targets):
                    desk.ask(ref, desk.api.delete, *address(ref))
            case "scale":
                body = {"spec": {"replicas": int(step.options.get("replicas", 0))}}
                for ref in map(ref_of, step.targets):
                    desk.ask(ref, desk.merge, ref, body, "scale")
            case "restart":
                for ref in (*map(ref_of, step.targets), *objects.workloads(desk, step)):
                    desk.ask(ref, objects.restart, desk, ref)
            case "evict":
                for text in step.targets:
                    objects.evict(desk, text)
            case "patch":
                ref = ref_of(step.targets[0])
                desk.ask(ref, desk.merge, ref, step.options["patch"])
