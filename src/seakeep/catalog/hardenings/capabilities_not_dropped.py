"""A container keeps the capabilities that the container runtime gives to all.

What: capabilities.drop does not hold ALL.

Why: of the fourteen that a root process has by default, such as NET_RAW to forge packets, a server needs none or one.

Bad:
    securityContext: {}

Good:
    securityContext: {capabilities: {drop: [ALL]}}

Ignore when: its start as root needs them, as where an entry point changes owners and steps down (postgres, redis, mysql): give it the service's own user first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seakeep.contract.template_rule import HOLDS, Answer, template_rule
from seakeep.facts.containers.image_users import raises_rights
from seakeep.facts.index import Index
from seakeep.facts.security.securing import (
    added,
    ask_for_users,
    confined_templates,
    dropped,
    in_containers_of,
    is_known_non_root,
    low_ports,
    names_of,
    unprivileged,
    user_of,
)
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import Container

_BIND = "NET_BIND_SERVICE"


def _answer(index: Index, entry: Judged) -> Answer:
    bare = _bare(index, entry)
    return f"{names_of(bare)} keep{'s' if len(bare) == 1 else ''} the runtime's default capabilities" if bare else HOLDS


def _bare(index: Index, entry: Judged) -> list[Container]:
    return [item for item in unprivileged(index, entry) if "ALL" not in dropped(item)]


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """Processes of other users than root have no capabilities in effect, so that nothing they do now is lost; what root does is not to be seen."""
    ref = finding.object
    entry = judged_of(index, ref)
    bare = _bare(index, entry)
    if held := fixed(ref, "dropped capabilities"):
        return held
    unclear = [item for item in bare if user_of(entry.spec, item) is None and not is_known_non_root(entry.spec, item)]
    if unclear:
        return ask_for_users(entry, unclear)
    doubtful = [item for item in bare if not is_known_non_root(entry.spec, item) or raises_rights(item.image)]
    if doubtful:
        return Advice(
            f"Which capabilities do {names_of(doubtful)} of {ref} need?",
            f"kubectl exec -n {quote(ref.namespace)} {quote(ref.kind.lower())}/{quote(ref.name)} -c {quote(doubtful[0].name)} -- grep Cap /proc/1/status",
        )
    fields = {item.name: {"securityContext": {"capabilities": _wanted(item)}} for item in bare}
    why = f"{finding.detail}; it does not run as root, so that it uses none of them"
    patch = in_containers_of(ref, entry.spec, fields)
    return (Change(ref, patch, (), Risk.MEDIUM, why),)


def _wanted(container: Container) -> dict[str, Any]:
    keep = added(container) | ({_BIND} if low_ports(container) else set())
    return {"drop": ["ALL"], **({"add": sorted(keep)} if keep else {})}


HARDENING = template_rule(
    "capabilities-not-dropped",
    "Capabilities that are not dropped",
    _answer,
    severity=Severity.INFO,
    of=confined_templates,
    unseen="its containers' capabilities",
    path="spec.template.spec.containers[].securityContext.capabilities.drop",
    repair="Drop ALL, and add back what it needs by name.",
    propose=propose,
)
