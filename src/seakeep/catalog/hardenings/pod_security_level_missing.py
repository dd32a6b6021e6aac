"""A namespace takes pods of any kind.

What: it runs workloads and has no label pod-security.kubernetes.io/enforce.

Why: who may make a Deployment there may make a privileged one, and so own a node.

Bad:
    metadata: {name: shop}

Good:
    metadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/warn: restricted}}

Ignore when: another admission policy (Kyverno, Gatekeeper) or the API server's own default sets the level. The system's own namespaces are not judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.facts.security.pod_makers import unseen_makers
from seakeep.facts.security.pod_security import LEVEL_LABEL
from seakeep.facts.shell_words import quote
from seakeep.facts.workloads.podspecs import Judged, judged_templates
from seakeep.model.change import Advice, Change, Risk
from seakeep.model.finding import Finding
from seakeep.model.objects import Namespace, Pod
from seakeep.model.snapshot import Depth
from seakeep.twin.admission.pod_standards import violations

RULE = Rule("pod-security-level-missing")
_SYSTEM = frozenset({"kube-system", "kube-public", "kube-node-lease"})
_STRICTEST_FIRST = ("restricted", "baseline")
_MODES = ("warn", "audit")


@once
def _inhabitants(index: Index) -> Mapping[str, list[Judged]]:
    found: dict[str, list[Judged]] = {}
    for entry in judged_templates(index):
        found.setdefault(entry.ref.namespace, []).append(entry)
    return found


def judge(index: Index) -> Iterable[Finding]:
    for item in index.snapshot.all(Namespace):
        if item.name in _SYSTEM or item.name not in _inhabitants(index):
            continue
        if item.labels.get(LEVEL_LABEL):
            yield RULE.passes(item.ref)
        elif index.snapshot.depth(item.ref) < Depth.DESCRIBED:
            yield RULE.cannot_see(item.ref, "its labels")
        else:
            detail = "no Pod Security level is enforced: it takes privileged pods"
            repair = "Label it with the strictest level that its pods meet."
            yield RULE.fails(item.ref, detail, "metadata.labels", repair)


def propose(index: Index, finding: Finding) -> Sequence[Change] | Advice:
    """Enforced is what all its pods and templates meet today, so that nothing is refused; what is stricter only warns."""
    space = finding.object.name
    entries = _inhabitants(index)[space]
    lookup = f"kubectl label --dry-run=server --overwrite ns {quote(space)} {LEVEL_LABEL}=baseline"
    hidden = [entry.ref for entry in entries if not entry.full]
    if hidden:
        return Advice(
            f"Which Pod Security level do the pods of namespace {space} meet (the source does not show {hidden[0]})?",
            lookup,
        )
    # Webhooks may have put containers into pods that their template does not have.
    pods = [Pod(spec=entry.spec) for entry in entries]
    pods += [pod for pod in index.pods_in(space) if index.snapshot.depth(pod.ref) is Depth.FULL and pod.spec.containers]
    level = next((each for each in _STRICTEST_FIRST if not any(violations(pod, each, None) for pod in pods)), "")
    makers = unseen_makers(index, entries) if level else ()
    if makers:
        return Advice(
            f"Which Pod Security level do the pods that {makers[0]} makes in namespace {space} meet (the source shows none of them)?",
            lookup,
        )
    stricter = _STRICTEST_FIRST[0] if level != _STRICTEST_FIRST[0] else ""
    labels = {LEVEL_LABEL: level or "privileged"}
    if level != "restricted":
        next_level = stricter if level else "baseline"
        labels |= {LEVEL_LABEL.replace("enforce", mode): next_level for mode in _MODES}
    count = len(entries)
    met = (
        f"all its {count} workloads meet {level}" if level else f"of its {count} workloads some meet not even baseline"
    )
    return (Change(finding.object, {"metadata": {"labels": labels}}, (), Risk.MEDIUM, met, "v1"),)


HARDENING = RULE.leaf("Namespace without a Pod Security level", judge, propose)
