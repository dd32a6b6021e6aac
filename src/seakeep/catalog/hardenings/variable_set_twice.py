"""A container sets one environment variable twice.

What: two entries of a container's env have the same name.

Why: the last one counts, and whoever changes the first wonders why nothing happens. Server-side apply refuses such a list, and a merge patch drops one of the two.

Bad:
    env: [{name: MODE, value: append}, {name: MODE, value: replace}]

Good:
    env: [{name: MODE, value: replace}]

Ignore when: never; one of the two is without effect.
"""

from __future__ import annotations

from collections.abc import Iterator

from seakeep.contract.template_rule import HOLDS, Answer, template_rule
from seakeep.facts.index import Index
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.facts.workloads.podstate import containers
from seakeep.model.change import Advice
from seakeep.model.finding import Finding


def _answer(_: Index, entry: Judged) -> Answer:
    if not any(item.env for item in containers(entry.spec)):
        return None
    return "; ".join(f"{name} sets {variable} twice" for name, variable in _twice(entry)) or HOLDS


def _twice(entry: Judged) -> Iterator[tuple[str, str]]:
    for item in containers(entry.spec):
        names = [each.name for each in item.env]
        if len(names) > len(set(names)):
            yield from ((item.name, each) for each in sorted(set(names)) if names.count(each) > 1)


def propose(index: Index, finding: Finding) -> Advice:
    """Which of the two is meant stands nowhere."""
    ref = finding.object
    name, variable = next(_twice(judged_of(index, ref)))
    lookup = (
        f"kubectl set env -n {quote(ref.namespace)} {quote(ref.kind.lower())}/{quote(ref.name)} -c {quote(name)} --list"
    )
    return Advice(f"Which value of {variable} is meant in container {name} of {ref}, and may the other go?", lookup)


HARDENING = template_rule(
    "variable-set-twice",
    "Variable that is set twice",
    _answer,
    unseen="its variables",
    path="spec.template.spec.containers[].env",
    repair="Keep the one that is meant.",
    propose=propose,
)
