"""What the workloads of a namespace ask for together: now, while the largest of them is rolled out, and while a lost node's pods are made anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from seakeep.facts.admission.planned_admission import defaults_in
from seakeep.facts.autoscaling.autoscaled import autoscalers_of
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.resources.sizing import amount_text, cpu_text, rounded_cpu, rounded_memory, size_of
from seakeep.facts.scheduling.placement import amounts, requests_of
from seakeep.facts.workloads.podspecs import Judged, judged_templates
from seakeep.facts.workloads.podstate import is_finished
from seakeep.facts.workloads.rollout_steps import steps
from seakeep.model.objects import CronJob, Deployment, Job, Node, PodSpec, Workload
from seakeep.model.objects.pods import Resources
from seakeep.model.quantity import format_bytes, format_cpu
from seakeep.model.refs import Ref

COUNTED = ("cpu", "memory", "pods")
# Room for growth where a node's loss asks for less.
_HEADROOM = 0.25
Amounts = Mapping[str, int]


class Need(Struct, frozen=True):
    """Millicores, bytes and numbers. `surge` is the most that one roll-out adds, by which workload; `lost` the most that was on one node, and which."""

    now: Amounts
    surge: Amounts
    surging: Ref | None
    lost: Amounts
    node: str
    scaled: bool = False
    """Autoscalers' largest numbers of pods are counted."""

    def total(self, resource: str) -> int:
        room = max(round(self.now.get(resource, 0) * _HEADROOM), self.lost.get(resource, 0))
        return self.now.get(resource, 0) + self.surge.get(resource, 0) + room

    @property
    def text(self) -> str:
        when = ", with autoscalers at their maximum" if self.scaled else ""
        parts = [f"its workloads ask for {_shown(self.now)}{when}"]
        if self.surging:
            parts.append(f"the largest roll-out ({self.surging.name}) adds {_shown(self.surge)}")
        if self.node:
            parts.append(f"losing node {self.node} has {_shown(self.lost)} made anew")
        return f"{', '.join(parts)}; at least {_HEADROOM:.0%} stay for growth"


def _shown(found: Amounts) -> str:
    cpu, memory = format_cpu(found.get("cpu", 0)), format_bytes(found.get("memory", 0))
    pods = found.get("pods", 0)
    return f"{cpu} CPU and {memory} in {pods} pod{'' if pods == 1 else 's'}"


@once
def by_namespace(index: Index) -> Mapping[str, tuple[Judged, ...]]:
    found: dict[str, list[Judged]] = {}
    for entry in judged_templates(index):
        found.setdefault(entry.ref.namespace, []).append(entry)
    return {name: tuple(items) for name, items in sorted(found.items())}


