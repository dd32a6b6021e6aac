"""Nothing uses a ConfigMap or Secret.

What: it is older than a week, and no pod, template, service account, Ingress, role or custom resource refers to it, nor does any command, environment or file name it. Not judged are those that something owns, that a program may find by a label, or of namespaces where a Role lets programs read all of the kind.

Why: whoever looks for the setting that counts finds one that does not; an old Secret that nobody rotates still opens a door.

Bad:
    web-config, web-config-old, web-config-copy

Good:
    the one that the Deployment mounts

Ignore when: something outside of the cluster reads it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from seakeep.contract.hardening import Rule
from seakeep.facts.index import Index
from seakeep.facts.references.config_uses import named_configs, readable, used
from seakeep.facts.references.mentions import mentioned
from seakeep.facts.shell_words import typed
from seakeep.model.change import Advice
from seakeep.model.finding import Finding, Severity
from seakeep.model.objects import ConfigMap, Secret

RULE = Rule("config-unused", Severity.INFO)
_AGE = timedelta(days=7)
_GIVEN = frozenset({"kube-root-ca.crt", "openshift-service-ca.crt", "istio-ca-root-cert"})
# What people make for pods; tokens, releases and bootstrap Secrets are the cluster's and tools' own.
_TYPES = frozenset({"", "Opaque", "kubernetes.io/tls", "kubernetes.io/basic-auth", "kubernetes.io/dockerconfigjson"})
# Labels that say what an object belongs to. Any other may be what a program finds it by.
_PLAIN = ("app.kubernetes.io/", "helm.sh/", "kustomize.toolkit.fluxcd.io/", "argocd.argoproj.io/")
_SHORT = frozenset({"app", "name", "chart", "release", "heritage", "component", "tier", "team", "owner"})
_USERS = ("Pod", "ReplicaSet", "Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job")


def judge(index: Index) -> Iterable[Finding]:
    if index.snapshot.intent_only:
        return  # what refers to it may be in another folder
    items: tuple[ConfigMap | Secret, ...] = (*index.snapshot.all(ConfigMap), *index.snapshot.all(Secret))
    for item in items:
        if not _judged(index, item):
            continue
        if (item.kind, item.namespace, item.name) in used(index):
            yield RULE.passes(item.ref)
        elif item.name in named_configs(index) or item.name in mentioned(index):
            continue
        elif all(index.snapshot.lists_all(kind, item.namespace) for kind in _USERS):
            yield RULE.fails(item.ref, "nothing refers to it", "", f"Delete the {item.kind} if it may go.")
        else:
            yield RULE.cannot_see(item.ref, "all that may refer to it")


def _judged(index: Index, item: ConfigMap | Secret) -> bool:
    born = item.metadata.creation_timestamp
    return (
        born is not None
        and index.now - born >= _AGE
        and not item.metadata.owner_references
        and not item.namespace.startswith("kube-")
        and item.name not in _GIVEN
        and (item.kind, item.namespace) not in readable(index)
        and (not isinstance(item, Secret) or item.type in _TYPES)
        and "control-plane.alpha.kubernetes.io/leader" not in item.metadata.annotations
        and all(key.startswith(_PLAIN) or key in _SHORT for key in item.labels)
    )


def propose(index: Index, finding: Finding) -> Advice:
    """Deleting is a person's decision: what reads it from outside cannot be seen."""
    del index
    ref = finding.object
    return Advice(
        f"Does anything outside of the cluster read {ref}, or may it go?",
        f"kubectl get {typed(ref)} --show-labels",
    )


HARDENING = RULE.leaf("Configuration that nothing uses", judge, propose)
