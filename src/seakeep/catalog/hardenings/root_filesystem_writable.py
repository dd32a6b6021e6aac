"""A container whose image writes nothing may write to its root file system.

What: the image is known to need no writable root, and readOnlyRootFilesystem is not true.

Why: what an intruder cannot write, he cannot run; and no log or cache fills the node's disk unseen.

Bad:
    image: registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.17.0

Good:
    securityContext: {readOnlyRootFilesystem: true}

Ignore when: a plug-in of yours writes there. Images whose writes are not known are not judged, unlike by other tools: only a trial shows which paths need a volume.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Unseen, template_rule
from seakeep.facts.containers.image_users import writes_nothing
from seakeep.facts.index import Index
from seakeep.facts.security.securing import context, in_containers_of, names_of
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.facts.workloads.podstate import containers
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import Container, PodSpec


def _answer(_: Index, entry: Judged) -> Answer:
    if not any(writes_nothing(item.image) for item in containers(entry.spec)):
        return None
    if not entry.full:
        return Unseen("its containers' security contexts")
    bare = _bare(entry.spec)
    need = "needs" if len(bare) == 1 else "need"
    return f"{names_of(bare)} may write to the root file system and {need} not" if bare else HOLDS


def _bare(spec: PodSpec) -> list[Container]:
    return [
        item
        for item in containers(spec)
        if writes_nothing(item.image) and context(item).read_only_root_filesystem is not True
    ]


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    ref = finding.object
    spec = judged_of(index, ref).spec
    fields = {item.name: {"securityContext": {"readOnlyRootFilesystem": True}} for item in _bare(spec)}
    why = f"{finding.detail}: its project's own manifests run it so"
    patch = in_containers_of(ref, spec, fields)
    return fixed(ref, "readOnlyRootFilesystem: true") or (Change(ref, patch, (), Risk.MEDIUM, why),)


HARDENING = template_rule(
    "root-filesystem-writable",
    "Root file system writable without need",
    _answer,
    severity=Severity.INFO,
    path="spec.template.spec.containers[].securityContext.readOnlyRootFilesystem",
    repair="Set readOnlyRootFilesystem: true.",
    propose=propose,
)
