"""The main job on a real control plane: the reference platform is made there, planned for as it stands, changed, compared with what the twin foretold, and put back.

Some of its namespaces; SEAKEEP_WHOLE_PLATFORM=1 plays all of it. With `-s` the figures are printed.

API server, scheduler, controllers and admission are real; programs that wait for others are played by what a call finds on the API server (testing/testbed/programs.py), apart from the twin.
What KWOK cannot play honestly, and what is therefore not proven here:

- answers to probes: a new probe is held against the ports on which the manifests say that the program listens; what its path answers nobody knows
- what a program does under a securityContext, a read-only root or another user: only what admission says of it
- memory and CPU that programs use, and with them the OOM killer and autoscaling
- preStop hooks and grace periods: KWOK's pods end at once
- network policies, for all calls but those that the failing programs wait for
- whether a program that runs goes on when what it called is gone: it does
- back-off: what failed is well again within a second of its cause's end, on a kubelet within five minutes
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from seakeep.adapters.plan_file import read_plan
from seakeep.app.check import check
from seakeep.cli.applying import Applying
from seakeep.cli.options import intent_of, today
from seakeep.engine.apply import Options
from seakeep.engine.compare import compare
from seakeep.model.comparison import Compared
from seakeep.model.plan import Outcome, Plan
from seakeep.model.report import Report
from seakeep.model.run import Run, RunState
from seakeep.testing import engines
from seakeep.testing.testbed import ControlPlane
from tests.apply.cluster import LEASES, SEAKEEP, Cli
from tests.engines.kubernetes.reference_platform import (
    Course,
    Watcher,
    age,
    asked,
    await_still,
    declared,
    differences,
    everything,
    foretold,
    happened,
    listening,
    look,
    orders,
    play,
)

pytestmark = pytest.mark.engine("kubernetes")
WHOLE = bool(os.environ.get("SEAKEEP_WHOLE_PLATFORM"))
FOLDERS = () if WHOLE else ("argocd", "data-platform", "kafka", "kong", "kube-system", "local-path-storage")
# What cannot get well needs no minute and a half to show it where nothing has a back-off.
OPTIONS = Options(force_conflicts=True) if WHOLE else Options(force_conflicts=True, unwell_patience=6.0)
_MINUTE = 62.0
"""Before it is a minute old, a pod may simply be starting."""
_TWO_STARTS, _ONE_WAVE = 30.0, 5.0


@dataclass(frozen=True)
class Played:
    plan: Plan
    before: Report
    after: Report
    told: Report
    """Of the twin, after."""
    foretold: Course
    happened: Course
    run: Run
    verified: dict[str, Any]
    history: list[dict[str, Any]]
    rolled_back: tuple[int, str]
    back: list[str]
    templates: dict[str, Any]


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    binaries = engines.testbed()
    stage = play()
    folder = tmp_path_factory.mktemp("reference")
    # Of the whole platform, nobody reads the logs of one node, as on day 1: that depends on where pods come to lie.
    nodes = stage.NODES if WHOLE else [replace(node, kubelet_reachable=True) for node in stage.NODES]
    with ControlPlane.start(folder, nodes, binaries=binaries) as found, stage.played(found, FOLDERS):
        yield found


@pytest.fixture(scope="module")
def played(plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("played")
    platform = declared(folder, FOLDERS)
    intent, day = intent_of(platform), today()
    plane.apply([LEASES])
    await_still(plane, _MINUTE, 300)
    age(plane)
    cli = Cli(folder, plane.kubeconfig)
    plan = _planned(plane, folder / "plan.yaml", platform)
    seen, start = look(plane), everything(plane)
    ours, board = foretold(plan, seen, intent, day, OPTIONS)
    with Watcher(plane, board.owners) as watcher:
        applying = Applying(kubeconfig=plane.kubeconfig, journal=str(cli.journal), platform=platform, quiet=True)
        run, _ = applying.begin(folder / "plan.yaml", OPTIONS, asked=True)
    after = look(plane)
    theirs = happened(plane, after, board, watcher)
    ended = everything(plane)
    verified = cli.run("verify", run.id, "-o", "json")
    history = json.loads(cli.run("history", "-o", "json").stdout)
    back = cli.run("rollback", run.id, "--yes", seconds=1200)
    found = Played(
        plan=plan,
        before=check(seen, intent, day),
        after=check(after, intent, day),
        told=check(ours.snapshot, intent, day),
        foretold=ours,
        happened=theirs,
        run=run,
        verified=json.loads(verified.stdout),
        history=history,
        rolled_back=(back.returncode, back.stdout + back.stderr),
        back=differences(start, everything(plane)),
        templates={key: item for key, item in ended.items() if "template" in item.get("spec", {})},
    )
    print(_figures(found))
    return found


def _planned(plane: ControlPlane, out: Path, platform: Path) -> Plan:
    where = ["--kubeconfig", str(plane.kubeconfig), "-p", str(platform), "-o", "yaml", "--out", str(out)]
    said = subprocess.run([*SEAKEEP, "plan", *where], capture_output=True, text=True, check=False, timeout=900)
    assert said.returncode == 0, said.stderr
    return read_plan(out)


def _outcome(report: Report) -> Outcome:
    """As plans say it; survival apart, which is of a plan and of no observation."""
    values = report.scores
    return Outcome(
        {item.id: item.value for item in (values.health, values.running, values.hardening)},
        {item.id: (item.ready, item.intended) for item in report.platform.services if item.state != "waived"},
    )


def _seen(outcome: Outcome) -> Outcome:
    return Outcome({name: value for name, value in outcome.scores.items() if name != "survival"}, outcome.services)


def _judged(played: Played) -> list[str]:
    """Findings of hardening rules that are others than on the twin."""
    ours = {(item.rule, item.object): item.outcome for item in played.told.findings}
    theirs = {(item.rule, item.object): item.outcome for item in played.after.findings}
    return [
        f"{rule} on {ref}: {ours.get((rule, ref))} foretold, {theirs.get((rule, ref))} real"
        for rule, ref in sorted(ours.keys() | theirs.keys())
        if ours.get((rule, ref)) != theirs.get((rule, ref))
    ]


def _compared(played: Played) -> Compared:
    return compare("after", played.foretold.told, played.happened.told, 0.0)


def _order(played: Played) -> tuple[int, list[str]]:
    """Programs that start one after the other take up to a minute on the twin, and a second or two where KWOK plays them: what gets well behind one wave has no order there."""
    return orders(played.foretold.reached, played.happened.reached, _TWO_STARTS, _ONE_WAVE)


def _figures(played: Played) -> str:
    told, after = played.plan.rehearsal.after, _outcome(played.after)
    before = _outcome(played.before)
    rows = [
        f"| {name} | {before.scores[name]} | {told.scores[name]} | {after.scores[name]} |"
        for name in ("health", "running", "hardening")
    ]
    compared, (same, wrong) = _compared(played), _order(played)
    return "\n".join(
        [
            "",
            f"{len(played.plan.changes)} changes in {len(played.plan.waves)} waves on {played.before.snapshot.pods} pods",
            "| score | before | foretold | after |",
            "|---|---|---|---|",
            *rows,
            f"workloads compared: {compared.workloads}, decisions the same: {compared.decisions}, objects: {len(played.happened.objects)}",
            f"pairs of workloads that got well in the foretold order: {same}; otherwise: {len(wrong)}",
            f"not put back: {len(played.back)}",
            *(
                f"  {ref} after {at:.0f} s foretold, {played.happened.reached.get(ref, -1):.0f} s real"
                for ref, at in sorted(played.foretold.reached.items(), key=lambda item: (item[1], item[0]))
            ),
            *(
                f"  {name}: {ready} of {wanted} ready"
                for name, (ready, wanted) in sorted(after.services.items())
                if ready != wanted
            ),
            *(f"  {item}" for item in compared.differences),
            *(f"  {item}" for item in wrong),
            *(f"  {item}" for item in played.back),
            *(f"  {item}" for item in _objects(played)),
            *(f"  {item}" for item in _judged(played)),
        ]
    )


def _objects(played: Played) -> list[str]:
    return differences(played.foretold.objects, played.happened.objects)


def test_the_plan_knows_the_cluster_as_it_is(played: Played) -> None:
    assert _seen(played.plan.rehearsal.before) == _outcome(played.before)
    assert len(played.plan.changes) >= 40


def test_what_the_twin_accepts_is_accepted(played: Played) -> None:
    assert (played.run.state, played.run.message) == (RunState.DONE, "")
    assert {step.change: step.state for step in played.run.steps} == played.foretold.states


def test_the_predicted_state(played: Played) -> None:
    assert _outcome(played.after) == _seen(played.plan.rehearsal.after)
    before, after = (played.plan.rehearsal.before.scores, played.plan.rehearsal.after.scores)
    assert all((after[name] or 0) > (before[name] or 0) for name in ("health", "running", "hardening"))


def test_the_predicted_pods_and_decisions(played: Played) -> None:
    compared = _compared(played)
    assert compared.differences == ()
    assert compared.workloads > 20
    assert compared.decisions >= 1


def test_the_predicted_objects(played: Played) -> None:
    assert _objects(played) == []
    assert len(played.happened.objects) > 100


def test_the_predicted_order(played: Played) -> None:
    same, wrong = _order(played)
    assert wrong == []
    assert same >= 10


def test_verified_and_in_the_history(played: Played) -> None:
    """Every field is as it was written; what does not get well is what the twin said."""
    fields = [item for item in played.verified["differences"] if item.get("path")]
    assert fields == []
    assert {item["change"] for item in played.verified["differences"]} == played.foretold.unwell
    assert [(item["id"], item["state"]) for item in played.history] == [(played.run.id, "done")]


def test_rolled_back_is_what_it_was(played: Played) -> None:
    code, said = played.rolled_back
    assert code == 21, said
    assert played.back == []


def test_new_probes_ask_where_the_program_listens(played: Played) -> None:
    """The manifests say where: in ports, in Services that lead there, and in probes that were there before."""
    known = listening(FOLDERS)
    wrong = [
        f"{key}: {container['name']} {kind} asks {port}"
        for key, item in sorted(played.templates.items())
        for container in item["spec"]["template"]["spec"]["containers"]
        for kind in ("readinessProbe", "livenessProbe", "startupProbe")
        if (port := asked(container, kind)) is not None
        and (key, container["name"]) in known
        and port not in known[key, container["name"]]
    ]
    assert wrong == []
