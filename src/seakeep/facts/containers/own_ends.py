"""Containers that end because their own command says so: it misses a variable, or comes to its end."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.containers.crashes import Crash, pod_events
from seakeep.facts.containers.scripts import demanded, insists, last_exit, script_of
from seakeep.facts.index import Index
from seakeep.facts.workloads.podstate import container_named
from seakeep.facts.workloads.templates import template_of
from seakeep.model.cause import Evidence
from seakeep.model.objects import Container
from seakeep.model.refs import Ref

# Codes of a script that looked, found nothing and gave up of its own accord: 0, 1, and what people choose; shells and signals have those from 126.
_OWN = range(126)
# What bash makes of `${X:?}`.
_UNSET = 127


class OwnEnd(Struct, frozen=True):
    """`why` completes "container x …"; `certain` where the end that was seen is the one that the command makes; `scripted` where it is an end that something else led to, which a log tells better."""

    container: str
    why: str
    repair: str
    certain: bool
    scripted: bool
    evidence: tuple[Evidence, ...]


def own_end(index: Index, crash: Crash) -> OwnEnd | None:
    """Missing variables first; then a script's last `exit`, of what is meant to run on; then a command that is simply done."""
    code = crash.exit_code
    for container, shown_by, path in _shown(index, crash):
        named = f"{path}.containers[{container.name}]"
        script = Evidence(shown_by, f"{named}.command", " ".join(script_of(container).split())[:300])
        missing = demanded(container)
        if missing and (code is None or code in _OWN or (code == _UNSET and insists(container))):
            names = ", ".join(missing)
            return OwnEnd(
                container.name,
                f"asks for environment variable {names}, which its specification does not set",
                f"Set {names} in the environment of container {container.name}.",
                code is not None,
                False,
                (script, Evidence(shown_by, f"{named}.env", f"no {names}")),
            )
        end = last_exit(container)
        if end is not None and code in {None, end} and crash.workload.kind != "Job":
            return OwnEnd(
                container.name,
                f"ends by itself: the last command of its script is exit {end}",
                f"Let the command of container {container.name} run for as long as it is needed, and see why what it starts comes back.",
                code is not None,
                True,
                (script,),
            )
    if code == 0 and crash.reason == "CrashLoopBackOff" and not crash.init and not _is_probed(index, crash):
        return OwnEnd(
            crash.status.name,
            "ends by itself with success (exit code 0), though its pod is to run on",
            f"Give container {crash.status.name} a command that keeps running, or make a Job of it.",
            False,
            True,
            (),
        )
    return None


def _shown(index: Index, crash: Crash) -> Iterator[tuple[Container, Ref, str]]:
    """The crashing container as its pod shows it; where only a row of the pod was seen, the template's single container."""
    own = container_named(crash.pod, crash.status.name)
    if own is not None and (own.command or own.args or own.env):
        yield own, crash.pod.ref, "spec"
        return
    template = template_of(index, crash.workload)
    if template is None or not template.spec_known or crash.init:
        return
    known = template.spec.containers
    fitting = [item for item in known if item.name == crash.status.name] or (known if len(known) == 1 else ())
    for item in fitting:
        yield item, template.item.ref, template.path


def _is_probed(index: Index, crash: Crash) -> bool:
    """Killed by a probe or from outside: many servers leave with 0 when they are told to."""
    return bool(pod_events(index, crash.pod, "Killing", "Unhealthy", "Preempting", "Evicted"))