def usual_requests(index: Index, namespace: str) -> Amounts:
    """The middle of what its containers ask for, or were measured to need: a default for those that say nothing. Without a figure where nothing tells."""
    found: dict[str, list[int]] = {}
    for entry in by_namespace(index).get(namespace, ()):
        for container in entry.spec.containers:
            size = size_of(index, entry.ref, container)
            measured = {name: amount for name, amount in (("cpu", size.cpu), ("memory", size.memory)) if amount}
            own = {**measured, **amounts(container.resources.limits), **amounts(container.resources.requests)}
            for name in ("cpu", "memory"):
                if own.get(name):
                    found.setdefault(name, []).append(own[name])
    # The middle one, the lower of two: `statistics` takes longer to import than this.
    middle = {name: sorted(items)[(len(items) - 1) // 2] for name, items in found.items()}
    rounded = {"cpu": rounded_cpu, "memory": rounded_memory}
    return {name: rounded[name](amount) for name, amount in sorted(middle.items())}


def largest_limits(index: Index, namespace: str) -> Amounts:
    """Whatever says no limit gets no less than the one that has most."""
    found: dict[str, int] = {}
    for entry in by_namespace(index).get(namespace, ()):
        for container in entry.spec.containers:
            for name, amount in amounts(container.resources.limits).items():
                found[name] = max(amount, found.get(name, 0))
    return found


def quantities(found: Amounts) -> dict[str, str]:
    return {name: cpu_text(amount) if name == "cpu" else amount_text(amount) for name, amount in found.items()}


def need_of(index: Index, namespace: str) -> Need:
    """A workload that is scaled to zero counts once: it will be wanted again. Jobs count while they run, CronJobs always, and what is scaled by itself with all the pods that it may get."""
    defaults: dict[str, str | int | float] = {**quantities(usual_requests(index, namespace))}
    defaults |= defaults_in(index, namespace)[0]
    now: dict[str, int] = {}
    surge: dict[str, int] = {}
    surging: Ref | None = None
    on: dict[str, dict[str, int]] = {}
    for entry in by_namespace(index).get(namespace, ()):
        asked = requests_of(_filled(index, entry, defaults))
        _add(now, asked, _copies(index, entry))
        for node in _nodes_of(index, entry):
            _add(on.setdefault(node, {}), asked, 1)
        item = index.snapshot.find(entry.ref)
        copies = max(entry.replicas or 1, _most(index, entry.ref))
        more = steps(item, copies)[0] if isinstance(item, Deployment) and _rolls(item) else 0
        extra = {name: asked.get(name, 0) * more for name in COUNTED}
        if any(extra[name] > surge.get(name, 0) for name in COUNTED):
            surging = entry.ref if extra["memory"] >= surge.get("memory", 0) else surging or entry.ref
            surge = {name: max(extra[name], surge.get(name, 0)) for name in COUNTED}
    running = [pod for pod in index.pods_in(namespace) if not is_finished(pod) and pod.status.phase != "Failed"]
    used: dict[str, int] = {}
    for pod in running:
        _add(used, requests_of(pod.spec), 1)
    now = {name: max(now.get(name, 0), used.get(name, 0)) for name in COUNTED}
    nodes = sum(1 for _ in index.snapshot.all(Node))
    worst = max(sorted(on), key=lambda node: on[node].get("memory", 0), default="") if nodes > 1 else ""
    lost = {name: max((part.get(name, 0) for part in on.values()), default=0) for name in COUNTED} if worst else {}
    scaled = any(_most(index, entry.ref) > (entry.replicas or 1) for entry in by_namespace(index).get(namespace, ()))
    return Need(now, surge, surging, lost, worst, scaled)


def _add(total: dict[str, int], more: Amounts, times: int) -> None:
    for name in COUNTED:
        total[name] = total.get(name, 0) + more.get(name, 0) * times


def _filled(index: Index, entry: Judged, defaults: Mapping[str, str | int | float]) -> PodSpec:
    """The spec as it will be admitted: with what was measured, or a default, where it asks for nothing."""
    containers = []
    for item in entry.spec.containers:
        size = size_of(index, entry.ref, item)
        measured = {name: amount for name, amount in (("cpu", size.cpu), ("memory", size.memory)) if amount is not None}
        own = {**defaults, **quantities(measured), **item.resources.limits, **item.resources.requests}
        containers.append(replace(item, resources=Resources(requests=own)))
    return replace(entry.spec, containers=tuple(containers))


def _copies(index: Index, entry: Judged) -> int:
    item = index.snapshot.find(entry.ref)
    if isinstance(item, Job):
        return item.spec.parallelism or 1
    if isinstance(item, CronJob):
        return item.spec.job_template.spec.parallelism or 1
    if entry.ref.kind == "DaemonSet":
        wished = item.status.desired_number_scheduled if isinstance(item, Workload) else 0
        return wished or sum(1 for _ in index.snapshot.all(Node)) or 1
    own = entry.replicas if entry.replicas is not None else len(_pods(index, entry))
    return max(own, _most(index, entry.ref), 1)


def _most(index: Index, workload: Ref) -> int:
    """The most that its autoscalers may make of it; 0 where it has none."""
    return max((hpa.spec.max_replicas for hpa in autoscalers_of(index).get(workload, ())), default=0)


def _pods(index: Index, entry: Judged) -> Sequence[object]:
    return index.pods_by_workload.get(entry.ref, ())


def _nodes_of(index: Index, entry: Judged) -> Iterator[str]:
    """A lost node's daemons are not made anew elsewhere."""
    if entry.ref.kind == "DaemonSet" or not entry.lasting:
        return
    for pod in index.pods_by_workload.get(entry.ref, ()):
        if pod.spec.node_name and not is_finished(pod):
            yield pod.spec.node_name


def _rolls(item: Deployment) -> bool:
    return item.spec.strategy is None or item.spec.strategy.type != "Recreate"
