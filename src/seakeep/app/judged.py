"""Scores and services of a platform as a twin, or a new observation, shows it: always by the same rules and the same intent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from msgspec.structs import replace

from seakeep.catalog.loader import hardenings, services
from seakeep.engine.apply.looking import Judge
from seakeep.engine.evaluate import evaluate
from seakeep.engine.needs import needs
from seakeep.engine.plan.limits import Standing
from seakeep.engine.plan.on_paper import Objects
from seakeep.engine.plan.rejudging import Rejudging, outcome_of
from seakeep.engine.platform import infer, part_of
from seakeep.engine.recognise import Recogniser
from seakeep.engine.score import score
from seakeep.engine.traits import Recognising
from seakeep.engine.watch import board
from seakeep.facts.index import Index
from seakeep.model.plan import Outcome
from seakeep.model.platform import Intent, Platform
from seakeep.model.snapshot import Snapshot
from seakeep.twin.observed import Observed


@dataclass(frozen=True, slots=True)
class Judged:
    """`snapshot` says what was not seen; only its objects are replaced."""

    snapshot: Snapshot
    intent: Intent
    today: date

    def objects(self, objects: Objects, now: datetime | None, *, hardening: bool = True) -> Outcome:
        return self.seen(replace(self.snapshot, objects=objects, taken_at=now), hardening=hardening)

    def twin(self, twin: Observed, *, hardening: bool = True) -> Outcome:
        return self.objects(twin.steady(), twin.now, hardening=hardening)

    def changes_of(self, base: Observed) -> Judge:
        """As `twin`, quicker: what a change of the base cannot matter to is not judged anew."""
        start = replace(self.snapshot, objects=base.steady(), taken_at=base.now)
        known = Rejudging(
            start,
            hardenings(),
            self._platform,
            lambda index, ref: part_of(index, _recogniser(), self.intent, ref),
            Recognising(_recogniser()),
        )

        def judge(twin: Observed, *, hardening: bool = True) -> Outcome:
            return known.outcome(twin.steady(), twin.now) if hardening else self.twin(twin, hardening=False)

        return judge

    def seen(self, snapshot: Snapshot, *, hardening: bool = True) -> Outcome:
        index = Index(snapshot, Recognising(_recogniser()))
        platform = self._platform(index)
        values = score(index, platform, evaluate(index, hardenings()) if hardening else ())
        known = (values.health, values.running, *((values.hardening,) if hardening else ()))
        return outcome_of(platform, {item.id: item.value for item in known})

    def survey(self, twin: Observed) -> Standing:
        """What each service needs, and what it has, in this twin."""
        snapshot = replace(self.snapshot, objects=twin.steady(), taken_at=twin.now)
        index = Index(snapshot, Recognising(_recogniser()))
        platform = self._platform(index)
        return Standing(index, platform, board(twin, index, needs(snapshot, platform, services())))

    def _platform(self, index: Index) -> Platform:
        """Who relies on whom plays no part in any score."""
        return infer(index, _recogniser(), self.intent, (), today=self.today)


@cache
def _recogniser() -> Recogniser:
    """One remembers names and images: a rehearsal asks of the same ones hundreds of times."""
    return Recogniser(services())
