"""Nothing says what a workload is or whose it is.

What: its labels lack what application it is (app.kubernetes.io/name, app or k8s-app), or what it belongs to (app.kubernetes.io/part-of or instance, a release, team or owner).

Why: at night, whoever finds it broken does not know whom to call. Costs, policies and dashboards that go by such labels leave it out.

Bad:
    metadata: {name: worker-2}

Good:
    metadata: {name: worker-2, labels: {app.kubernetes.io/name: ingest, app.kubernetes.io/part-of: lake}}

Ignore when: its namespace says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from seakeep.contract.hardening import HardeningLeaf
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.podspecs import Judged, judged_of, judged_templates, unknown
from seakeep.facts.shell_words import quote
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Outcome, Severity
from seakeep.model.objects import Namespace
from seakeep.model.snapshot import Depth

ID = "owner-labels-missing"
_NAME, _PART = "app.kubernetes.io/name", "app.kubernetes.io/part-of"
_NAMES = (_NAME, "app", "k8s-app")
_PARTS = (_PART, "app.kubernetes.io/instance", "release", "team", "owner")
_ENDINGS = ("/team", "/owner", "/part-of")
_KINDS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "CronJob"})


def judge(index: Index) -> Iterable[Finding]:
    for entry in judged_templates(index):
        ref, item = entry.ref, index.snapshot.find(entry.ref)
        if ref.kind not in _KINDS or ref.namespace.startswith("kube-"):
            continue
        if item is None or index.snapshot.depth(ref) < Depth.DESCRIBED:
            yield unknown(ID, entry, "its labels")
        elif item.metadata.owner_references:
            continue  # its owner says it
        elif lacking := _lacking(item.labels):
            text = f"its labels do not say {' or '.join(lacking.values())}"
            path, repair = "metadata.labels", f"Add the labels {' and '.join(lacking)}."
            yield Finding(ID, ref, Outcome.FAIL, Severity.INFO, text, path, repair)
        else:
            yield Finding(ID, ref, Outcome.PASS, Severity.INFO)


def _lacking(labels: Mapping[str, str]) -> dict[str, str]:
    found = {}
    if not _first(labels, _NAMES):
        found[_NAME] = "which application it is"
    if not _part(labels):
        found[_PART] = "what it belongs to"
    return found


def _first(labels: Mapping[str, str], keys: Sequence[str]) -> str:
    return next((labels[key] for key in keys if labels.get(key)), "")


def _part(labels: Mapping[str, str]) -> str:
    return _first(labels, (*_PARTS, *sorted(key for key in labels if key.endswith(_ENDINGS))))


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """Of the object alone: its selector cannot change, and labels of the template would restart it."""
    ref = finding.object
    item, entry = index.snapshot.find(ref), judged_of(index, ref)
    known = {_NAME: _name(index, entry), _PART: _whole(index, entry)}
    lacking = _lacking(item.labels if item else {})
    if not all(known[key][0] for key in lacking):
        return Advice(
            f"Which application is {ref}, and who looks after it?",
            f"kubectl get namespace {quote(ref.namespace)} -o yaml",
        )
    labels = {key: known[key][0] for key in lacking}
    why = f"{finding.detail}; {', '.join(f'{labels[key]} is {known[key][1]}' for key in lacking)}"
    return (Change(ref, {"metadata": {"labels": labels}}, (), Risk.LOW, why),)


def _name(index: Index, entry: Judged) -> tuple[str, str]:
    own = _first(entry.labels, _NAMES)
    traits = index.traits.get(entry.ref)
    return (own, "what its pods say") if own else (traits.service if traits else "", "the service that it is known as")


def _whole(index: Index, entry: Judged) -> tuple[str, str]:
    space = index.snapshot.get(Namespace, "", entry.ref.namespace)
    item = index.snapshot.find(entry.ref)
    known = (
        (_part(entry.labels), "what its pods say"),
        (item.metadata.annotations.get("meta.helm.sh/release-name", "") if item else "", "its Helm release"),
        (_part(space.labels) if space else "", "what its namespace says"),
        (_neighbours(index).get(entry.ref.namespace, ""), "what the others in its namespace belong to"),
    )
    return next((pair for pair in known if pair[0]), ("", ""))


@once
def _neighbours(index: Index) -> Mapping[str, str]:
    """Namespace → the one thing that all of its labelled workloads are part of, where there are two or more."""
    found: dict[str, Counter[str]] = {}
    for entry in judged_templates(index):
        item = index.snapshot.find(entry.ref)
        part = item.labels.get(_PART) if item else ""
        if part:
            found.setdefault(entry.ref.namespace, Counter())[part] += 1
    return {space: next(iter(parts)) for space, parts in found.items() if len(parts) == 1 and max(parts.values()) >= 2}


HARDENING = HardeningLeaf(
    id=ID,
    title="Workload that says not whose it is",
    reads=(),
    severity=Severity.INFO,
    judge=judge,
    propose=propose,
)
