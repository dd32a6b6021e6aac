"""The command line, killed at a chosen moment: `python -m seakeep.testing.crash KIND:NUMBER COMMAND …`.

`entry:N` kills the process (SIGKILL to itself) when it is about to write to the journal for the Nth time; `fsynced:N` right after that write is on disk, before anything that it announces is sent;
`sent:N` when the server has answered the Nth write to an object, before the answer is in the journal. `count:0` kills nothing and prints to stderr how many of each there were.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from seakeep.adapters.journal import Journal
from seakeep.adapters.kube.sender import Answer, Sender
from seakeep.adapters.kube.transport import Query
from seakeep.cli.main import run as command_line
from seakeep.model.commands import Failed
from seakeep.model.run import Entry

_append, _ask = Journal.append, Sender.ask
_seen: Counter[str] = Counter()
_lock = threading.Lock()


def _reached(kind: str, wanted: str) -> None:
    with _lock:
        _seen[kind] += 1
        if wanted == f"{kind}:{_seen[kind]}":
            os.kill(os.getpid(), signal.SIGKILL)


def _is_write(method: str, path: str, query: Query | None) -> bool:
    ours = "/leases" in path or "selfsubjectaccessreviews" in path
    return method in {"POST", "PATCH", "DELETE"} and not ours and "dryRun" not in (query or {})


def install(wanted: str) -> None:
    """In this process."""

    def append(self: Journal, run: str, entries: Sequence[Entry], at: datetime) -> None:
        _reached("entry", wanted)
        _append(self, run, entries, at)
        _reached("fsynced", wanted)

    def ask(
        self: Sender,
        method: str,
        path: str,
        query: Query | None = None,
        body: Any = None,
        content: str = "application/json",
    ) -> Answer | Failed:
        answer = _ask(self, method, path, query, body, content)
        if _is_write(method, path, query):
            _reached("sent", wanted)
        return answer

    Journal.append = append  # type: ignore[method-assign]
    Sender.ask = ask  # type: ignore[method-assign]


if __name__ == "__main__":
    moment = sys.argv[1]
    install(moment)
    sys.argv = ["seakeep", *sys.argv[2:]]
    try:
        command_line()
    finally:
        if moment == "count:0":
            print(" ".join(f"{kind}={count}" for kind, count in sorted(_seen.items())), file=sys.stderr)
