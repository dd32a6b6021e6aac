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
        return {"info": 1, "warning": 3, "error": 6, "critical": 10}[self.value]

    @property
    def exit_code(self) -> int:
        return 10 + list(Severity).index(self)


class Finding(Struct, frozen=True):
    """One rule's outcome on one object."""

    rule: str
    object: Ref
    outcome: Outcome
    severity: Severity
    detail: str = ""
    path: str = ""
    repair: str = ""
