"""One run of a plan. A caller carries the commands out, hands the events back, and asks for the next commands until there are none.

Like etcd's raft and mitmproxy's layers it does nothing itself: no clock, no network, no file, no randomness. What it knows after a crash is what the journal's entries say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.engine.apply.context import Broken, Context, Ended, Steps
from seakeep.engine.apply.gate import before, gate, last_scores, look
from seakeep.engine.apply.ledger import Ledger
from seakeep.engine.apply.options import Options
from seakeep.engine.apply.preparing import prepare
from seakeep.engine.apply.sending import send
from seakeep.engine.apply.undoing import undo_all
from seakeep.model.commands import Acquire, Answered, Ask, Command, Event, Failed, Release
from seakeep.model.plan import Plan, Wave
from seakeep.model.run import ENDS, Entry, RunState


class Machine:
    """`entries` are the journal's of this run: none for a new one. `undo` takes a run back instead of forward, for this reason."""

    def __init__(
        self, plan: Plan, run: str, entries: Iterable[Entry] = (), options: Options | None = None, undo: str = ""
    ) -> None:
        self._context = Context(plan, run, Ledger.of(entries), options or Options())
        self._undo = undo
        self._steps = self._whole()
        self._over = False

    @property
    def state(self) -> RunState:
        return self._context.ledger.state

    @property
    def message(self) -> str:
        return self._context.ledger.message

    @property
    def ledger(self) -> Ledger:
        return self._context.ledger

    def start(self) -> tuple[Command, ...]:
        return self._advance(None)

    def step(self, events: Sequence[Event]) -> tuple[Command, ...]:
        """The next commands; none where the run has ended."""
        return self._advance(tuple(events))

    def _advance(self, events: tuple[Event, ...] | None) -> tuple[Command, ...]:
        if self._over:
            return ()
        try:
            return next(self._steps) if events is None else self._steps.send(events)
        except StopIteration:
            self._over = True
            return ()

    def _whole(self) -> Steps[None]:
        try:
            yield from self._lease()
            yield from self._forward_or_back()
        except Ended as end:
            # First: who is killed in between goes on from here, and what has ended keeps nobody waiting.
            yield from self._release()
            yield from self._end(end)
        yield from self._release()

    def _release(self) -> Steps[None]:
        if self._context.holds_lease:
            self._context.holds_lease = False
            yield (Release(),)

    def _end(self, end: Ended) -> Steps[None]:
        context = self._context
        try:
            if context.journal_works:
                yield from self._begin()
                yield from context.enter(end.state, end.message, **end.data)
        except Ended:
            pass  # the journal has just failed: the run is found as it stood before
        # Known here, also where it could not be written down.
        context.ledger.state, context.ledger.message = end.state, end.message

    def _lease(self) -> Steps[None]:
        (event,) = yield from self._context.reliably([Acquire()])
        if isinstance(event, Failed):
            state = RunState.STOPPED if self._context.ledger.begun else RunState.REFUSED
            raise Ended(state, event.message)
        self._context.holds_lease = True

    def _forward_or_back(self) -> Steps[None]:
        context, ledger = self._context, self._context.ledger
        if self._undo:
            yield from undo_all(context, self._undo)
        if ledger.state in ENDS:
            return
        if ledger.back is not None:
            yield from undo_all(context, ledger.back)
        yield from self._begin()
        try:
            yield from self._waves()
        except Broken as failure:
            yield from self._broken(str(failure))

    def _begin(self) -> Steps[None]:
        context, told = self._context, dict(self._context.options.told)
        if not context.ledger.begun:
            yield from context.record(Entry("begun", data={"plan": context.plan.id, **told}))
        elif told and told != context.ledger.told:
            yield from context.record(Entry("resumed", data=told))

    def _broken(self, reason: str) -> Steps[None]:
        if self._context.options.rollback_on_failure:
            yield from undo_all(self._context, reason)
        raise Ended(RunState.FAILED, reason)

    def _waves(self) -> Steps[None]:
        context, ledger = self._context, self._context.ledger
        if ledger.checked is None:
            yield from context.enter(RunState.PREPARING)
            yield from prepare(context)
        yield from context.enter(RunState.RUNNING)
        waves = context.plan.waves
        for number, wave in enumerate(waves, start=1):
            if not ledger.passed(str(number)):
                yield from self._wave(wave, str(number))
                if number < len(waves) and context.options.pause_after in {wave.name, str(number)}:
                    raise Ended(RunState.PAUSED, f"after wave {number} ({wave.name}), as asked")
        scores = yield from last_scores(context)
        raise Ended(RunState.DONE, "", scores=dict(scores))

    def _wave(self, wave: Wave, number: str) -> Steps[None]:
        context, ledger = self._context, self._context.ledger
        if context.options.approve and number not in ledger.approved:
            yield from self._approval(wave, number)
        if number not in ledger.waves:
            seen = yield from look(context, wave)
            yield from context.record(Entry("wave", wave=number, state="started", data={"before": before(seen)}))
        yield from send(context, wave.changes, number)
        known = ledger.waves[number].data.get("before", {})
        try:
            scored = yield from gate(context, wave, known)
        except Broken as failure:
            yield from context.record(Entry("wave", wave=number, state="failed", message=str(failure), data={"objects": failure.objects}))  # fmt: skip
            raise
        ready = {service: counts[0] for service, counts in scored.services.items()}
        yield from context.record(
            Entry("wave", wave=number, state="passed", data={"scores": dict(scored.scores), "ready": ready})
        )

    def _approval(self, wave: Wave, number: str) -> Steps[None]:
        (answer,) = yield (Ask(f"{number} ({wave.name})", wave.changes),)
        if not (isinstance(answer, Answered) and answer.yes):
            raise Ended(RunState.PAUSED, f"wave {number} ({wave.name}) waits for approval")
        yield from self._context.record(Entry("approved", wave=number))
