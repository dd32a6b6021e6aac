"""Contract of the hardening rules on pod templates: each asks one question of every template, and says only what its answer means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter

from msgspec import Struct
from msgspec.structs import replace

from seakeep.contract.hardening import HardeningLeaf
from seakeep.facts.index import Index
from seakeep.facts.workloads.podspecs import Judged, judged_parts, judged_templates, unknown
from seakeep.model.change import Advice, Change
from seakeep.model.finding import Finding, Outcome, Severity
from seakeep.model.objects import KubeObject


class Fault(Struct, frozen=True):
    """An answer that takes more than a text: what is left out is the rule's own."""

    text: str
    path: str = ""
    repair: str = ""
    severity: Severity | None = None


class Unseen(Struct, frozen=True):
    """The source does not show `what`, which would settle it."""

    what: str


HOLDS = ""
_Choice = Callable[[Index], Iterable[Judged]]
# None: the rule does not apply. HOLDS: it passes. Another text: it fails, and why.
Answer = str | Fault | Unseen | None


def _of(fault: Fault, rule: str, entry: Judged, severity: Severity, path: str, repair: str) -> Finding:
    weight = fault.severity or severity
    if fault.text == HOLDS:
        return Finding(rule, entry.ref, Outcome.PASS, weight)
    where, advice = fault.path or path, fault.repair or repair
    return Finding(rule, entry.ref, Outcome.FAIL, weight, fault.text, where, advice)


class AsksEach:
    """The judge of a rule that asks one question of every template: the findings of `some` are those of each by itself. `alone` and `written`: see `template_rule`."""

    def __init__(
        self, some: Callable[[Index, Iterable[Judged]], list[Finding]], of: _Choice, *, alone: bool, written: bool
    ) -> None:
        self._some, self._of, self.alone, self.written = some, of, alone, written

    def __call__(self, index: Index) -> list[Finding]:
        found = self._some(index, self._of(index))
        return [*found, *self._within(index)] if self.written else found

    def some(self, index: Index, entries: Iterable[Judged]) -> list[Finding]:
        if self._of is not judged_templates:
            asked = set(map(id, self._of(index)))
            entries = [entry for entry in entries if id(entry) in asked]
        return self._some(index, entries)

    def _within(self, index: Index) -> Iterator[Finding]:
        """One finding per custom resource, whatever the number of its templates."""
        for ref, parts in judged_parts(index).items():
            said = [(at, finding) for at, entry in parts for finding in self._some(index, (entry,))]
            failed = [(at, finding) for at, finding in said if finding.outcome is Outcome.FAIL]
            for at, finding in (failed or said)[:1]:
                texts = "; ".join(dict.fromkeys(each.detail for _, each in failed))
                path = finding.path.replace("spec.template.spec", at, 1)
                yield replace(finding, object=ref, detail=texts, path=path)


def template_rule(
    rule: str,
    title: str,
    answer: Callable[[Index, Judged], Answer],
    *,
    reads: tuple[type[KubeObject], ...] = (),
    severity: Severity = Severity.WARNING,
    path: str = "",
    repair: str = "",
    unseen: str = "",
    needs: str = "full",
    lasting: bool = False,
    alone: bool = False,
    written: bool = False,
    of: _Choice = judged_templates,
    propose: Callable[[Index, Finding], Sequence[Change] | Advice],
) -> HardeningLeaf:
    """`needs` is what of a template must be known before it is asked (`full` or `seen`, see Judged), and `unseen` what is said where it is not; "" asks always.

    `of` chooses from `judged_templates`, and looks at each alone. `lasting`: Jobs are not asked. `path` and `repair` are of failures. `alone`: of other workloads and their pods the
    answer asks nothing, so that it is the same for as long as the workload, its pods and all objects of other kinds are.
    `written`: the answer is of what a template says and of nothing that it leaves out, so that those inside custom resources, which operators complete, are asked as well.
    """
    is_known = attrgetter(needs)

    def some(index: Index, entries: Iterable[Judged]) -> list[Finding]:
        found: list[Finding] = []
        for entry in entries:
            if lasting and not entry.lasting:
                continue
            if unseen and not is_known(entry):
                found.append(unknown(rule, entry, unseen))
                continue
            said = answer(index, entry)
            if said is None:
                continue
            if said == HOLDS:  # as most do
                found.append(Finding(rule, entry.ref, Outcome.PASS, severity))
            elif isinstance(said, str):
                found.append(Finding(rule, entry.ref, Outcome.FAIL, severity, said, path, repair))
            elif isinstance(said, Unseen):
                found.append(unknown(rule, entry, said.what))
            else:
                found.append(_of(said, rule, entry, severity, path, repair))
        return found

    judge = AsksEach(some, of, alone=alone, written=written)
    return HardeningLeaf(rule, title, reads, judge, severity, propose)
