"""An object is written in an API version that is gone.

What: a manifest, or what `kubectl apply` recorded of it on the object, has an apiVersion that Kubernetes stops serving in some release.

Why: the object lives on in the newer version, but the next `kubectl apply` of its manifest is refused, often on the day of an upgrade or of a restore.

Bad:
    apiVersion: policy/v1beta1     # gone since Kubernetes 1.25
    kind: PodDisruptionBudget

Good:
    apiVersion: policy/v1

Ignore when: the manifest is only for clusters that still serve the version.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seakeep.contract.hardening import Rule
from seakeep.facts.admission.removed_apis import KINDS, REMOVED, Removed, written_as
from seakeep.facts.admission.server_version import at_least
from seakeep.facts.index import Index
from seakeep.facts.shell_words import named
from seakeep.model.change import Advice
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import KubeObject

RULE = Rule("deprecated-api")
# What charts still wrote in old versions when Kubernetes 1.22 and later dropped them.
_IN_CHARTS = frozenset({"Ingress", "CronJob", "HorizontalPodAutoscaler", "PodDisruptionBudget"})


def judge(index: Index) -> Iterable[Finding]:
    for item, kind in _items(index):
        written = written_as(index, item)
        if written and (gone := REMOVED.get((written, kind))):
            served = at_least(index, gone.minor) is not True
            severity = Severity.WARNING if served else Severity.ERROR
            then = f"Kubernetes 1.{gone.minor} and later refuse it" if served else "this cluster refuses it"
            text, repair = f"it is written as {written} {kind}, and {then}", f"Write it {_instead(gone)}."
            yield RULE.fails(item.ref, text, "apiVersion", repair, severity)
        elif written:
            yield RULE.passes(item.ref)
        elif kind in _IN_CHARTS and "meta.helm.sh/release-name" in item.metadata.annotations:
            yield RULE.cannot_see(item.ref, "in which API version its Helm release has it")


def _items(index: Index) -> Iterator[tuple[KubeObject, str]]:
    """With the kind as in the manifest: an old group's namesake has the group in its kind here."""
    for kind, group in index.snapshot.objects.items():
        plain = kind.partition(".")[0]
        if plain in KINDS:
            for item in group.values():
                if not item.metadata.owner_references:
                    yield item, plain


def _instead(gone: Removed) -> str:
    if not gone.new:
        return "out of the manifests: nothing takes its place"
    return f"as {gone.new}" + ("; its fields stay as they are" if gone.same else "; some of its fields change")


def propose(index: Index, finding: Finding) -> Advice:
    """The object needs no change: where its manifest is kept, it does."""
    ref, kind = finding.object, finding.object.kind.partition(".")[0]
    item = index.snapshot.find(ref)
    gone = REMOVED.get((written_as(index, item), kind)) if item else None
    new = gone.new if gone else ""
    if not new:
        return Advice(f"What is to take the place of {ref}?", f"kubectl explain {kind.lower()}")
    if index.snapshot.intent_only and gone:
        left = "its fields stay as they are" if gone.same else "some of its fields change"
        explain = f"kubectl explain {kind.lower()} --api-version={new}"
        return Advice(f"Does {ref} hold when it is written as {new} ({left})?", explain)
    return Advice(
        f"Where is the manifest of {ref} kept, so that it is written as {new}?",
        f"kubectl get {kind.lower()}.{new.partition('/')[2]}.{new.partition('/')[0]} {named(ref)} -o yaml",
    )


HARDENING = RULE.leaf("Manifest in an API version that is gone", judge, propose)
