"""`kubectl drain` and `uncordon`: the evictions of one drain count together, and what will never go is told without waiting for it. Source: kubectl pkg/drain, pkg/cmd/drain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import ceil

from msgspec import Struct
from msgspec.structs import replace

from seakeep.facts.disruption.disruption import rule_text
from seakeep.model.objects import Node, Pod, PodDisruptionBudget
from seakeep.model.refs import Ref
from seakeep.twin.admission.rejected import RejectedError
from seakeep.twin.disruption.drain_filters import DrainOptions, Filtered, filtered, grouped, overdue
from seakeep.twin.disruption.eviction import budget_of, evict
from seakeep.twin.labels import compile_selector
from seakeep.twin.world import Twin

# Seconds: EvictErrorRetryDelay, and how often kubectl asks whether a pod is gone.
_RETRY = 5
_POLL = 1


class DrainedPod(Struct):
    """What became of one pod.

    `outcome`: evicted, deleted, waiting (asked to end, and still there), refused (by `budget`, whose arithmetic is in `reason`), failed (refused for good), ignored (left where it is)
    or unmanaged (a filter stopped the drain because of it). `seconds` after the start it was gone; `tries` counts requests; `for_ever`: nothing that is under way will change it.
    """

    ref: Ref
    outcome: str
    reason: str = ""
    budget: Ref | None = None
    seconds: float | None = None
    tries: int = 0
    for_ever: bool = False


@dataclass(slots=True)
class Drain:
    """`out` and `err` are what kubectl prints; lines that it repeats every five seconds while nothing changes are there once."""

    node: str
    drained: bool = False
    seconds: float = 0.0
    pods: list[DrainedPod] = field(default_factory=list)
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    error: str = ""

    @property
    def for_ever(self) -> bool:
        return any(item.for_ever for item in self.pods)


def cordon(twin: Twin, name: str) -> str:
    """What kubectl prints. Raises RejectedError."""
    return _mark(twin, name, unschedulable=True)


def uncordon(twin: Twin, name: str) -> str:
    """What kubectl prints. Raises RejectedError."""
    return _mark(twin, name, unschedulable=False)


def _mark(twin: Twin, name: str, *, unschedulable: bool) -> str:
    node = twin.state.get(Node, "", name)
    if node is None:
        raise RejectedError(404, f'nodes "{name}" not found')
    word = "cordoned" if unschedulable else "uncordoned"
    if node.spec.unschedulable == unschedulable:
        return f"node/{name} already {word}"
    twin.update(replace(node, spec=replace(node.spec, unschedulable=unschedulable)), f"kubectl: {word}")
    return f"node/{name} {word}"


def drain(twin: Twin, name: str, options: DrainOptions | None = None) -> Drain:
    """Advances the twin's clock as long as kubectl would run. Raises RejectedError for a node that is not there."""
    return _Run(twin, name, options or DrainOptions()).run()


