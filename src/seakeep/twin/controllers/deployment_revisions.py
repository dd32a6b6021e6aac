"""A Deployment's ReplicaSets: which is the new one, which revision each has. Source: pkg/controller/deployment/{sync,rollback}.go and util."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from seakeep.model.objects import Deployment, Metadata, ReplicaSet
from seakeep.model.objects.base import LabelSelector
from seakeep.twin.actions import Action, Create, Update
from seakeep.twin.controller import View
from seakeep.twin.controllers import deployment_sizes as sizes
from seakeep.twin.controllers import deployment_status as status
from seakeep.twin.controllers.pods import owned_by, reference
from seakeep.twin.controllers.templates import HASH, hash_of, same, with_label, without_hash
from seakeep.twin.labels import compile_selector
from seakeep.twin.moments import EARLIEST
from seakeep.twin.state import controller_of

ROLLBACK = "deprecated.deployment.rollback.to"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_OWN = frozenset({_LAST_APPLIED, sizes.REVISION, sizes.HISTORY, sizes.DESIRED, sizes.MOST, ROLLBACK})
_LONGEST_HISTORY = 2000


def by_age(rs: ReplicaSet) -> tuple[object, ...]:
    """`ReplicaSetsByCreationTimestamp`."""
    return (rs.metadata.creation_timestamp or EARLIEST, rs.name)


def revision_of(rs: ReplicaSet) -> int:
    text = rs.metadata.annotations.get(sizes.REVISION, "0")
    return int(text) if text.isdecimal() else 0


def by_revision(rs: ReplicaSet) -> tuple[object, ...]:
    return (revision_of(rs), *by_age(rs))


def sets_of(view: View, item: Deployment) -> list[ReplicaSet]:
    """Oldest first."""
    selector = compile_selector(item.spec.selector)
    found = [rs for rs in view.state.owned(ReplicaSet, item) if owned_by(item, rs) and selector.matches(rs.labels)]
    return sorted(found, key=by_age) if len(found) > 1 else found


def new_among(found: Sequence[ReplicaSet], item: Deployment) -> ReplicaSet | None:
    """Of the Deployment's ReplicaSets, oldest first, the first with its template (`FindNewReplicaSet`).

    Where a snapshot shows no template (a table does not), the newest revision is the new one until the Deployment changes.
    """
    for rs in found:
        if same(rs.spec.template, item.spec.template):
            return rs
    unseen = [rs for rs in found if not rs.spec.template.spec.containers]
    if unseen and item.metadata.generation <= max(item.status.observed_generation, 1):
        return max(found, key=by_revision)
    return None


def claims(view: View, item: Deployment) -> Iterator[Action]:
    """Adopts orphaned ReplicaSets that match, releases those that no longer do."""
    selector = compile_selector(item.spec.selector)
    found = {
        rs.name: rs for rs in (*view.state.owned(ReplicaSet, item), *view.state.orphans(ReplicaSet, item.namespace))
    }
    for _, rs in sorted(found.items()):
        owners = rs.metadata.owner_references
        mine, matching = owned_by(item, rs), selector.matches(rs.labels)
        if mine and not matching:
            owners = tuple(each for each in owners if not each.controller)
        elif matching and controller_of(rs) is None and item.metadata.deletion_timestamp is None:
            owners = (*owners, reference(item))
        if owners != rs.metadata.owner_references and rs.metadata.deletion_timestamp is None:
            changed = replace(rs, metadata=replace(rs.metadata, owner_references=owners))
            yield Update(changed, "deployment: " + ("released" if mine else "adopted"))


def may_claim(view: View, item: Deployment, found: Sequence[ReplicaSet]) -> bool:
    """Whether there is an orphan to adopt or one to release: `found` are those that stay. Hardly ever."""
    state = view.state
    return state.has_orphans(ReplicaSet, item.namespace) or len(state.owned(ReplicaSet, item)) != len(found)


def replica_annotations(item: Deployment) -> dict[str, str]:
    wanted = sizes.desired(item)
    return {sizes.DESIRED: str(wanted), sizes.MOST: str(wanted + sizes.max_surge(item))}


def synced(
    view: View, item: Deployment, new: ReplicaSet | None, old: Sequence[ReplicaSet], *, create: bool
) -> Iterator[Action]:
    """`getNewReplicaSet`: the new ReplicaSet exists (where asked for), carries the Deployment's annotations and the highest revision, and the Deployment names it."""
    number = max((revision_of(rs) for rs in old), default=0) + 1
    if new is not None:
        annotations = _annotations(item, new, number)
        if annotations != new.metadata.annotations or new.spec.min_ready_seconds != item.spec.min_ready_seconds:
            changed = replace(
                new,
                metadata=replace(new.metadata, annotations=annotations),
                spec=replace(new.spec, min_ready_seconds=item.spec.min_ready_seconds),
            )
            yield Update(changed, f"deployment: revision {annotations.get(sizes.REVISION, '')}")
        named = _named(item, annotations.get(sizes.REVISION, ""))
        if status.has_deadline(item) and status.find(item.status, "Progressing") is None:
            text = f'Found new replica set "{new.name}"'
            made = status.condition(view.now, "Progressing", "True", "FoundNewReplicaSet", text)
            named = replace(named, status=status.with_condition(named.status, made))
        if named != item:
            yield Update(named, "deployment: revision")
    elif create:
        yield from _created(view, item, old, number)


