"""The machine's commands on a cluster, and its dry run, which writes nothing."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from msgspec.structs import replace

from seakeep.adapters.kube.lease import Lease
from seakeep.adapters.kube.resources import Resources
from seakeep.adapters.kube.rights import lacking, needs
from seakeep.adapters.kube.sender import Sender
from seakeep.adapters.kube.unready import unready
from seakeep.adapters.kube.write import Writer, decoded
from seakeep.facts.digest import digest
from seakeep.facts.workloads.kstatus import binds_at_first_use, health
from seakeep.model.commands import (
    Absent,
    Acquire,
    Answered,
    Ask,
    Command,
    Condition,
    Event,
    Failed,
    Found,
    Health,
    Observe,
    Observed,
    Ok,
    Preflight,
    Read,
    Release,
    Renew,
    Score,
    Scored,
    Wait,
    Why,
    Write,
)
from seakeep.model.fields import value_at
from seakeep.model.objects import KubeObject, PersistentVolumeClaim, StorageClass
from seakeep.model.refs import Ref

Scores = Callable[[Score], Scored]
Approve = Callable[[Ask], bool | None]

# At one object, before the wave is looked at again as a whole.
_LOOKS = 3


class ClusterDriver:
    """Safe to use from several threads. `jitter` gives a number from 0 to 1."""

    def __init__(
        self,
        sender: Sender,
        lease: Lease,
        *,
        scores: Scores = lambda _: Scored(),
        approve: Approve = lambda _: None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._sender, self._lease, self._scores = sender, lease, scores
        self._approve, self._jitter = approve, jitter
        self._resources = Resources(sender)
        self._writer = Writer(sender, self._resources)

    def carry_out(self, command: Command) -> Event:
        match command:
            case Acquire():
                return self._lease.acquire()
            case Renew():
                return self._lease.renew()
            case Release():
                return self._lease.release()
            case Preflight():
                return lacking(self._sender, needs(command.changes, self._resources))
            case Read():
                return self._read(command.target, command.api_version)
            case Write():
                return self._writer.write(command)
            case Observe():
                return self._observe(command)
            case Score():
                return self._scores(command)
            case Wait():
                time.sleep(command.seconds * (1 + 0.25 * self._jitter()))
                return Ok()
            case Ask():
                return Answered(self._approve(command))
            case _:
                raise TypeError(type(command).__name__)

    def _read(self, ref: Ref, api_version: str) -> Event:
        kind = self._resources.of(ref, api_version)
        if isinstance(kind, Failed):
            return Absent() if kind.why is Why.GONE else kind
        answer = self._sender.ask("GET", kind.object(ref))
        if isinstance(answer, Failed):
            return Absent() if answer.why is Why.GONE else answer
        raw = answer.body
        return Found(str(value_at(raw, ("metadata", "uid"))), digest(decoded(raw)), raw)

    def _observe(self, command: Observe) -> Event:
        found = []
        for ref, version in command.targets:
            event = self._read(ref, version)
            for _ in range(_LOOKS - 1):
                if isinstance(event, Failed) and event.why in {Why.SERVER, Why.UNREACHABLE}:
                    event = self._read(ref, version)
            if isinstance(event, Failed):
                if event.why is Why.UNAUTHORIZED:
                    return event
                # One that cannot be read now is looked at again with the others.
                found.append(Health(ref, Condition.UNKNOWN, event.message))
            elif isinstance(event, Found):
                item = decoded(event.raw)
                state = health(item, waits_for_pod=self._waits_for_pod(item))
                why = "" if state.status is Condition.CURRENT else unready(self._sender, ref, event.raw)
                found.append(replace(state, message=": ".join(filter(None, (state.message, why)))))
            else:
                found.append(Health(ref, Condition.NOT_FOUND))
        return Observed(tuple(found), time.monotonic())

    def _waits_for_pod(self, item: KubeObject) -> bool:
        name = item.spec.storage_class_name if isinstance(item, PersistentVolumeClaim) else ""
        if not name:
            return False
        answer = self._sender.ask("GET", f"/apis/storage.k8s.io/v1/storageclasses/{name}")
        if isinstance(answer, Failed):
            return False
        found = decoded(answer.body)
        return isinstance(found, StorageClass) and binds_at_first_use(found)


class DryRunDriver:
    """The same run with `dryRun=All`: every write is judged by the server's admission, none is kept, and no lease is taken."""

    def __init__(self, driver: ClusterDriver) -> None:
        self._driver = driver

    def carry_out(self, command: Command) -> Event:
        match command:
            case Acquire() | Renew() | Release() | Wait():
                return Ok()
            case Ask():
                return Answered(yes=True)
            case Write():
                return self._driver.carry_out(replace(command, dry=True))
            case Observe():
                # Nothing was written, so that there is nothing to wait for.
                return Observed(tuple(Health(ref, Condition.CURRENT) for ref, _ in command.targets), 0.0)
            case Score():
                # As it is, which no rehearsal of what was written foretold.
                seen = self._driver.carry_out(command)
                return Scored(seen.scores) if isinstance(seen, Scored) else seen
            case _:
                return self._driver.carry_out(command)