class _Run:
    def __init__(self, twin: Twin, name: str, options: DrainOptions) -> None:
        self.twin, self.options = twin, options
        self.result = Drain(name)
        self.start = twin.now
        self.open: dict[Ref, DrainedPod] = {}  # to be asked, at first or again
        self.waiting: dict[Ref, tuple[DrainedPod, str]] = {}  # asked to end, with the uid
        self.errors: list[str] = []
        self.asked = -1  # the state's version when it asked last
        self.verb = "deleted" if options.disable_eviction else "evicted"

    @property
    def elapsed(self) -> float:
        return (self.twin.now - self.start).total_seconds()

    def run(self) -> Drain:
        result, name = self.result, self.result.node
        result.out.append(cordon(self.twin, name))
        self.twin.settle(within=0)
        found = self._filter()
        for item in found:
            if not item.delete:
                outcome = "unmanaged" if item.kind == "Error" else "ignored"
                result.pods.append(DrainedPod(item.pod.ref, outcome, item.message))
        stops = [f"cannot delete {text}" for text in grouped(found, "Error")]
        if stops:
            return self._unable(stops)
        warnings = grouped(found, "Warning")
        if warnings:
            result.err.append(f"Warning: {'; '.join(warnings)}")
        for item in found:
            if item.delete:
                self.open[item.pod.ref] = DrainedPod(item.pod.ref, "refused")
        result.pods.extend(self.open.values())
        result.pods.sort(key=lambda item: item.ref)
        self._loop()
        result.seconds = self.elapsed
        if self.errors:
            left = [item for item in self._filter() if item.delete]
            if left:
                result.err.append(
                    f'There are pending pods in node "{name}" when an error occurred: {_joined(self.errors)}'
                )
                result.err.extend(f"pod/{item.pod.name}" for item in left)
            return self._unable(self.errors)
        if not self.open and not self.waiting:
            result.drained = True
            result.out.append(f"node/{name} drained")
        return result

    def _filter(self) -> list[Filtered]:
        selector = compile_selector(self.options.pod_selector) if self.options.pod_selector is not None else None
        return [
            filtered(self.twin.state, pod, self.options, self.twin.now)
            for pod in self.twin.state.pods_on(self.result.node)
            if selector is None or selector.matches(pod.labels)
        ]

    def _unable(self, errors: Iterable[str]) -> Drain:
        result = self.result
        result.error = _joined(errors)
        result.err.append(
            f'error: unable to drain node "{result.node}" due to error: {result.error}, continuing command...'
        )
        result.err.extend(("There are pending nodes to be drained:", f" {result.node}", f"error: {result.error}"))
        return result

    # Over time

    def _loop(self) -> None:
        retry, progress = 0.0, 0.0
        while True:
            now, before = self.elapsed, (len(self.open), len(self.waiting))
            if self.open and now >= retry:
                for item in list(self.open.values()):
                    self._ask(item)
                self.asked = self.twin.state.version
                self.twin.settle(within=0)
                retry = now + _RETRY
            self._look()
            if not self.open and not self.waiting:
                return
            if self.options.timeout and now >= self.options.timeout:
                self._give_up()
                return
            if before != (len(self.open), len(self.waiting)):
                progress = now
            moment = self._next(now, retry)
            if moment is None or now - progress > self.options.patience:
                self._stuck(for_ever=moment is None)
                if not self.options.timeout:
                    return
                moment = self.options.timeout
            if self.open:
                skipped = max(ceil((moment - retry) / _RETRY), 0)
                retry += skipped * _RETRY
                for item in self.open.values():
                    item.tries += skipped
            self.twin.settle(within=moment - now)

    def _next(self, now: float, retry: float) -> float | None:
        """When to look again: nothing changes before something is due, and kubectl looks at whole seconds only. None: never."""
        due = self.twin.due
        if not self.waiting and all(item.for_ever for item in self.open.values()):
            return None
        moments = []
        if self.open and self.twin.state.version != self.asked:
            moments.append(retry)  # what has changed since it asked may let it through
        if due is not None:
            change = now + due
            if self.waiting:
                moments.append(max(now + _POLL, now + ceil((change - now) / _POLL) * _POLL))
            if self.open:
                moments.append(retry + max(ceil((change - retry) / _RETRY), 0) * _RETRY)
        if not moments:
            return None
        moment = min(moments)
        return min(moment, self.options.timeout) if self.options.timeout else moment

    def _ask(self, item: DrainedPod) -> None:
        pod = self.twin.state.get(Pod, item.ref.namespace, item.ref.name)
        if pod is None:
            self._done(
                item, told=self.options.disable_eviction
            )  # of an eviction that finds no pod, kubectl says nothing
            del self.open[item.ref]
            return
        grace = self.options.grace_period if self.options.grace_period >= 0 else None
        item.tries += 1
        if self.options.disable_eviction:
            self.twin.delete(item.ref, "kubectl drain --disable-eviction", grace=grace)
        else:
            self.result.out.append(f"evicting pod {pod.namespace}/{pod.name}")
            try:
                evict(self.twin, item.ref, grace=grace)
            except RejectedError as error:
                self._refused(item, pod, error)
                return
        del self.open[item.ref]
        item.outcome, item.reason, item.budget, item.for_ever = "waiting", "", None, False
        self.waiting[item.ref] = (item, pod.metadata.uid)

    def _refused(self, item: DrainedPod, pod: Pod, error: RejectedError) -> None:
        what = f'error when evicting pods/"{pod.name}" -n "{pod.namespace}"'
        item.reason = error.message
        if error.code == 429:
            self.result.err.append(f"{what} (will retry after {_RETRY}s): {error.message}")
            pdb = budget_of(self.twin.state, pod)
            if pdb is not None:
                item.budget, item.reason = pdb.ref, arithmetic(pdb, error)
                item.for_ever = never_allows(pdb)
            return
        self.errors.append(f"{what}: {error.message}")
        item.outcome, item.for_ever = "failed", True
        del self.open[item.ref]

    def _look(self) -> None:
        for ref, (item, uid) in list(self.waiting.items()):
            pod = self.twin.state.get(Pod, ref.namespace, ref.name)
            if pod is None or pod.metadata.uid != uid:
                self._done(item)
                del self.waiting[ref]
            elif overdue(pod, self.options, self.twin.now):
                seconds = self.options.skip_wait_for_delete_timeout
                item.outcome = "ignored"
                item.reason = f'pod "{ref.name}" has DeletionTimestamp older than {seconds} seconds, skipping'
                self.result.out.append(item.reason)
                del self.waiting[ref]

    def _done(self, item: DrainedPod, *, told: bool = True) -> None:
        item.outcome, item.seconds, item.reason, item.budget, item.for_ever = self.verb, self.elapsed, "", None, False
        if told:
            self.result.out.append(f"pod/{item.ref.name} {self.verb}")

    def _stuck(self, *, for_ever: bool) -> None:
        for item in (*self.open.values(), *(each for each, _ in self.waiting.values())):
            item.for_ever = item.for_ever or for_ever
            if item.outcome == "waiting":
                item.reason = "asked to end, and no kubelet ends it" if for_ever else "asked to end, and still there"

    def _give_up(self) -> None:
        limit = duration(self.options.timeout)
        for item in self.open.values():
            namespace, name = item.ref.namespace, item.ref.name
            self.result.out.append(f"evicting pod {namespace}/{name}")
            self.errors.append(f'error when evicting pods/"{name}" -n "{namespace}": global timeout reached: {limit}')
        if self.options.disable_eviction and self.waiting:
            self.errors.append("context deadline exceeded")  # deletions are waited for together
            return
        for item, _ in self.waiting.values():
            namespace, name = item.ref.namespace, item.ref.name
            self.errors.append(
                f'error when waiting for pod "{name}" in namespace "{namespace}" to terminate: context deadline exceeded'
            )


