"""A container may call every system call of the kernel.

What: neither pod nor container has a seccompProfile, or it is Unconfined.

Why: the container runtime's own profile bars some 50 calls that servers do not make and that holes of the kernel were reached by.

Bad:
    securityContext: {}

Good:
    securityContext: {seccompProfile: {type: RuntimeDefault}}

Ignore when: every kubelet has seccompDefault set, which no object shows; or the program traces others, or makes name spaces of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, template_rule
from seakeep.facts.index import Index
from seakeep.facts.proposing import in_pod_spec
from seakeep.facts.security.securing import NO_CONTEXT, confined_templates, context, names_of, unprivileged
from seakeep.facts.shell_words import typed
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.facts.workloads.podstate import containers
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding
from seakeep.model.objects import Container
from seakeep.model.objects.pods import SecurityContext


def _answer(index: Index, entry: Judged) -> Answer:
    bare = _bare(index, entry)
    return f"no seccomp profile confines {names_of(bare)}" if bare else HOLDS


def _type(own: SecurityContext | None) -> str:
    return str(((own or NO_CONTEXT).seccomp_profile or {}).get("type", ""))


def _bare(index: Index, entry: Judged) -> list[Container]:
    pod = _type(entry.spec.security_context)
    return [
        item
        for item in unprivileged(index, entry)
        if (_type(context(item)) or pod) not in {"RuntimeDefault", "Localhost"}
    ]


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """The images were made under this profile: it is what Docker runs them with. Who chose Unconfined had a reason."""
    ref = finding.object
    spec = judged_of(index, ref).spec
    if "Unconfined" in {_type(spec.security_context), *(_type(item.security_context) for item in containers(spec))}:
        return Advice(
            f"Which system calls does {ref} make that the runtime's profile bars?",
            f"kubectl get {typed(ref)} -o yaml",
        )
    patch = in_pod_spec(ref, {"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}})
    why = f"{finding.detail}; RuntimeDefault is what its image runs with outside Kubernetes"
    return fixed(ref, "a seccompProfile") or (Change(ref, patch, (), Risk.MEDIUM, why),)


HARDENING = template_rule(
    "seccomp-profile-missing",
    "Pod without a seccomp profile",
    _answer,
    of=confined_templates,
    unseen="its security context",
    path="spec.template.spec.securityContext.seccompProfile",
    repair="Set seccompProfile: {type: RuntimeDefault} for the pod.",
    propose=propose,
)
