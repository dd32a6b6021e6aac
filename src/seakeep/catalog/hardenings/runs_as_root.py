"""A container may run as root.

What: neither runAsNonRoot: true nor a runAsUser other than 0 holds for it, and the pod has no user namespace of its own (hostUsers: false).

Why: root in the container is root on the node for every file and every hole of the kernel that it gets at.

Bad:
    securityContext: {}

Good:
    securityContext: {runAsNonRoot: true, runAsUser: 1000}

Ignore when: its entry point has to start as root and steps down by itself. A user above 10000, which some tools ask for, is not: what counts is that it is not root.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, template_rule
from seakeep.facts.containers.image_users import image_user
from seakeep.facts.index import Index
from seakeep.facts.security.securing import (
    ask_for_users,
    confined_templates,
    demands_non_root,
    in_containers_of,
    names_of,
    unprivileged,
    user_of,
)
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding
from seakeep.model.objects import Container


def _answer(index: Index, entry: Judged) -> Answer:
    if entry.spec.host_users is False:
        return HOLDS  # its root is nobody on the node
    bare = _bare(index, entry)
    return f"{names_of(bare)} may run as root" if bare else HOLDS


def _bare(index: Index, entry: Judged) -> list[Container]:
    return [
        item
        for item in unprivileged(index, entry)
        if not user_of(entry.spec, item) and not demands_non_root(entry.spec, item)
    ]


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """The user that the image has anyway, as a number: the kubelet cannot tell of a name whether it is root."""
    ref = finding.object
    entry = judged_of(index, ref)
    bare = _bare(index, entry)
    users = {item.name: image_user(item.image) for item in bare if user_of(entry.spec, item) is None}
    known = {name: user for name, user in users.items() if user is not None}
    doubtful = [item for item in bare if item.name not in known]
    if held := fixed(ref, "runAsNonRoot: true"):
        return held
    if doubtful:
        return ask_for_users(entry, doubtful)
    fields = {name: {"securityContext": {"runAsNonRoot": True, "runAsUser": user}} for name, user in known.items()}
    said = ", ".join(f"{name}: {user}" for name, user in known.items())
    why = f"{finding.detail}; set is the user that the image has anyway ({said})"
    patch = in_containers_of(ref, entry.spec, fields)
    return (Change(ref, patch, (), Risk.MEDIUM, why),)


HARDENING = template_rule(
    "runs-as-root",
    "Container that may run as root",
    _answer,
    of=confined_templates,
    unseen="its containers' users",
    path="spec.template.spec.containers[].securityContext.runAsNonRoot",
    repair="Set runAsNonRoot: true and the image's own user as runAsUser.",
    propose=propose,
)
