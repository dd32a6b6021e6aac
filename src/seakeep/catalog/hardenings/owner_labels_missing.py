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

from collections.abc import Sequence

from seakeep.contract.template_rule import HOLDS, Answer, Fault, Unseen, template_rule
from seakeep.facts.index import Index
from seakeep.facts.owners.owner_labels import NAME, PART, lacking, name_for, whole_for
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podspecs import Judged, judged_of
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding, Severity
from seakeep.model.snapshot import Depth

_KINDS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "CronJob"})


def _answer(index: Index, entry: Judged) -> Answer:
    ref = entry.ref
    if ref.kind not in _KINDS or ref.namespace.startswith("kube-"):
        return None
    item = index.snapshot.find(ref)
    if item is None or index.snapshot.depth(ref) < Depth.DESCRIBED:
        return Unseen("its labels")
    if item.metadata.owner_references:
        return None  # its owner says it
    absent = lacking(item.labels)
    if not absent:
        return HOLDS
    text = f"its labels do not say {' or '.join(absent.values())}"
    return Fault(text, repair=f"Add the labels {' and '.join(absent)}.")


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """Of the object alone: its selector cannot change, and labels of the template would restart it."""
    ref = finding.object
    item, entry = index.snapshot.find(ref), judged_of(index, ref)
    known = {NAME: name_for(index, entry), PART: whole_for(index, entry)}
    absent = lacking(item.labels if item else {})
    if not all(known[key][0] for key in absent):
        return Advice(
            f"Which application is {ref}, and who looks after it?",
            f"kubectl get namespace {quote(ref.namespace)} -o yaml",
        )
    labels = {key: known[key][0] for key in absent}
    why = f"{finding.detail}; {', '.join(f'{labels[key]} is {known[key][1]}' for key in absent)}"
    return (Change(ref, {"metadata": {"labels": labels}}, (), Risk.LOW, why),)


HARDENING = template_rule(
    "owner-labels-missing",
    "Workload that says not whose it is",
    _answer,
    severity=Severity.INFO,
    alone=True,
    path="metadata.labels",
    propose=propose,
)
