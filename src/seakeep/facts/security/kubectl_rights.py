"""What kubectl commands in containers need of the API, against what their ServiceAccount was given."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.security.api_rights import account_of, grants_of, rules_of
from seakeep.facts.workloads.podspecs import Judged, judged_templates, shows
from seakeep.model.objects import Container, ServiceAccount
from seakeep.model.objects.cluster import PolicyRule
from seakeep.model.pattern import late
from seakeep.model.refs import Ref

# kubectl's verb -> the API's, as its own requests show (`-v=8`).
_VERBS = {
    "get": ("get", "list"),
    "delete": ("delete", "deletecollection"),
    "create": ("create",),
    "patch": ("patch",),
    "scale": ("patch", "update"),
    "annotate": ("patch",),
    "label": ("patch",),
    "logs": ("get",),
    "exec": ("create",),
}
_RESOURCES = {
    name: plural
    for plural, names in (
        ("pods", "pod pods po"),
        ("services", "svc service services"),
        ("deployments", "deploy deployment deployments"),
        ("statefulsets", "sts statefulset statefulsets"),
        ("daemonsets", "ds daemonset daemonsets"),
        ("jobs", "job jobs"),
        ("cronjobs", "cj cronjob cronjobs"),
        ("configmaps", "cm configmap configmaps"),
        ("secrets", "secret secrets"),
        ("nodes", "no node nodes"),
        ("namespaces", "ns namespace namespaces"),
        ("persistentvolumeclaims", "pvc persistentvolumeclaim persistentvolumeclaims"),
        ("replicasets", "rs replicaset replicasets"),
    )
    for name in names.split()
}
_COMMAND = late(r"\bkubectl((?:\s+-{1,2}[\w-]+(?:[= ][\w./-]+)?)*?)\s+(?P<verb>[a-z]+)\s+(?P<rest>[^|;&\n]*)")


class Lacking(Struct, frozen=True):
    """`verbs` are the API's, of which any would do for the first step; `grant` is a role that gives something else."""

    account: Ref
    workload: Ref
    container: str
    command: str
    verbs: tuple[str, ...]
    resource: str
    roles: tuple[Ref, ...]


def lacking(index: Index) -> Iterator[Lacking]:
    """Only where the account's rights are part of what was read: it was given some, or it was made and given none."""
    for entry in judged_templates(index):
        account = account_of(entry)
        roles = tuple(dict.fromkeys(grant.role for grant in grants_of(index, account)))
        rules = [rules_of(index, role) for role in roles]
        made = (
            index.snapshot.get(ServiceAccount, account.namespace, account.name) is not None
            and account.name != "default"
        )
        bare = (
            made
            and not roles
            and shows(index, "RoleBinding", account.namespace)
            and shows(index, "ClusterRoleBinding", "")
        )
        if any(group is None for group in rules) or not (roles or bare):
            continue
        given = [rule for group in rules for rule in group or ()]
        for container, command, verbs, resource in _needs(entry):
            if not any(_gives(rule, verbs, resource) for rule in given):
                yield Lacking(account, entry.ref, container.name, command, verbs, resource, roles)
                break


def _needs(entry: Judged) -> Iterator[tuple[Container, str, tuple[str, ...], str]]:
    for container in (*entry.spec.init_containers, *entry.spec.containers):
        words = [*container.command, *container.args]
        if words and re.search(r"(?:^|/)kubectl(?::|@|$)", container.image) and "kubectl" not in " ".join(words):
            words = ["kubectl", *words]
        for match in _COMMAND.finditer(" ".join(words)):
            verb, rest = match["verb"], match["rest"].split()
            plain = [word for word in rest if not word.startswith("-")]
            target = plain[0].partition("/")[0].partition(",")[0].partition(".")[0] if plain else ""
            resource = {"logs": "pods/log", "exec": "pods/exec"}.get(verb) or _RESOURCES.get(target, "")
            if verb in _VERBS and resource:
                resource = f"{resource}/scale" if verb == "scale" else resource
                yield container, match[0].strip()[:120], _VERBS[verb], resource


def _gives(rule: PolicyRule, verbs: tuple[str, ...], resource: str) -> bool:
    wide = resource.partition("/")[0]
    named = {"*", resource, f"*/{resource.partition('/')[2]}"} | ({wide} if resource.endswith("/scale") else set())
    return bool({"*", *verbs} & set(rule.verbs)) and bool(named & set(rule.resources))
