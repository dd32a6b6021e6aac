"""A secret stands in a workload's specification.

What: the value of an environment variable, an argument or a word of a probe's command is a password, token or key itself.

Why: everybody who may read the workload reads it, and so does every Git repository, dump and log that the specification gets into.

Bad:
    env: [{name: DB_PASSWORD, value: hunter2}]

Good:
    env: [{name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: shop-db, key: password}}}]

Ignore when: it is a sample that opens nothing. Variables that are filled from a Secret are no finding, unlike for tools that want files only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seakeep.contract.template_rule import HOLDS, Answer, template_rule
from seakeep.facts.index import Index
from seakeep.facts.masked import holds_secret
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podspecs import Judged
from seakeep.facts.workloads.podstate import containers
from seakeep.model.change import Advice, Change
from seakeep.model.finding import Finding
from seakeep.model.objects import PodSpec


def _answer(_: Index, entry: Judged) -> Answer:
    found = ", ".join(_places(entry.spec))
    return f"secrets in plain words: {found}" if found else HOLDS


def _places(spec: PodSpec) -> Iterator[str]:
    """Never the value: it was taken out where the source was opened."""
    for item in containers(spec):
        yield from (f"{each.name} of {item.name}" for each in item.env if holds_secret(each.value))
        if any(holds_secret(word) for word in (*item.command, *item.args)):
            yield f"an argument of {item.name}"
        asks = (item.liveness_probe, item.readiness_probe, item.startup_probe)
        if any(holds_secret(word) for each in asks if each and each.exec for word in each.exec.command):
            yield f"a probe of {item.name}"


def propose(_: Index, finding: Finding) -> Sequence[Change] | Advice:
    """The value is not known here, and must not be: only its owner can put it into a Secret."""
    ref = finding.object
    places = finding.detail.partition(": ")[2]
    of, space = (f" of namespace {ref.namespace}", f" -n {quote(ref.namespace)}") if ref.namespace else ("", "")
    return Advice(f"Which Secret{of} holds {places} ({ref})?", f"kubectl get secrets{space}")


HARDENING = template_rule(
    "secret-in-environment",
    "Secret in plain words",
    _answer,
    needs="seen",
    written=True,
    unseen="its containers",
    path="spec.template.spec.containers[].env",
    repair="Move the value to a Secret, refer to it by secretKeyRef, and change it: it was readable.",
    propose=propose,
)
