"""An image is named by a tag that moves.

What: no tag, or latest, stable, main and the like, and no digest.

Why: the next restart may bring another program than the one that was tested, on one node and not on the other, and there is no name for the way back.

Bad:
    image: shop/web:latest

Good:
    image: shop/web:1.4.2

Ignore when: it is a sandbox that is meant to follow its branch.
"""

from __future__ import annotations

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, template_rule
from seakeep.facts.containers.image_parts import parts_of
from seakeep.facts.containers.image_pins import running_digest
from seakeep.facts.index import Index
from seakeep.facts.security.securing import in_containers_of
from seakeep.facts.shell_words import quote, typed
from seakeep.facts.workloads.fixed_templates import fixed
from seakeep.facts.workloads.podspecs import Judged, judged_of, judged_parts
from seakeep.facts.workloads.podstate import containers
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding
from seakeep.model.objects import Container


def _answer(_: Index, entry: Judged) -> Answer:
    moving = ", ".join(f"{item.name} ({item.image})" for item in _moving(entry))
    return f"moving image names: {moving}" if moving else HOLDS


def _moving(entry: Judged) -> list[Container]:
    return [item for item in containers(entry.spec) if item.image and parts_of(item.image).moves]


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """The very image that runs now. With it goes the pull policy that suits a name that never moves: on `latest` stands Always."""
    ref = finding.object
    if ref in judged_parts(index):
        lookup = f"kubectl get {typed(ref)} -o yaml"
        return Advice(f"Which version is {ref} meant to run ({finding.detail})?", lookup)
    entry = judged_of(index, ref)
    pins = {item.name: (item, running_digest(index, ref, item)) for item in _moving(entry)}
    if not all(digest for _, digest in pins.values()):
        name = next(name for name, (_, digest) in pins.items() if not digest)
        return Advice(
            f"Which version of {pins[name][0].image} is container {name} of {ref} meant to run?",
            f"kubectl get pods -n {quote(ref.namespace)} -o custom-columns=POD:.metadata.name,IMAGE:.status.containerStatuses[*].imageID",
        )
    fields = {
        name: {"image": f"{item.image}@{digest}", "imagePullPolicy": "IfNotPresent"}
        for name, (item, digest) in pins.items()
    }
    why = f"{finding.detail}; pinned is what its pods run now"
    patch = in_containers_of(ref, entry.spec, fields)
    return fixed(ref, "a fixed image") or (Change(ref, patch, (), Risk.MEDIUM, why),)


HARDENING = template_rule(
    "image-tag-mutable",
    "Image name that moves",
    _answer,
    needs="seen",
    written=True,
    unseen="its images",
    path="spec.template.spec.containers[].image",
    repair="Name the version, or the digest that runs.",
    propose=propose,
)
