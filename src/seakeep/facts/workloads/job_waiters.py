"""Pods that wait in an init container for what a Job does: migrations, a schema, topics."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seakeep.facts.index import Index
from seakeep.facts.workloads.podstate import is_finished, is_ready
from seakeep.model.objects import Container, Pod
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

_WAITS = frozenset({"wait", "waits", "waiting", "check", "checks"})
# What names of Jobs and of those who wait for them say besides.
_BESIDES = _WAITS | {"do", "for", "init", "is", "job", "run", "to", "until"}
_WORD = late(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


def waiting_for(index: Index, job: Ref) -> Iterator[Pod]:
    """By an argument that is the Job's name (`k8s-wait-for job NAME`), or by a name of the same words (`wait-for-shop-migrations`, `shop-run-migrations`)."""
    for pod in index.pods:
        if pod.namespace != job.namespace or is_ready(pod) or is_finished(pod):
            continue
        ended = {status.name for status in pod.status.init_container_statuses if status.ready}
        if any(_waits(container, job) for container in pod.spec.init_containers if container.name not in ended):
            yield pod


def _waits(container: Container, job: Ref) -> bool:
    if job.name in _WORD.findall(" ".join((*container.command, *container.args))):
        return True
    words = set(re.split(r"[-.]", container.name))
    return bool(words & _WAITS) and words - _BESIDES == set(re.split(r"[-.]", job.name)) - _BESIDES != set()
