"""Workloads run in the namespace default.

What: Deployments, StatefulSets, DaemonSets or CronJobs live in the namespace `default`.

Why: it is where everything lands that names no namespace. Quotas, network policies and rights that are right for one service there fall on all, and it cannot be deleted to clean up.

Bad:
    metadata: {name: web, namespace: default}

Good:
    metadata: {name: web, namespace: shop}

Ignore when: the cluster runs this one application.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.workloads.podspecs import judged_templates
from seakeep.model.change import Advice
from seakeep.model.finding import Finding, Severity
from seakeep.model.refs import Ref

RULE = Rule("namespace-default-used", Severity.INFO)
_SPACE = Ref("Namespace", "", "default")
_KINDS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob")
_SHOWN = 3


def judge(index: Index) -> Iterable[Finding]:
    """Manifests that name no namespace are not meant for `default`: who applies them chooses. Those that name it are."""
    found = [entry.ref for entry in judged_templates(index) if entry.ref.namespace == "default"]
    found = [ref for ref in found if ref.kind in _KINDS]
    if found:
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        names = ", ".join(f"{ref.kind} {ref.name}" for ref in found[:_SHOWN])
        text = f"{len(found)} workloads live in it: {names}{more}"
        yield RULE.fails(_SPACE, text, "", "Move them to namespaces of their own.")
    elif index.snapshot.intent_only:
        return
    elif all(index.snapshot.lists_all(kind, "default") for kind in _KINDS):
        yield RULE.passes(_SPACE)
    else:
        yield RULE.cannot_see(_SPACE, "whether workloads live in it")


def propose(index: Index, finding: Finding) -> Advice:
    """An object cannot move between namespaces: it is made anew, and its address changes."""
    del index, finding
    return Advice(
        "To which namespaces do the workloads in default belong, and who uses their addresses?",
        "kubectl get deployments,statefulsets,daemonsets,cronjobs,services -n default",
    )


HARDENING = RULE.leaf("Workloads in the namespace default", judge, propose)
