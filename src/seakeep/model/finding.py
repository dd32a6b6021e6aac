"""Findings of hardening rules."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from seakeep.model.refs import Ref


class Outcome(StrEnum):
    PASS = "pass"  # noqa: S105 - an outcome, not a secret
    FAIL = "fail"
    SKIPPED = "skipped"  # applies or may apply, and cannot be known: `detail` says why; where a rule does not apply there is no finding
    ERROR = "error"  # the rule itself failed: `detail` says how


class Severity(StrEnum):
    """In ascending order; the exit codes 10–13 follow it."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"

    @property
    def weight(self) -> int:
        return _WEIGHTS[self]

    @property
    def exit_code(self) -> int:
        return 10 + list(Severity).index(self)


_WEIGHTS = {Severity.INFO: 1, Severity.WARNING: 3, Severity.ERROR: 6, Severity.CRITICAL: 10}


class Finding(Struct, frozen=True):
    """One rule's outcome on one object."""

    rule: str
    object: Ref
    outcome: Outcome
    severity: Severity
    detail: str = ""
    path: str = ""
    repair: str = ""
