"""A plan of manifests: there is nothing to rehearse on, so that only what is written can be judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from seakeep.engine.plan.rehearse import Trial
from seakeep.engine.plan.waves import raw_of
from seakeep.engine.play import Decode
from seakeep.model.change import Change, applied
from seakeep.model.objects import KubeObject
from seakeep.model.plan import Outcome, Planned, Wave
from seakeep.model.snapshot import Snapshot

Objects = Mapping[str, Mapping[tuple[str, str], KubeObject]]
NOTE = "not rehearsed: the source shows no nodes with what they hold"


class OnPaper:
    """Stands where a Rehearser would: changes are made to the manifests, and what comes out is judged as it is."""

    def __init__(self, snapshot: Snapshot, judge: Callable[[Objects], Outcome], decode: Decode) -> None:
        self._objects, self._judge, self._decode = snapshot.objects, judge, decode
        self.before = judge(snapshot.objects)

    def played(self, waves: Sequence[Wave]) -> Trial:
        return Trial(self._after(change for wave in waves for change in wave.changes), (), (NOTE,))

    def alone(self, changes: Sequence[Planned]) -> Iterable[Outcome]:
        return (self._after([change]) for change in changes)

    def surviving(self, trial: Trial) -> tuple[Outcome, Outcome, None]:
        return self.before, trial.outcome, None

    def _after(self, changes: Iterable[Planned]) -> Outcome:
        found = {kind: dict(group) for kind, group in self._objects.items()}
        for planned in changes:
            target = planned.target
            old = found.get(target.kind, {}).get((target.namespace, target.name))
            change = Change(target, planned.patch, planned.remove, api_version=planned.api_version)
            item = self._decode(applied(raw_of(old) if old is not None else None, change))
            found.setdefault(item.kind, {})[target.namespace, target.name] = item
        return self._judge({kind: dict(sorted(group.items())) for kind, group in found.items()})
