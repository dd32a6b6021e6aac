"""The planner: what is proposed, chosen, put in waves and rehearsed becomes a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from seakeep.engine.plan.accept import accepted
from seakeep.engine.plan.choose import Options, allowed, asked, enough
from seakeep.engine.plan.on_paper import NOTE
from seakeep.engine.plan.proposals import Proposal
from seakeep.engine.plan.rehearse import Stage, Trial
from seakeep.engine.plan.waves import combine, in_waves, planned
from seakeep.facts.owners.keepers import Keeper
from seakeep.model.plan import Asked, LeftOut, Plan, Planned, Verdict, Wave, identity
from seakeep.model.platform import Platform
from seakeep.model.refs import Ref
from seakeep.model.score import Score
from seakeep.model.snapshot import Snapshot

Progress = Callable[[str], None]


class Ground(Struct, frozen=True):
    """What a plan is made from."""

    snapshot: Snapshot
    platform: Platform
    hardening: Score
    proposals: Sequence[Proposal]
    asked: Sequence[Asked]
    keepers: Mapping[Ref, Keeper] = {}
    mask: str = ""  # what stands where a secret was: a value that holds it is not the real one, and is never written


def make(ground: Ground, options: Options, rehearser: Stage, progress: Progress) -> tuple[Plan, Trial]:
    """Refused changes are left out with their reason; the plan that remains was played whole, in these waves, as the trial shows."""
    snapshot = ground.snapshot
    kept, left = allowed(ground.proposals, options)
    kept, masked = _readable(kept, ground.mask)
    kept, fought = _peaceful(kept, ground.keepers)
    chosen, unneeded = enough(kept, ground.hardening, options.target)
    writes, clashes = combine(snapshot, chosen)
    by_id = {}
    for write in writes:
        keeper = ground.keepers.get(write.target)
        change = planned(snapshot, write, keeper.text if keeper is not None else "")
        by_id[change.id] = (write, change)

    def arrange(changes: Iterable[Planned]) -> tuple[Wave, ...]:
        return in_waves((by_id[change.id] for change in changes), ground.platform)

    everything = [change for wave in arrange(change for _, change in by_id.values()) for change in wave.changes]
    progress(f"Rehearsing {len(everything)} changes")
    waves, refused, trial = accepted(rehearser, everything, arrange)
    left += [*masked, *fought, *unneeded, *clashes]
    for name, reasons in refused.items():
        left += [
            LeftOut(reason.rule, by_id[name][0].target, "; ".join(reasons[:3])) for reason in by_id[name][0].reasons
        ]
    waves = _expected(waves, trial, rehearser, progress)
    progress("Draining and losing nodes, before and after")
    before, after, survival = rehearser.surviving(trial)
    verdict = Verdict(
        _verdict(trial), before, after, tuple(item.text for item in trial.refusals), trial.notes, survival
    )
    return _plan(ground, options, waves, verdict, left), trial


def _readable(proposals: Sequence[Proposal], mask: str) -> tuple[list[Proposal], list[LeftOut]]:
    kept: list[Proposal] = []
    left: list[LeftOut] = []
    for item in proposals:
        if mask and mask in msgspec.json.encode(item.change.patch).decode():
            left.append(
                LeftOut(item.rule, item.change.target, "a value of it is masked here; change it where it is kept")
            )
        else:
            kept.append(item)
    return kept, left


def _peaceful(proposals: Sequence[Proposal], keepers: Mapping[Ref, Keeper]) -> tuple[list[Proposal], list[LeftOut]]:
    """What somebody would undo at once is theirs to change."""
    kept: list[Proposal] = []
    left: list[LeftOut] = []
    for item in proposals:
        keeper = keepers.get(item.change.target)
        if keeper is not None and keeper.at_once:
            left.append(LeftOut(item.rule, item.change.target, keeper.text))
        else:
            kept.append(item)
    return kept, left


def _expected(waves: Sequence[Wave], trial: Trial, rehearser: Stage, progress: Progress) -> tuple[Wave, ...]:
    """Behind each wave the pods that were ready in the trial; and each change alone: what it does to the scores."""
    found, before = [], {name: ready for name, (ready, _) in rehearser.before.services.items()}
    effects = iter(rehearser.alone([change for wave in waves for change in wave.changes]))
    for number, wave in enumerate(waves, start=1):
        ready = trial.expected.get(str(number), {})
        moved = {name: count for name, count in ready.items() if count != before.get(name)}
        before.update(ready)
        changes = []
        for change in wave.changes:
            progress(f"Rehearsing {change.id} alone")
            known = {name: value for name, value in next(effects).scores.items() if value is not None}
            changes.append(replace(change, expected=known))
        found.append(replace(wave, changes=tuple(changes), expected=moved))
    return tuple(found)


def _verdict(trial: Trial) -> str:
    return "refused" if trial.refusals else "unrehearsed" if NOTE in trial.notes else "fine"


def _plan(ground: Ground, options: Options, waves: tuple[Wave, ...], verdict: Verdict, left: Sequence[LeftOut]) -> Plan:
    kube_system = ground.snapshot.objects.get("Namespace", {}).get(("", "kube-system"))
    cluster = kube_system.metadata.uid if kube_system is not None else ""
    return Plan(
        id=identity(cluster, waves),
        source=ground.snapshot.source,
        made_at=ground.snapshot.dated,
        cluster=cluster,
        target=options.target,
        waves=waves,
        rehearsal=verdict,
        asked=tuple(asked(ground.asked, options)),
        left_out=tuple(sorted(set(left), key=lambda item: (item.rule, item.target, item.reason))),
    )
