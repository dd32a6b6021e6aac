"""A process in a container may gain more rights than its parent has.

What: allowPrivilegeEscalation is not false.

Why: with it, set-user-id programs and file capabilities work in the container, and are the way from a broken server to root.

Bad:
    securityContext: {}

Good:
    securityContext: {allowPrivilegeEscalation: false}

Ignore when: a program in it relies on sudo, ping or file capabilities. Privileged containers are not judged here, they have a rule of their own.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, template_rule
from seakeep.facts.containers.image_users import raises_rights
from seakeep.facts.index import Index
from seakeep.facts.security.securing import (
    added,
    confined_templates,
    context,
    in_containers_of,
    low_ports,
    names_of,
    unprivileged,
    user_of,
)
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding
from seakeep.model.objects import Container
from seakeep.model.pattern import late

_RAISING = late(r"(?:^|[\s;&|/])(?:sudo|su|ping|setcap|newgrp|passwd)(?:\s|$)")


def _answer(index: Index, entry: Judged) -> Answer:
    bare = _bare(index, entry)
    return f"processes of {names_of(bare)} may gain rights" if bare else HOLDS


def _bare(index: Index, entry: Judged) -> list[Container]:
    return [item for item in unprivileged(index, entry) if context(item).allow_privilege_escalation is not False]


def _relies_on_it(entry: Judged, container: Container) -> bool:
    """Root loses nothing by it. Others may have got capabilities, or ports below 1024, by their program's file."""
    words = " ".join((*container.command, *container.args))
    if raises_rights(container.image) or _RAISING.search(words):
        return True
    return user_of(entry.spec, container) != 0 and bool(added(container) or low_ports(container))


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    ref = finding.object
    entry = judged_of(index, ref)
    bare = _bare(index, entry)
    doubtful = [item for item in bare if _relies_on_it(entry, item)]
    if held := fixed(ref, "allowPrivilegeEscalation: false"):
        return held
    if doubtful:
        return Advice(
            f"Which program with file capabilities or a set-user-id bit is started by {names_of(doubtful)} of {ref}, if any?",
            f"kubectl exec -n {quote(ref.namespace)} {quote(ref.kind.lower())}/{quote(ref.name)} -c {quote(doubtful[0].name)} -- sh -c 'find / -xdev -perm -4000; getcap -r / 2>/dev/null'",
        )
    patch = in_containers_of(
        ref, entry.spec, {item.name: {"securityContext": {"allowPrivilegeEscalation": False}} for item in bare}
    )
    why = f"{finding.detail}; nothing in its command, capabilities or ports asks for that"
    return (Change(ref, patch, (), Risk.MEDIUM, why),)


HARDENING = template_rule(
    "privilege-escalation-allowed",
    "Processes that may gain rights",
    _answer,
    of=confined_templates,
    unseen="its containers' security contexts",
    path="spec.template.spec.containers[].securityContext.allowPrivilegeEscalation",
    repair="Set allowPrivilegeEscalation: false.",
    propose=propose,
)
