"""Nothing backs up a service's data.

What: a workload keeps data in claims, and no recent VolumeSnapshot, no schedule of Velero, K8up or CloudNativePG, no recurring job of Longhorn and no CronJob that dumps or copies covers them. What observability services keep is left out: it goes out of date by itself.

Why: replicas do not help against a wrong DELETE, a bad migration or a lost storage system.

Bad:
    a database, and no Schedule

Good:
    kind: Schedule
    apiVersion: velero.io/v1
    spec: {schedule: "0 2 * * *", template: {includedNamespaces: [lake]}}

Ignore when: the storage system takes backups that Kubernetes does not show, or the data can be loaded again.
"""

from __future__ import annotations

from collections.abc import Iterable

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.shell_words import quote
from seakeep.facts.volumes.backups import is_covered, rows, tools, unclear
from seakeep.facts.volumes.held_data import Held, held
from seakeep.model.change import Advice
from seakeep.model.finding import Finding
from seakeep.model.objects import PersistentVolumeClaim
from seakeep.model.refs import Ref

RULE = Rule("volume-without-backup")
_AGEING = frozenset({"prometheus", "alertmanager", "loki", "victoriametrics", "jaeger", "otel-collector", "memcached"})


def judge(index: Index) -> Iterable[Finding]:
    """Of clusters: schedules are seldom among an application's manifests."""
    if index.snapshot.intent_only:
        return
    for ref, entries in _by_workload(index).items():
        bare = [entry.claim.name for entry in entries if not is_covered(index, entry)]
        if not bare:
            yield RULE.passes(ref)
        elif missing := _unseen(index, ref):
            yield RULE.cannot_see(ref, missing)
        else:
            text = f"no backup of claim {', '.join(bare)} is to be seen"
            yield RULE.fails(ref, text, "", "Back its data up, and try a restore.")


def _by_workload(index: Index) -> dict[Ref, list[Held]]:
    found: dict[Ref, list[Held]] = {}
    for entry in held(index):
        for ref in entry.users:
            traits = index.traits.get(ref)
            if traits is None or traits.service not in _AGEING:
                found.setdefault(ref, []).append(entry)
    return dict(sorted(found.items()))


def _unseen(index: Index, ref: Ref) -> str:
    refused = {item.kind for item in index.snapshot.unread} & {"Schedule", "VolumeSnapshot", "ScheduledBackup"}
    if refused:
        return f"{' and '.join(sorted(refused))} objects, which it may not read"
    if not index.snapshot.lists_all("CronJob", ref.namespace):
        return "CronJobs, which may back it up"
    if rows(index):
        return f"what {', '.join(rows(index)[:3])} back up: only their names"
    if tools(index):
        return f"what {' and '.join(tools(index))} backs up"
    return f"what CronJob {unclear(index)[ref.namespace]} backs up" if ref.namespace in unclear(index) else ""


def propose(index: Index, finding: Finding) -> Advice:
    """Where to and how often is for those to say who own the data."""
    del index
    ref = finding.object
    return Advice(
        f"How is the data of {ref} brought back after it is lost, and when was that last tried?",
        f"kubectl get cronjobs,pvc -n {quote(ref.namespace)}; kubectl get schedules.velero.io,volumesnapshots -A",
    )


HARDENING = RULE.leaf("Data without a backup", judge, propose, reads=(PersistentVolumeClaim,))
