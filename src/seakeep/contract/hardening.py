"""Contract of `catalog/hardenings/<id>.py`: one constant `HARDENING`, named and documented as for causes; `Rule.leaf` makes it, or `template_rule` where pod templates are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.model.change import Advice, Change
from seakeep.model.finding import Finding, Outcome, Severity
from seakeep.model.objects import KubeObject
from seakeep.model.refs import Ref


class Rule(Struct, frozen=True):
    """What a rule says of an object; `severity` is of its failures unless they name another."""

    id: str
    severity: Severity = Severity.WARNING

    def passes(self, ref: Ref) -> Finding:
        return Finding(self.id, ref, Outcome.PASS, self.severity)

    def fails(self, ref: Ref, why: str, path: str, repair: str, severity: Severity | None = None) -> Finding:
        """`path` is of the field to change, "" where it is not one field of this object."""
        return Finding(self.id, ref, Outcome.FAIL, severity or self.severity, why, path, repair)

    def cannot_see(self, ref: Ref, what: str) -> Finding:
        """The source does not show `what`, which would settle it."""
        return Finding(self.id, ref, Outcome.SKIPPED, self.severity, f"the source does not show {what}")

    def leaf(
        self,
        title: str,
        judge: Callable[[Index], Iterable[Finding]],
        propose: Callable[[Index, Finding], Sequence[Change] | Advice],
        reads: tuple[type[KubeObject], ...] = (),
    ) -> HardeningLeaf:
        return HardeningLeaf(self.id, title, reads, judge, self.severity, propose)


class HardeningLeaf(Struct, frozen=True):
    """`judge` yields one finding per object that the rule applies to, passes included; unknown is `skipped`, never `pass`.

    `propose` is asked for the changes that make a failed finding pass, or for what a person must decide where no change is safe to propose. It reads; it never guesses a
    value that the snapshot gives no ground for.
    """

    id: str
    title: str
    reads: tuple[type[KubeObject], ...]
    judge: Callable[[Index], Iterable[Finding]]
    severity: Severity = Severity.WARNING
    propose: Callable[[Index, Finding], Sequence[Change] | Advice] | None = None
