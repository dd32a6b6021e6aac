"""Application refuses its configuration.

What: a container ends again and again, and its last log lines name a setting: missing, misspelt, of the wrong form; or credentials that a server refuses.
Or its command asks for a variable that its specification does not set, or comes to its end by itself; or the status of a custom resource names the setting, as that of a connector whose task failed.

Why: an environment variable that is not set, a configuration file with a syntax error, an option of another version, a wrong password, a port that another container of the pod has, a limit of the node that the program names. Where the log ends in an error
of another kind that is nobody else's fault, this is a possible cause, no more.

Bad:
    env: []                        # the application needs DEPLOY_ENV

Good:
    env: [{name: DEPLOY_ENV, value: production}]

Ignore when: never while the service is meant to run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.cause import LIKELY, POSSIBLE, CauseLeaf
from seakeep.facts.calls.own_limits import at_limit, limit_of
from seakeep.facts.containers.crashes import Crash, by_workload, crashes
from seakeep.facts.containers.heard import heard
from seakeep.facts.containers.logs import Hit, Topic, hits, is_of
from seakeep.facts.containers.own_ends import OwnEnd, own_end
from seakeep.facts.containers.parting_words import ERROR, last_error, refusal
from seakeep.facts.index import Index
from seakeep.facts.nodes.kernel_limits import named_limit
from seakeep.facts.routing.port_clashes import clash_candidate, clashes
from seakeep.facts.shell_words import named, quote, typed
from seakeep.facts.workloads.setting_repairs import as_before
from seakeep.facts.workloads.told_status import Told, told_statuses
from seakeep.model.cause import Candidate, Repair
from seakeep.model.objects import Pod
from seakeep.model.refs import Ref

# Ends that others explain: success, a command that does not run, a kill from outside (137, 143), the wrong architecture's shell.
_EXPLAINED = {0, 126, 127, 128, 137, 143}
_SETTINGS = {Topic.SETTING, Topic.AUTHENTICATION}


def find(index: Index) -> Iterable[Candidate]:
    refused = {user for item in at_limit(index) for user in item.users}
    for (workload, name), group in by_workload(crashes(index)).items():
        for crash in group:
            own = own_end(index, crash)
            if (crash.exit_code in _EXPLAINED and own is None) or crash.reason in {
                "CreateContainerConfigError",
                "RunContainerError",
            }:
                continue
            told = [hit for hit in hits(index, crash.pod) if is_of(name, hit.container)]
            # Other troubles in the same last words (no connection, no permission) are causes of their own; the setting must be the newest.
            sure = bool(told) and told[0].topic in _SETTINGS
            if own and (sure or not (told or (own.scripted and last_error(index, crash)))):
                yield _of_command(own, workload, group, told)
                break
            # A program that the application misses while it runs is no other cause's: its own command was found.
            others = told and told[0].topic is not Topic.NOT_FOUND
            last = told[0] if sure else None if others else last_error(index, crash) or refusal(index, crash)
            # Of a Job that only says that it failed, job-failed tells as much, with the same line.
            if last is None or (workload.kind == "Job" and not sure) or (workload in refused and limit_of(last.line)):
                continue
            yield Candidate(
                id="app-config-error",
                object=workload,
                summary=f"container {name} ends because of its configuration: {last.line[:160]}"
                if sure
                else f"container {name} ends by itself with an error: {last.line[:160]}",
                evidence=(last.evidence, *crash.evidence[:3]),
                affects=tuple(item.pod.ref for item in group),
                repair=Repair(
                    _repair(crash, name, last.line), as_before(index, workload, name, last.line) if sure else None
                ),
                confidence=LIKELY if sure else POSSIBLE,
                settled_by="" if sure else f"kubectl logs {named(crash.pod)} -c {quote(name)} --previous",
            )
            break
    yield from (clash_candidate(item, CAUSE.id) for item in clashes(index) if item.told)
    yield from _by_log_alone(index)
    yield from _by_status(index)


def _repair(crash: Crash, name: str, line: str) -> str:
    if limit := named_limit(line):
        node = f"node {crash.pod.spec.node_name}" if crash.pod.spec.node_name else "its node"
        owner = f"{crash.workload.kind} {crash.workload.name}"
        return f"Raise {limit} on {node} and wherever {owner} may run (or by an init container that may), or tell {owner} to do with less."
    return f"Correct the setting that container {name} names in its log."


def _by_log_alone(index: Index) -> Iterable[Candidate]:
    """Of a pod of which nothing but the log was shown: the setting that its last lines name."""
    for item in heard(index):
        told = item.hits[0] if item.hits else None
        if told and told.topic in _SETTINGS and any(map(ERROR.search, item.lines)):
            yield Candidate(
                id="app-config-error",
                object=item.workload,
                summary=f"its log ends with a setting that it refuses: {told.line[:160]}",
                evidence=(told.evidence,),
                affects=(item.pod.ref,),
                repair=Repair("Correct the setting that the log names."),
                confidence=POSSIBLE,
                settled_by=f"kubectl get pods -n {quote(item.pod.namespace)}",
            )


def _by_status(index: Index) -> Iterable[Candidate]:
    """What runs inside others' pods and ends there: the task of a connector, the resource that an operator cannot set up. One candidate per resource; its first trouble that names a setting tells most."""
    found: dict[Ref, list[Told]] = {}
    for item in told_statuses(index):
        if item.topic in _SETTINGS or (item.topic is None and item.path.endswith(".trace")):
            found.setdefault(item.resource, []).append(item)
    for resource, items in found.items():
        told = next((item for item in items if item.topic), items[0])
        yield Candidate(
            id="app-config-error",
            object=resource,
            summary=f"{resource.kind} {resource.name} fails{' because of a setting' if told.topic else ''}: {told.line[:160]}",
            evidence=(told.evidence,),
            affects=(),
            repair=Repair(
                f"Correct the setting that the status of {resource.kind} {resource.name} names, there or in the server that it calls."
                if told.topic
                else f"See in the whole trace why {resource.kind} {resource.name} fails."
            ),
            confidence=LIKELY if told.topic else POSSIBLE,
            settled_by="" if told.topic else f"kubectl get {typed(resource)} -o yaml",
        )


def _of_command(own: OwnEnd, workload: Ref, group: Sequence[Crash], told: Sequence[Hit]) -> Candidate:
    """By what the command itself says; a log that speaks of a setting as well is the better evidence."""
    said = f": {told[0].line[:160]}" if told else ""
    pod = group[0].pod
    return Candidate(
        id="app-config-error",
        object=workload,
        summary=f"container {own.container} {own.why}{said}",
        evidence=(*(hit.evidence for hit in told[:1]), *own.evidence, *group[0].evidence[:3]),
        affects=tuple(item.pod.ref for item in group),
        repair=Repair(own.repair),
        confidence=LIKELY if own.certain or told else POSSIBLE,
        settled_by="" if told else f"kubectl logs {named(pod)} --all-containers --previous",
    )


CAUSE = CauseLeaf(
    id="app-config-error", title="Application refuses its configuration", reads=(Pod,), find=find, elsewhere=True
)
