"""Claims whose volume is full, enlarged where their class allows it."""

from __future__ import annotations

from seakeep.facts.index import Index
from seakeep.facts.resources.quota_repairs import within
from seakeep.facts.resources.sizing import amount_text
from seakeep.facts.scheduling.placement import amounts
from seakeep.model.change import Change, Risk
from seakeep.model.objects import PersistentVolumeClaim, ResourceQuota, StorageClass
from seakeep.model.refs import Ref

_MORE = 1.5
_GI = 1024**3


def enlarged(index: Index, ref: Ref) -> Change | None:
    """None where it is being enlarged already. A volume never gets smaller again, hence the risk."""
    claim = index.snapshot.get(PersistentVolumeClaim, ref.namespace, ref.name)
    name = claim.spec.storage_class_name if claim else None
    kind = index.snapshot.get(StorageClass, "", name) if name else None
    if claim is None or kind is None or not kind.allow_volume_expansion:
        return None
    has, asked = (
        amounts(claim.status.capacity).get("storage", 0),
        amounts(claim.spec.resources.requests).get("storage", 0),
    )
    if not has or asked > has:
        return None
    wanted = -(-int(has * _MORE) // _GI) * _GI
    more = {"requests.storage": wanted - asked, f"{name}.storageclass.storage.k8s.io/requests.storage": wanted - asked}
    for quota in index.snapshot.all(ResourceQuota):
        hard, used = amounts(quota.status.hard or quota.spec.hard), amounts(quota.status.used)
        if quota.namespace == ref.namespace and not within(hard, used, more):
            return None
    why = f"{amount_text(has)} are full, half as much again, rounded up, is {amount_text(wanted)}, and StorageClass {name} allows expansion"
    return Change(ref, {"spec": {"resources": {"requests": {"storage": amount_text(wanted)}}}}, (), Risk.MEDIUM, why)
