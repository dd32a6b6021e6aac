"""The pull policy does not suit the image's name.

What: a name with a digest is looked up in its registry at each start (Always), or a name that moves is not (IfNotPresent, Never).

Why: the first makes each restart depend on the registry, for an image that cannot have changed; the second runs another version on each node.

Bad:
    image: shop/web@sha256:…
    imagePullPolicy: Always

Good:
    image: shop/web@sha256:…
    imagePullPolicy: IfNotPresent

Ignore when: tenants that do not trust each other share nodes, and Always makes each prove its right to the image. Fixed tags may have either policy, unlike for tools that want Always.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, template_rule
from seakeep.facts.containers.image_parts import parts_of
from seakeep.facts.containers.image_pins import running_digest
from seakeep.facts.index import Index
from seakeep.facts.security.securing import in_containers_of
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.facts.workloads.podstate import containers
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import Container
from seakeep.model.refs import Ref


def _answer(index: Index, entry: Judged) -> Answer:
    wrong = _fitting(index, entry)
    if not wrong:
        return HOLDS
    said = ", ".join(f"{name} has {item.image_pull_policy or _default(item)}" for name, (item, _) in wrong.items())
    return f"{said} for {', '.join(item.image for item, _ in wrong.values())}"


def _default(item: Container) -> str:
    """What the API server sets."""
    name = parts_of(item.image)
    return "Always" if name.tag == "latest" or not (name.tag or name.digest) else "IfNotPresent"


def _fitting(index: Index, entry: Judged) -> dict[str, tuple[Container, str]]:
    """Containers with a policy that does not fit, each with the one that does."""
    found = {}
    for item in containers(entry.spec):
        fit = _fit(index, entry.ref, item)
        if fit:
            found[item.name] = (item, fit)
    return found


def _fit(index: Index, ref: Ref, item: Container) -> str:
    """Without a policy the API server sets Always for `latest` and for no tag, else IfNotPresent. Where the digest that runs is known the name itself is to be fixed, by a rule of its own."""
    name, policy = parts_of(item.image), item.image_pull_policy
    if name.digest:
        return "IfNotPresent" if policy == "Always" or (not policy and name.tag == "latest") else ""
    if not name.moves or policy == "Always" or (not policy and name.tag in {"", "latest"}):
        return ""
    return "" if running_digest(index, ref, item) else "Always"


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    ref = finding.object
    entry = judged_of(index, ref)
    fields = {name: {"imagePullPolicy": fit} for name, (_, fit) in _fitting(index, entry).items()}
    patch = in_containers_of(ref, entry.spec, fields)
    return fixed(ref, "another pull policy") or (Change(ref, patch, (), Risk.MEDIUM, finding.detail),)


HARDENING = template_rule(
    "image-pull-policy-unfit",
    "Pull policy that does not fit",
    _answer,
    severity=Severity.INFO,
    unseen="its pull policies",
    path="spec.template.spec.containers[].imagePullPolicy",
    repair="Set IfNotPresent for names with a digest, Always for names that move.",
    propose=propose,
)
