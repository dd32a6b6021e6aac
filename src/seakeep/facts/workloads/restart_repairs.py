"""A restart that says why: an annotation of the template with the version of what the pods are to read again, so that the same plan restarts nothing twice."""

from __future__ import annotations

from seakeep.facts.index import Index
from seakeep.facts.proposing import pod_spec_path
from seakeep.facts.workloads.template_repairs import changeable
from seakeep.model.change import Change, Risk
from seakeep.model.fields import placed
from seakeep.model.objects import Workload
from seakeep.model.refs import Ref

_KEY = "seakeep.dev/reads-secret"


def read_again(index: Index, ref: Ref, secret: Ref, why: str) -> Change | None:
    item = index.snapshot.find(secret)
    version = item.metadata.resource_version if item else ""
    workload = index.snapshot.find(ref)
    if not version or changeable(index, ref) is None or not isinstance(workload, Workload):
        return None
    value = f"{secret.name}-{version}"
    if workload.spec.template.metadata.annotations.get(_KEY) == value:
        return None
    path = (*pod_spec_path(ref)[:-1], "metadata", "annotations", _KEY)
    return Change(ref, placed(path, value), (), Risk.MEDIUM, why)
