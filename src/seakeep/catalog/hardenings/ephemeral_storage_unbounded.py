"""A scratch volume may fill its node's disk.

What: a container writes to an emptyDir on the node's disk that has no sizeLimit, and neither has a limit on ephemeral storage.

Why: a cache or a log that grows takes the disk from every pod on the node. The kubelet then evicts pods in the order of its own choice, and the one that wrote may stay.

Bad:
    volumes: [{name: cache, emptyDir: {}}]

Good:
    volumes: [{name: cache, emptyDir: {sizeLimit: 2Gi}}]

Ignore when: what is written there is small by design, such as a socket or a rendered configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seakeep.contract.hardening import HardeningLeaf
from seakeep.facts.admission.planned_admission import defaults_in
from seakeep.facts.index import Index
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podspecs import Judged, judged_of, judged_templates, shows, unknown
from seakeep.model.change import Advice, Change
from seakeep.model.finding import Finding, Outcome, Severity
from seakeep.model.objects.pods import Volume

ID = "ephemeral-storage-unbounded"
_DISK = "ephemeral-storage"


def judge(index: Index) -> Iterable[Finding]:
    """Memory-backed volumes count against their containers' memory limits."""
    for entry in judged_templates(index):
        ref, scratch = entry.ref, _scratch(entry)
        if not entry.full:
            yield unknown(ID, entry, "its volumes")
        elif not scratch:
            continue
        elif not _open(entry) or _DISK in defaults_in(index, ref.namespace)[1]:
            yield Finding(ID, ref, Outcome.PASS, Severity.INFO)
        elif not entry.admitted and not shows(index, "LimitRange", ref.namespace):
            yield unknown(ID, entry, "whether a LimitRange sets a limit")
        else:
            names = ", ".join(item.name for item in _open(entry))
            text = f"nothing bounds what is written to {names} on the node's disk"
            repair = f"Set sizeLimit of {names} to what it may grow to."
            yield Finding(ID, ref, Outcome.FAIL, Severity.INFO, text, "spec.template.spec.volumes[].emptyDir", repair)


def _scratch(entry: Judged) -> list[Volume]:
    """Volumes on the node's disk that a container writes to."""
    mounts = [item for part in (*entry.spec.containers, *entry.spec.init_containers) for item in part.volume_mounts]
    written = {item.name for item in mounts if not item.read_only}
    return [
        item for item in entry.spec.volumes if item.name in written and item.empty_dir and not item.empty_dir.medium
    ]


def _open(entry: Judged) -> list[Volume]:
    """The kubelet holds all that a pod writes against the sum of its containers' limits (`podEphemeralStorageLimitEviction`)."""
    if any(_DISK in item.resources.limits for item in entry.spec.containers):
        return []
    return [item for item in _scratch(entry) if item.empty_dir and item.empty_dir.size_limit is None]


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """Nothing measures scratch volumes, and a bound that is too low evicts the pod."""
    entry = judged_of(index, finding.object)
    volume = _open(entry)[0]
    uses = [(part, item) for part in entry.spec.containers for item in part.volume_mounts if item.name == volume.name]
    pods = [pod.name for pod in index.pods_by_workload.get(entry.ref, ())]
    pod, space = quote(min(pods, default="POD")), quote(entry.ref.namespace)
    lookup = f"kubectl describe {entry.ref.kind.lower()} {quote(entry.ref.name)} -n {space}"
    if uses:
        container, mount = uses[0]
        lookup = f"kubectl exec -n {space} {pod} -c {quote(container.name)} -- du -sh {quote(mount.mount_path)}"
    return Advice(f"To what size may volume {volume.name} of {entry.ref} grow?", lookup)


HARDENING = HardeningLeaf(id=ID, title="Scratch volume without a bound", reads=(), judge=judge, propose=propose)
