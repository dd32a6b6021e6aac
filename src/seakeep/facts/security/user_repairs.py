"""The user of an image that must not run as root, where the same image runs with one elsewhere."""

from __future__ import annotations

from seakeep.facts.containers.image_parts import is_same_repository, parts_of
from seakeep.facts.index import Index
from seakeep.facts.security.securing import user_of
from seakeep.facts.workloads.podspecs import judged_templates
from seakeep.facts.workloads.template_repairs import standing
from seakeep.model.change import Change
from seakeep.model.refs import Ref


def with_known_user(index: Index, ref: Ref, name: str) -> Change | None:
    """None where nobody runs the image as another user than root, or where several are used."""
    item = standing(index, ref, name)
    if item is None or user_of(item.spec, item.container):
        return None
    repository = parts_of(item.container.image).repository
    users = {
        (user, entry.ref)
        for entry in judged_templates(index)
        for other in entry.spec.containers
        if entry.ref != ref and is_same_repository(parts_of(other.image).repository, repository)
        if (user := user_of(entry.spec, other))
    }
    if len({user for user, _ in users}) != 1:
        return None
    user, witness = min(users)
    why = f"{witness.kind} {witness.name} runs {repository} as user {user}"
    return item.change({"securityContext": {"runAsUser": user}}, why)