def never_allows(pdb: PodDisruptionBudget) -> bool:
    """All the pods that are expected are healthy and none may go: no time changes that, only a change of the budget or of the number of pods."""
    status = pdb.status
    return 0 < status.expected_pods <= min(status.desired_healthy, status.current_healthy)


def arithmetic(pdb: PodDisruptionBudget, error: RejectedError) -> str:
    """The refusal with its figures: `… needs 3 healthy pods and has 3 currently (maxUnavailable 0 of 3 expected pods: 0 disruptions allowed)`."""
    status = pdb.status
    return (
        f"{'; '.join(error.causes)} ({rule_text(pdb)} of {status.expected_pods} expected pods: "
        f"{status.current_healthy} healthy, {status.desired_healthy} demanded, "
        f"{status.disruptions_allowed} disruptions allowed)"
    )


def _joined(errors: Iterable[str]) -> str:
    """As apimachinery's aggregates print: each text once."""
    texts = list(dict.fromkeys(errors))
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def duration(seconds: float) -> str:
    """As Go prints it: `1h2m3s`, `1m30s`, `30s`."""
    hours, rest = divmod(round(seconds, 3), 3600)
    minutes, left = divmod(rest, 60)
    parts = f"{int(hours)}h{int(minutes)}m" if hours else f"{int(minutes)}m" if minutes else ""
    return f"{parts}{left:g}s"
