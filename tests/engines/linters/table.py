"""Which of our rules (or causes) covers a linter's check, and where we differ on purpose. docs/explanation/linters.md is written from it."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from tests.engines.linters import excuses as when
from tests.engines.linters.excuses import Left


class Check(Struct, frozen=True):
    """`rules` answer for it. It may go on failing where `unless` holds, and `why` says so in a line. `refused`: the API server takes no such object."""

    rules: tuple[str, ...] = ()
    why: str = ""
    unless: Callable[[Left], bool] | None = None
    refused: bool = False


_NO_LIMIT = "no limit on CPU: it throttles while the node idles, and requests share out what is scarce"
_EARLY = "init containers are asked for nothing: they are over before the others start, within the room that those have"
_PULL = "names that cannot change may be pulled once: Always makes each start depend on the registry"
_ROOT = "images of which it is not known that they write nothing: read-only breaks them in ways that only a trial shows"
_USER = "any user but root: images fix theirs (999, 1000), and files on volumes belong to it"
_AGENTS = "agents of the node (exporters, network, storage): reaching past the container is their work"
_LIVENESS = "only where the service's own sign of life is known: a wrong one restarts what works"
_SPREAD = "a topology spread constraint does it: it balances, and needs no node for each replica; and what leaves replicas out has one"
_ROLES = "roles that do not grant everything: which rights an operator needs stands in no manifest"
_ACCOUNTS = "accounts made for one workload: the token may prove who it is to others, and is bound to their rights"

KUBE_SCORE = {
    "container-ephemeral-storage-request-and-limit": Check(("ephemeral-storage-unbounded",), "only for scratch volumes that grow: nothing measures what is written, and a limit that is too low evicts the pod", when.always),
    "container-image-pull-policy": Check(("image-pull-policy-unfit", "image-tag-mutable"), _PULL, when.has_fixed_images),
    "container-image-tag": Check(("image-tag-mutable",)),
    "container-resources": Check(("container-requests-missing", "container-memory-limit-missing"), f"{_NO_LIMIT}; {_EARLY}", when.is_sized_where_it_lasts),
    "container-seccomp-profile": Check(("seccomp-profile-missing", "container-runs-privileged"), _AGENTS, when.is_node_agent),
    "container-security-context-privileged": Check(("container-runs-privileged",), _AGENTS, when.is_node_agent),
    "container-security-context-readonlyrootfilesystem": Check(("root-filesystem-writable",), _ROOT, when.may_write),
    "container-security-context-user-group-id": Check(("runs-as-root", "container-runs-privileged"), _USER, when.is_not_root),
    "cronjob-has-deadline": Check(("cron-job-without-deadline",), "startingDeadlineSeconds drops runs that are late: whether late is worse than never is the job's own matter. Ours asks how long a run may hang", when.always),
    "cronjob-restartpolicy": Check(refused=True),
    "deployment-has-host-podantiaffinity": Check(("replicas-without-spread",), _SPREAD, when.is_spread),
    "deployment-has-poddisruptionbudget": Check(("disruption-budget-missing",), "what leaves replicas out has one, and a budget for one blocks drains or means nothing", when.is_one),
    "deployment-pod-selector-labels-match-template-metadata-labels": Check(refused=True),
    "deployment-replicas": Check(("single-replica",), "only for components of which a second replica shares the work: a second scheduler or database does harm", when.always),
    "deployment-strategy": Check(("rollout-strategy-unsafe",), "Recreate where the old pod holds the volume that the new one needs, or where it was written so", when.gives_way),
    "deployment-targeted-by-hpa-does-not-have-replicas-configured": Check(("autoscaler-replicas-conflict",)),
    "environment-variable-key-duplication": Check(("variable-set-twice",)),
    "horizontalpodautoscaler-has-target": Check(("hpa-blind",)),
    "horizontalpodautoscaler-replicas": Check(("autoscaler-bounds",), "only for components of which a second replica shares the work", when.always),
    "ingress-targets-service": Check(("ingress-backend-missing",)),
    "label-values": Check(refused=True),
    "networkpolicy-targets-pod": Check(("network-policy-selects-nothing",), "beside a custom resource of plain manifests: its operator may make the pods", when.may_be_for_an_operator),
    "pod-networkpolicy": Check(("network-policy-missing",), "the way out stays open: closing it takes name lookups and every address outside with it, and those stand in no manifest. Nor are the namespaces closed that serve every pod (DNS, network, mesh), or that the manifests do not name", when.is_open_outwards),
    "pod-probes": Check(("readiness-probe-missing", "liveness-probe-missing"), _LIVENESS, when.lacks_liveness),
    "pod-probes-identical": Check(("probe-timing-harsh",), "the same question where liveness waits at least twice as long, which Kubernetes' own documentation calls a common pattern: readiness takes the pod out of its Services long before", when.has_patient_liveness),
    "pod-topology-spread-constraints": Check(("replicas-without-spread",)),
    "poddisruptionbudget-has-policy": Check(("disruption-budget-blocks-drain",)),
    "service-targets-pod": Check(("service-selector-mismatch", "service-without-endpoints"), "of plain manifests: what it selects may come from another folder, or from an operator", when.always),
    "service-type": Check(("service-exposed-outside",), "web servers may have a NodePort; data stores and brokers may not", when.always),
    "stable-version": Check(("deprecated-api",)),
    "statefulset-has-host-podantiaffinity": Check(("replicas-without-spread",), _SPREAD, when.is_spread),
    "statefulset-has-poddisruptionbudget": Check(("disruption-budget-missing",), "what leaves replicas out has one", when.is_one),
    "statefulset-has-servicename": Check(("set-service-missing",), "a Service with an address of its own: cluster DNS names the pods behind it too; and sets that name no Service", when.is_named_all_the_same),
    "statefulset-pod-selector-labels-match-template-metadata-labels": Check(refused=True),
}  # fmt: skip

CHECKOV = {
    "CKV2_K8S_1": Check(("service-account-rights-too-wide",), _ROLES, when.is_bounded_role),
    "CKV2_K8S_2": Check(("service-account-rights-too-wide",), _ROLES, when.is_bounded_role),
    "CKV2_K8S_3": Check(("service-account-rights-too-wide",), _ROLES, when.is_bounded_role),
    "CKV2_K8S_4": Check(("service-account-rights-too-wide",), _ROLES, when.is_bounded_role),
    "CKV2_K8S_5": Check(("service-account-rights-too-wide",), _ROLES, when.is_bounded_role),
    "CKV2_K8S_6": Check(("network-policy-missing",), "namespaces that serve every pod (DNS, network, mesh) or that the manifests do not name, and pods on their node's network, which no policy reaches", when.serves_everybody),
    "CKV_K8S_8": Check(("liveness-probe-missing",), _LIVENESS, when.always),
    "CKV_K8S_9": Check(("readiness-probe-missing",), "what no Service selects gets no traffic that readiness could steer", when.is_selected_by_none),
    "CKV_K8S_10": Check(("container-requests-missing",), _EARLY, when.asks_where_it_lasts),
    "CKV_K8S_11": Check((), _NO_LIMIT, when.always),
    "CKV_K8S_12": Check(("container-requests-missing",), _EARLY, when.asks_where_it_lasts),
    "CKV_K8S_13": Check(("container-memory-limit-missing",), _EARLY, when.is_bounded_where_it_lasts),
    "CKV_K8S_14": Check(("image-tag-mutable",)),
    "CKV_K8S_15": Check(("image-pull-policy-unfit", "image-tag-mutable"), _PULL, when.has_fixed_images),
    "CKV_K8S_16": Check(("container-runs-privileged",), _AGENTS, when.is_node_agent),
    "CKV_K8S_17": Check(("container-runs-privileged", "pod-security-level-missing"), _AGENTS, when.is_node_agent),
    "CKV_K8S_18": Check(("container-runs-privileged", "pod-security-level-missing"), _AGENTS, when.is_node_agent),
    "CKV_K8S_19": Check(("container-runs-privileged", "pod-security-level-missing"), _AGENTS, when.is_node_agent),
    "CKV_K8S_20": Check(("privilege-escalation-allowed",), _AGENTS, when.is_node_agent),
    "CKV_K8S_21": Check(("namespace-default-used",)),
    "CKV_K8S_22": Check(("root-filesystem-writable",), _ROOT, when.may_write),
    "CKV_K8S_23": Check(("runs-as-root",), _AGENTS, when.is_node_agent),
    "CKV_K8S_26": Check(("container-runs-privileged", "pod-security-level-missing"), _AGENTS, when.is_node_agent),
    "CKV_K8S_28": Check(("capabilities-not-dropped",), _AGENTS, when.is_node_agent),
    "CKV_K8S_29": Check(("seccomp-profile-missing", "privilege-escalation-allowed", "runs-as-root"), _AGENTS, when.is_node_agent),
    "CKV_K8S_30": Check(("privilege-escalation-allowed", "capabilities-not-dropped"), _AGENTS, when.is_node_agent),
    "CKV_K8S_31": Check(("seccomp-profile-missing",), _AGENTS, when.is_node_agent),
    "CKV_K8S_35": Check(("secret-in-environment",), "variables that come from a Secret: ours asks for those that stand there in plain text", when.always),
    "CKV_K8S_37": Check(("capabilities-not-dropped",), _AGENTS, when.is_node_agent),
    "CKV_K8S_38": Check(("service-account-token-mounted",), _ACCOUNTS, when.has_own_account),
    "CKV_K8S_40": Check(("runs-as-root",), _USER, when.is_not_root),
    "CKV_K8S_43": Check(("image-tag-mutable",), "a version's tag is enough where no digest is known; a plan from a cluster pins the digest that runs", when.has_tags),
    "CKV_K8S_49": Check(("service-account-rights-too-wide",), _ROLES, when.is_bounded_role),
    "CKV_K8S_157": Check(("service-account-rights-too-wide",), _ROLES, when.is_bounded_role),
    "CKV_K8S_158": Check(("service-account-rights-too-wide",), _ROLES, when.is_bounded_role),
}  # fmt: skip


def differences() -> list[str]:
    """The rows of the page's table: each reason with the checks that it is for."""
    found: dict[str, list[str]] = {}
    for name, check in (*KUBE_SCORE.items(), *CHECKOV.items()):
        if check.why:
            found.setdefault(check.why, []).append(f"`{name}`")
    return [f"| {', '.join(names)} | {why} |" for why, names in found.items()]
