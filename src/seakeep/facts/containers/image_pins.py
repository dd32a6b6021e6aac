"""The digest that runs under an image's moving name."""

from __future__ import annotations

import re

from seakeep.facts.containers.image_parts import is_same_repository, parts_of
from seakeep.facts.index import Index
from seakeep.facts.workloads.podstate import statuses
from seakeep.model.objects import Container
from seakeep.model.refs import Ref

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def running_digest(index: Index, workload: Ref, container: Container) -> str:
    """What all pods of the workload that run the container agree on; "" where they differ, or none shows one. A bare image id is the node's own and cannot be pulled."""
    found = set()
    for pod in index.pods_by_workload.get(workload, ()):
        for status in statuses(pod):
            if status.name != container.name or not status.image_id:
                continue
            shown = parts_of(status.image_id.removeprefix("docker-pullable://"))
            pulled = is_same_repository(shown.repository, parts_of(container.image).repository)
            found.add(shown.digest if pulled and _DIGEST.fullmatch(shown.digest) else "")
    return found.pop() if len(found) == 1 else ""
