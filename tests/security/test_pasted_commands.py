"""Commands that people paste into their shell: a name of the cluster is one word of them, whatever it holds."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from seakeep.catalog.loader import services
from seakeep.engine.diagnose import diagnose
from seakeep.engine.traits import recognising
from seakeep.facts.index import Index
from seakeep.facts.shell_words import quote
from seakeep.model.change import Advice
from seakeep.model.finding import Outcome
from seakeep.testing.cases import snapshot_of
from tests.catalog import hardening_cases
from tests.catalog.cause_cases import CASES, LEAVES

RECOGNISE = recognising(services())

PAYLOAD = ";boom $(boom)`boom` 'q|boom>boom"
_NAMES = {"name", "namespace", "nodeName", "claimName", "serviceAccountName", "secretName", "volumeName"}


def _hostile(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: f"{item}{PAYLOAD}" if key in _NAMES and isinstance(item, str) else _hostile(item)
            for key, item in value.items()
        }
    return [_hostile(item) for item in value] if isinstance(value, list) else value


def _commands() -> Iterator[str]:
    """Of every leaf in all its cases, and of what the engine itself asks for."""
    for leaf_id, case in CASES:
        if "objects" not in case or "transcript" in case:
            continue
        logs = [{**log, "pod": f"{log['pod'].replace('/', PAYLOAD + '/')}{PAYLOAD}"} for log in case.get("logs", ())]
        snapshot = snapshot_of({**_plain(case), "logs": logs, "partial": True})
        for question in diagnose(Index(snapshot), [LEAVES[leaf_id]], {}).insufficient:
            yield question.lookup


def _plain(case: Mapping[str, Any]) -> dict[str, Any]:
    """With hostile names, and without what would have to name the same."""
    objects = _hostile(case["objects"])
    for item in objects:
        item.setdefault("metadata", {}).setdefault("namespace", f"default{PAYLOAD}")
    kept = {key: item for key, item in case.items() if key not in {"complete", "depth", "checks", "usage"}}
    return {**kept, "objects": objects}


def _advised() -> Iterator[str]:
    """What each hardening rule in all its cases leaves to a person."""
    for rule_id, case in hardening_cases.CASES:
        if "objects" not in case or "transcript" in case:
            continue
        rule, index = hardening_cases.LEAVES[rule_id], Index(snapshot_of(_plain(case)), RECOGNISE)
        for finding in rule.judge(index):
            if finding.outcome is not Outcome.FAIL or rule.propose is None:
                continue
            proposed = rule.propose(index, finding)
            if isinstance(proposed, Advice):
                yield proposed.lookup
                if proposed.shared:
                    yield proposed.shared.lookup


@pytest.mark.parametrize(("commands", "least"), [(_commands, 60), (_advised, 60)], ids=["causes", "hardenings"])
def test_names_stay_one_word(commands: Callable[[], Iterator[str]], least: int) -> None:
    checked = 0
    for command in commands():
        if "boom" not in command or not command.startswith("kubectl"):
            continue
        checked += 1
        lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        for word in lexer:
            assert "boom" not in word or PAYLOAD in word, command
    assert checked > least, f"only {checked} commands name something: this test shows too little"


@pytest.mark.parametrize("name", ["web", "web-0", "ip-10-0-0-1.ec2.internal", "v1beta1.metrics.k8s.io"])
def test_names_that_kubernetes_accepts_come_out_as_they_are(name: str) -> None:
    assert quote(name) == name


def test_no_name_passes_for_an_option() -> None:
    assert not shlex.split(f"kubectl describe pod {quote('--server=http://elsewhere')}")[3].startswith("-")
