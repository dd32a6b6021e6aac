"""A DaemonSet's rolling update. Source: pkg/controller/daemon/update.go (`rollingUpdate`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from seakeep.model.objects import DaemonSet, Pod
from seakeep.twin.actions import Action, Create, Delete
from seakeep.twin.controller import View
from seakeep.twin.controllers import daemon_pods
from seakeep.twin.controllers.pods import is_available, is_terminating


class Rollout:
    """Nodes are gone through by name; kube-controller-manager takes them in no fixed order."""

    def __init__(
        self,
        view: View,
        item: DaemonSet,
        by_node: Mapping[str, Sequence[Pod]],
        fits: Mapping[str, tuple[bool, bool]],
        suffix: str,
    ) -> None:
        self.view, self.item, self.by_node, self.fits, self.hash = view, item, by_node, fits, suffix
        wanted = {name for name, (should, _) in fits.items() if should}
        self.nodes = sorted(wanted | by_node.keys())
        self.most = daemon_pods.surge(item, len(wanted))
        self.away = daemon_pods.unavailable(item, len(wanted))
        self.wanted = len(wanted)
        if wanted and not self.away and not self.most:
            self.away = 1

    def run(self, new_pod: Callable[[str], Pod]) -> Iterator[Action]:
        yield from self._surging(new_pod) if self.most else self._deleting()

    def _available(self, pod: Pod) -> bool:
        return is_available(self.view.now, pod, self.item.spec.min_ready_seconds)

    def _on(self, node: str) -> tuple[Pod | None, Pod | None] | None:
        """(new, old); None where there are several of one sort."""
        found = [pod for pod in self.by_node.get(node, ()) if not is_terminating(pod)]
        new = [pod for pod in found if daemon_pods.is_updated(self.item, pod, self.hash)]
        old = [pod for pod in found if not daemon_pods.is_updated(self.item, pod, self.hash)]
        if len(new) > 1 or len(old) > 1:
            return None
        return (new[0] if new else None, old[0] if old else None)

    def _deleting(self) -> Iterator[Action]:
        missing, replaced, candidates = 0, [], []
        for node in self.nodes:
            both = self._on(node)
            if both is None or (both[0] is None) == (both[1] is None):
                missing += 1
            elif both[0] is not None:
                missing += not self._available(both[0])
            elif both[1] is not None and not self._available(both[1]):
                replaced.append(both[1])
                missing += 1
            elif both[1] is not None:
                candidates.append(both[1])
        room = max(self.away - missing, 0)
        for pod in (*replaced, *candidates[:room]):
            yield Delete(pod.ref, "daemonset: rolling update")

    def _surging(self, new_pod: Callable[[str], Pod]) -> Iterator[Action]:
        surged, available = 0, 0
        deleted: list[Pod] = []
        unfit: list[Pod] = []
        allowed: list[str] = []
        candidates: list[str] = []
        for node in self.nodes:
            both = self._on(node)
            if both is None:
                surged += 1
                continue
            new, old = both
            first = old or new
            available += first is not None and self._available(first)
            if old is None:
                continue
            should = self.fits.get(node, (False, False))[0]
            if new is not None:
                if self._available(new):
                    deleted.append(old)
                else:
                    surged += 1
            elif not self._available(old):
                if should:
                    allowed.append(node)
                else:
                    deleted.append(old)
            elif not should:
                unfit.append(old)
            else:
                candidates.append(node)
        deleted.extend(unfit[: max(available - self.wanted, 0)])
        for pod in deleted:
            yield Delete(pod.ref, "daemonset: rolling update, the new pod is there")
        for node in (*allowed, *candidates[: max(self.most - surged, 0)]):
            yield Create(new_pod(node), f"daemonset: rolling update, surge on {node}")
