"""The pod templates that StatefulSets and DaemonSets had, as ControllerRevisions. Source: pkg/controller/history.

A snapshot need not hold ControllerRevisions; then the names that statuses and pods' labels show are taken up, so that nothing rolls that did not change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import msgspec
from msgspec.structs import replace

from seakeep.model.objects import ControllerRevision, DaemonSet, Metadata, Pod, StatefulSet
from seakeep.model.objects.pods import PodTemplate, PodTemplateMetadata
from seakeep.twin.actions import Action, Create, Delete, Update
from seakeep.twin.controller import View
from seakeep.twin.controllers.pods import owned_by, reference
from seakeep.twin.controllers.templates import equal, hash_of
from seakeep.twin.memo import by_identity
from seakeep.twin.moments import EARLIEST

REVISION_LABEL = "controller-revision-hash"
_HASH_LABEL = "controller.kubernetes.io/hash"
# What a StatefulSet, a DaemonSet or admission adds to the template's pods.
_ADDED_LABELS = frozenset(
    {REVISION_LABEL, "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "pod-template-generation"}
)
_Owner = StatefulSet | DaemonSet


def revisions_of(view: View, owner: _Owner) -> Sequence[ControllerRevision]:
    """Oldest first (`SortControllerRevisions`). What was found last, where no revision has changed since."""
    state, metadata = view.state, owner.metadata
    key = ("revisions", owner.kind, metadata.namespace, metadata.name)
    seen = state.changed_at("ControllerRevision")
    last = cast("tuple[int, Metadata, Sequence[ControllerRevision]] | None", state.note(key))
    if last is not None and last[0] == seen and last[1] is metadata:
        return last[2]
    mine = [item for item in state.owned(ControllerRevision, owner) if owned_by(owner, item)]
    found = tuple(sorted(mine, key=_age))
    state.remember(key, (seen, metadata, found))
    return found


def _age(item: ControllerRevision) -> tuple[object, ...]:
    return item.revision, item.metadata.creation_timestamp or EARLIEST, item.name


def template_of(item: ControllerRevision) -> PodTemplate:
    return _decoded(item.data)


@by_identity
def _decoded(known: dict[str, Any]) -> PodTemplate:
    data = known.get("spec", {}).get("template", {})
    try:
        return msgspec.convert(data, PodTemplate, strict=False)
    except msgspec.ValidationError:
        return PodTemplate()  # matches no template with containers


def find(known: Sequence[ControllerRevision], template: PodTemplate) -> ControllerRevision | None:
    """The newest with that template."""
    return next((item for item in reversed(known) if equal(template_of(item), template)), None)


def is_newest(known: Sequence[ControllerRevision], template: PodTemplate) -> bool:
    """The last one has that template: there is nothing for `synced` to do."""
    return bool(known) and equal(template_of(known[-1]), template)


def synced(view: View, owner: _Owner, pods: Sequence[Pod]) -> Iterator[Action]:
    """There is a revision with the owner's template, and it has the highest number."""
    known = revisions_of(view, owner)
    if not known:
        yield from _taken_up(owner, pods)
        known = revisions_of(view, owner)
    template = owner.spec.template
    number = known[-1].revision + 1 if known else 1
    equal = find(known, template)
    kind = owner.kind.lower()
    if equal is None:
        suffix = hash_of(template, owner.status.collision_count)
        yield Create(_revision(owner, f"{owner.name}-{suffix}", suffix, template, number), f"{kind}: revision {number}")
    elif equal is not known[-1]:
        yield Update(replace(equal, revision=number), f"{kind}: revision {number}, as before")


def limit(owner: _Owner) -> int:
    return 10 if owner.spec.revision_history_limit is None else owner.spec.revision_history_limit


def cleaned(view: View, owner: _Owner, live: frozenset[str]) -> Iterator[Action]:
    """`revisionHistoryLimit`: the oldest of too many revisions that nothing uses any more (`live` are names). A DaemonSet counts those in use, too, but for the current one."""
    most, known = limit(owner), revisions_of(view, owner)
    if len(known) <= most:
        return
    unused = [item for item in known if item.name not in live]
    surplus = (len(known) - 1 if isinstance(owner, DaemonSet) else len(unused)) - most
    for item in unused[: max(surplus, 0)]:
        yield Delete(item.ref, f"{owner.kind.lower()}: revisionHistoryLimit")


def _revision(owner: _Owner, name: str, suffix: str, template: PodTemplate, number: int) -> ControllerRevision:
    label = REVISION_LABEL if isinstance(owner, DaemonSet) else _HASH_LABEL
    return ControllerRevision(
        api_version="apps/v1",
        metadata=Metadata(
            name=name,
            namespace=owner.namespace,
            labels={**template.metadata.labels, label: suffix},
            annotations=owner.metadata.annotations,
            owner_references=(reference(owner),),
        ),
        data={"spec": {"template": msgspec.to_builtins(template)}},
        revision=number,
    )


def hash_in(item: ControllerRevision) -> str:
    """A DaemonSet's pods are labelled with it."""
    return item.labels.get(REVISION_LABEL) or item.name.rpartition("-")[2]


def _taken_up(owner: _Owner, pods: Sequence[Pod]) -> Iterator[Action]:
    """From what the snapshot shows: the update revision's template is the owner's, if the controller has seen it; an older one's is read off its pods."""
    labels = {pod.labels[REVISION_LABEL]: pod for pod in pods if pod.labels.get(REVISION_LABEL)}
    names = {_name(owner, label): pod for label, pod in labels.items()}
    newest = owner.status.update_revision
    if not newest and len(names) == 1:
        newest = next(iter(names))
    elif not newest and names:
        newest = max(names, key=lambda name: (names[name].metadata.creation_timestamp or EARLIEST, name))
    if owner.status.observed_generation < owner.metadata.generation:
        newest = ""
    older = [name for name in sorted({*names, owner.status.current_revision}) if name and name != newest]
    for number, name in enumerate(older, 1):
        template = read_off(names[name], owner) if name in names else PodTemplate()
        yield Create(_revision(owner, name, name.removeprefix(f"{owner.name}-"), template, number), _WHY)
    if newest:
        suffix = newest.removeprefix(f"{owner.name}-")
        yield Create(_revision(owner, newest, suffix, owner.spec.template, len(older) + 1), _WHY)


_WHY = "the snapshot's pods and statuses name this revision"


def _name(owner: _Owner, label: str) -> str:
    return f"{owner.name}-{label}" if isinstance(owner, DaemonSet) else label


def read_off(pod: Pod, owner: _Owner) -> PodTemplate:
    """About the template that a pod was made from: without what its controller, admission and the scheduler added."""
    claims = {item.name for item in owner.spec.volume_claim_templates}
    volumes = tuple(
        item for item in pod.spec.volumes if item.name not in claims and not item.name.startswith("kube-api-access-")
    )
    containers, inits = (
        tuple(
            replace(
                item,
                volume_mounts=tuple(m for m in item.volume_mounts if not m.name.startswith("kube-api-access-")),
            )
            for item in group
        )
        for group in (pod.spec.containers, pod.spec.init_containers)
    )
    spec = replace(
        pod.spec,
        node_name="",
        hostname="",
        subdomain="",
        volumes=volumes,
        containers=containers,
        init_containers=inits,
    )
    labels = {key: value for key, value in pod.labels.items() if key not in _ADDED_LABELS}
    return PodTemplate(metadata=PodTemplateMetadata(labels=labels, annotations=pod.metadata.annotations), spec=spec)
