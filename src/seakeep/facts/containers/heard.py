"""Pods of which nobody showed more than their log: how it ends is all that is known of them."""

from __future__ import annotations

import re

from msgspec import Struct

from seakeep.facts.containers.logs import Hit, Topic, lines_of, topic_of
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.owners.ownership import workload_of
from seakeep.model.cause import Evidence
from seakeep.model.objects import Pod
from seakeep.model.pattern import late
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth

# What a program says last, traces and rulers aside, is why it ended; a longer end tells of what it got over.
_LAST = 12
_FRAME = late(
    r"\s*(?:at [\w.$<>/]+\(|\.\.\. \d+ (?:more|common)|[=*_-]{3,}\s*$|goroutine \d+|File \"[^\"]+\", line \d+|\++ \S|(?=\S*/)\S+\.go:\d+)"
)


class Heard(Struct, frozen=True):
    """`lines` are the last ones, the newest last; `hits` those on a topic, the newest first."""

    pod: Pod
    workload: Ref
    lines: tuple[str, ...]
    hits: tuple[Hit, ...]

    def on(self, *topics: Topic) -> Hit | None:
        return next((hit for hit in self.hits if hit.topic in topics), None)

    def says(self, form: re.Pattern[str]) -> Evidence | None:
        """The newest line of such a form."""
        line = next((line for line in reversed(self.lines) if form.search(line[:2000])), "")
        return Evidence(self.pod.ref, "log", line[:300]) if line else None


@once
def heard(index: Index) -> tuple[Heard, ...]:
    found: list[Heard] = []
    for pod in index.pods:
        status = pod.status
        if index.snapshot.depth(pod.ref) is not Depth.NAMED or status.container_statuses or status.phase:
            continue
        told = [item for item in lines_of(index, pod) if not _FRAME.match(item[2])][-_LAST:]
        hits = tuple(
            Hit(topic, pod, container, previous, line)
            for container, previous, line in reversed(told)
            if (topic := topic_of(line))
        )
        if told:
            found.append(Heard(pod, workload_of(index, pod), tuple(line for _, _, line in told), hits))
    return tuple(found)
