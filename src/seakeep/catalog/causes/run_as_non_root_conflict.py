"""runAsNonRoot with an image that runs as root.

What: the kubelet refuses to start the container: runAsNonRoot is true and the image's user is root or a name.

Why: a hardening policy was applied to an image that was not built for it.

Bad:
    securityContext: {runAsNonRoot: true}      # image without USER

Good:
    securityContext: {runAsNonRoot: true, runAsUser: 10001}

Ignore when: never: the container cannot start.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.cause import PROVEN, CauseLeaf
from seakeep.facts.containers.crashes import by_workload, crashes, pod_events
from seakeep.facts.index import Index
from seakeep.facts.security.user_repairs import with_known_user
from seakeep.facts.workloads.podspecs import judged_templates
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.objects import Pod
from seakeep.model.pattern import late

WORDS = late(
    r"runAsNonRoot and image (?:will run as root|has non-numeric user)|runAsUser breaks non-root policy|cannot verify user is non-root"
)


def find(index: Index) -> Iterable[Candidate]:
    for (workload, name), group in by_workload(crashes(index)).items():
        for crash in group:
            texts = [crash.message, *(event.text for event in pod_events(index, crash.pod, "Failed"))]
            told = next((text for text in texts if WORDS.search(text)), None)
            if told is None:
                continue
            yield Candidate(
                id="run-as-non-root-conflict",
                object=workload,
                summary=f"container {name} must not run as root, and its image does",
                evidence=(Evidence(crash.pod.ref, "event", told[:300]), *crash.evidence[:2]),
                affects=tuple(item.pod.ref for item in group),
                repair=Repair(
                    f"Set runAsUser of container {name} to a user of the image that is not 0, or use an image with such a USER.",
                    with_known_user(index, workload, name),
                ),
                confidence=PROVEN,
            )
            break
    yield from _by_specification(index)


def _by_specification(index: Index) -> Iterable[Candidate]:
    """The kubelet refuses user 0 under runAsNonRoot whatever the image; of pods that run, something else holds."""
    for entry in judged_templates(index):
        if any(is_ready(pod) for pod in index.pods_by_workload.get(entry.ref, ())):
            continue
        wide = entry.spec.security_context
        for container in (*entry.spec.init_containers, *entry.spec.containers):
            own = container.security_context
            user, guard = (
                next((getattr(part, key) for part in (own, wide) if part and getattr(part, key) is not None), None)
                for key in ("run_as_user", "run_as_non_root")
            )
            if user == 0 and guard:
                yield Candidate(
                    id="run-as-non-root-conflict",
                    object=entry.ref,
                    summary=f"container {container.name} must not run as root, and its runAsUser is 0",
                    evidence=(
                        Evidence(
                            entry.ref,
                            f"spec.template.spec.containers[{container.name}].securityContext",
                            "runAsNonRoot true, runAsUser 0",
                        ),
                    ),
                    repair=Repair(
                        f"Set runAsUser of container {container.name} to a user of the image that is not 0, or drop runAsNonRoot."
                    ),
                    confidence=PROVEN,
                )
                break


CAUSE = CauseLeaf(
    id="run-as-non-root-conflict", title="runAsNonRoot with an image that runs as root", reads=(Pod,), find=find
)