def _created(view: View, item: Deployment, old: Sequence[ReplicaSet], number: int) -> Iterator[Action]:
    suffix = hash_of(item.spec.template, item.status.collision_count)
    name = f"{item.name[: 253 - 1 - len(suffix)]}-{suffix}"
    if view.state.get(ReplicaSet, item.namespace, name) is not None:
        counted = replace(item.status, collision_count=(item.status.collision_count or 0) + 1)
        yield Update(replace(item, status=counted), "deployment: the ReplicaSet's name is taken")
        return
    template = with_label(item.spec.template, HASH, suffix)
    selector = item.spec.selector or LabelSelector()
    new = ReplicaSet(
        api_version="apps/v1",
        metadata=Metadata(
            name=name,
            namespace=item.namespace,
            labels=template.metadata.labels,
            owner_references=(reference(item),),
        ),
        spec=replace(
            ReplicaSet().spec,
            replicas=0,
            min_ready_seconds=item.spec.min_ready_seconds,
            selector=replace(selector, match_labels={**selector.match_labels, HASH: suffix}),
            template=template,
        ),
    )
    size = sizes.grown(item, [*old, new], new)
    annotations = {**_annotations(item, new, number), **replica_annotations(item)}
    new = replace(new, spec=replace(new.spec, replicas=size), metadata=replace(new.metadata, annotations=annotations))
    yield Create(new, f"deployment: Scaled up replica set {name} from 0 to {size}")
    deadline = status.has_deadline(item)
    if view.state.find(new.ref) is None:
        if deadline:
            text = f'Failed to create new replica set "{name}": {view.refused.get(item.ref, "")}'
            made = status.condition(view.now, "Progressing", "False", "ReplicaSetCreateError", text)
            yield Update(replace(item, status=status.with_condition(item.status, made)), f"deployment: {text}")
        return
    named = _named(item, str(number))
    if deadline:
        text = f'Created new replica set "{name}"'
        made = status.condition(view.now, "Progressing", "True", "NewReplicaSetCreated", text)
        named = replace(named, status=status.with_condition(named.status, made))
    yield Update(named, f"deployment: revision {number}")


def _named(item: Deployment, revision: str) -> Deployment:
    if item.metadata.annotations.get(sizes.REVISION) == revision:
        return item
    annotations = {**item.metadata.annotations, sizes.REVISION: revision}
    return replace(item, metadata=replace(item.metadata, annotations=annotations))


def _annotations(item: Deployment, rs: ReplicaSet, number: int) -> dict[str, str]:
    """`SetNewReplicaSetAnnotations`, but for the replica counts."""
    copied = {key: value for key, value in item.metadata.annotations.items() if key not in _OWN}
    found = {**rs.metadata.annotations, **copied}
    before = found.get(sizes.REVISION, "")
    if before and not before.isdecimal():
        return found
    if int(before or 0) < number:
        found[sizes.REVISION] = str(number)
        if before:
            past = [each for each in found.get(sizes.HISTORY, "").split(",") if each]
            past.append(before)
            while past and len(",".join(past)) > _LONGEST_HISTORY:
                past.pop(0)
            found[sizes.HISTORY] = ",".join(past)
    return found


def rolled_back(item: Deployment, everything: Sequence[ReplicaSet]) -> Deployment:
    """The template and annotations of the revision that the annotation asks for (0: the one before), without the annotation."""
    text = item.metadata.annotations[ROLLBACK]
    revisions = sorted((revision_of(rs) for rs in everything), reverse=True)
    wanted = int(text) if text.isdecimal() else -1
    if wanted == 0:
        wanted = revisions[1] if len(revisions) > 1 else -1
    annotations = {key: value for key, value in item.metadata.annotations.items() if key != ROLLBACK}
    target = next((rs for rs in everything if revision_of(rs) == wanted), None)
    if target is None or same(target.spec.template, item.spec.template):
        return replace(item, metadata=replace(item.metadata, annotations=annotations))
    kept = {key: value for key, value in annotations.items() if key in _OWN}
    kept |= {key: value for key, value in target.metadata.annotations.items() if key not in _OWN}
    template = without_hash(target.spec.template)
    return replace(item, metadata=replace(item.metadata, annotations=kept), spec=replace(item.spec, template=template))
