"""What programs may do by their accounts' rights, and no manifest shows: make pods beside their own, and have the API server call them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from seakeep.facts.index import Index
from seakeep.facts.security.api_rights import account_of, grants_of, rules_of
from seakeep.facts.workloads.podspecs import Judged
from seakeep.model.refs import Ref

_PODS = frozenset({"pods", "deployments", "statefulsets", "daemonsets", "replicasets", "jobs", "cronjobs"})
_HOOKS = frozenset({"validatingwebhookconfigurations", "mutatingwebhookconfigurations", "apiservices"})
_BUILT_IN = frozenset({"ReplicaSet", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Node"})


def unseen_makers(index: Index, entries: Sequence[Judged]) -> list[Ref]:
    """Of the workloads of a namespace those that may make pods in it, where none that was made so is among them."""
    if any(_was_made(index, entry.ref) for entry in entries):
        return []
    return [entry.ref for entry in entries if _may(index, entry, {"create"}, _PODS)]


def _was_made(index: Index, ref: Ref) -> bool:
    item = index.snapshot.find(ref)
    owners = item.metadata.owner_references if item else ()
    return ref.kind == "Pod" or any(owner.controller and owner.kind not in _BUILT_IN for owner in owners)


def registers_itself(index: Index, entry: Judged) -> bool:
    """It may write the webhooks or APIs by which the API server calls somebody: itself, most likely."""
    return entry.lasting and _may(index, entry, {"create", "update", "patch"}, _HOOKS)


def _may(index: Index, entry: Judged, verbs: Collection[str], resources: Collection[str]) -> bool:
    """By rules that name the resource: who may do everything (deployers) says nothing of what it does."""
    for grant in grants_of(index, account_of(entry)):
        if not grant.everywhere and grant.binding.namespace != entry.ref.namespace:
            continue
        for rule in rules_of(index, grant.role) or ():
            if not {*verbs, "*"}.isdisjoint(rule.verbs) and not set(rule.resources).isdisjoint(resources):
                return True
    return False
