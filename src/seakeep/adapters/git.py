"""What Git says of the folder that one stands in."""

from __future__ import annotations

import subprocess

from seakeep.adapters.errors import UsageError

_SECONDS = 10


def commit_of(revision: str) -> str:
    """The commit's full name. Raises UsageError where there is no Git, no work tree, or no such revision."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError("git cannot be asked for the commit", "Write the commit itself: --commit 1a2b3c4.") from error
    if found.returncode:
        raise UsageError(
            f"git knows no revision {revision} here", "Stand in the plan's work tree, or write the commit itself."
        )
    return found.stdout.strip()
