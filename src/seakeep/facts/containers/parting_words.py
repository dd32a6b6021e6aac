"""How a container ended by its own doing, in its own words: the last error that it speaks of, or what its start script found amiss."""

from __future__ import annotations

import re
from datetime import timedelta

from seakeep.facts.containers.crashes import Crash
from seakeep.facts.containers.logs import Hit, Topic, is_of, lines_of
from seakeep.facts.index import Index
from seakeep.model.pattern import late

_LAST_WORDS = 6
# What a script chooses itself; and how soon it ends, with how many lines, where it only looked at what it was given.
_OWN_CODES = range(1, 126)
_BRIEF, _LITTLE = timedelta(seconds=15), 12
ERROR = late(
    r"^F\d{4} |\b(?:ERROR|FATAL|CRITICAL|SEVERE|EMERG|PANIC|Traceback|\w*Exception|\w*Error)\b|panic:|fatal",
    re.IGNORECASE,
)


def last_error(index: Index, crash: Crash) -> Hit | None:
    """The newest line that speaks of an error, of a container that went down by its own doing."""
    if crash.init or (crash.exit_code is None and crash.reason != "CrashLoopBackOff"):
        return None
    lines = [
        (container, previous, line)
        for container, previous, line in lines_of(index, crash.pod)
        if is_of(crash.status.name, container) and ERROR.search(line)
    ]
    # Where nobody saw how it ended, only the very last words can be about it.
    if not lines or (crash.exit_code is None and lines[-1] not in list(lines_of(index, crash.pod))[-_LAST_WORDS:]):
        return None
    container, previous, line = lines[-1]
    return Hit(Topic.SETTING, crash.pod, container, previous, line)


def refusal(index: Index, crash: Crash) -> Hit | None:
    """The last line of a container that said little, and ended at once of its own accord: what its start script found amiss."""
    if crash.init or crash.exit_code not in _OWN_CODES or not _was_brief(crash):
        return None
    lines = [
        (container, previous, line)
        for container, previous, line in lines_of(index, crash.pod)
        if is_of(crash.status.name, container)
    ]
    if not lines or len(lines) > _LITTLE:
        return None
    container, previous, line = lines[-1]
    return Hit(Topic.SETTING, crash.pod, container, previous, line)


def _was_brief(crash: Crash) -> bool:
    ended = crash.ended
    began, done = (ended.started_at, ended.finished_at) if ended else (None, None)
    return began is not None and done is not None and done - began < _BRIEF
