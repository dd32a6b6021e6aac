"""kubectl command lines: verb, kinds, names, namespace."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field

from seakeep.model.objects import CLUSTER_SCOPED
from seakeep.model.refs import Ref
from seakeep.model.snapshot import EVERYWHERE

# Short and plural names of `kubectl api-resources` → kind.
_KINDS = {
    "Pod": "po pod pods",
    "Service": "svc service services",
    "Deployment": "deploy deployment deployments",
    "ReplicaSet": "rs replicaset replicasets",
    "StatefulSet": "sts statefulset statefulsets",
    "DaemonSet": "ds daemonset daemonsets",
    "ReplicationController": "rc replicationcontroller replicationcontrollers",
    "Job": "job jobs",
    "CronJob": "cj cronjob cronjobs",
    "Node": "no node nodes",
    "Namespace": "ns namespace namespaces",
    "ConfigMap": "cm configmap configmaps",
    "Secret": "secret secrets",
    "ServiceAccount": "sa serviceaccount serviceaccounts",
    "PersistentVolumeClaim": "pvc persistentvolumeclaim persistentvolumeclaims",
    "PersistentVolume": "pv persistentvolume persistentvolumes",
    "StorageClass": "sc storageclass storageclasses",
    "Endpoints": "ep endpoint endpoints",
    "EndpointSlice": "endpointslice endpointslices",
    "Ingress": "ing ingress ingresses",
    "NetworkPolicy": "netpol networkpolicy networkpolicies",
    "HorizontalPodAutoscaler": "hpa horizontalpodautoscaler horizontalpodautoscalers",
    "PodDisruptionBudget": "pdb poddisruptionbudget poddisruptionbudgets",
    "ResourceQuota": "quota resourcequota resourcequotas",
    "LimitRange": "limits limitrange limitranges",
    "Event": "ev event events",
    "PriorityClass": "pc priorityclass priorityclasses",
    "RuntimeClass": "runtimeclass runtimeclasses",
    "Role": "role roles",
    "ClusterRole": "clusterrole clusterroles",
    "RoleBinding": "rolebinding rolebindings",
    "ClusterRoleBinding": "clusterrolebinding clusterrolebindings",
    "ValidatingWebhookConfiguration": "validatingwebhookconfiguration validatingwebhookconfigurations",
    "MutatingWebhookConfiguration": "mutatingwebhookconfiguration mutatingwebhookconfigurations",
    "APIService": "apiservice apiservices",
    "Lease": "lease leases",
    "VolumeAttachment": "volumeattachment volumeattachments",
    "Certificate": "cert certs certificate certificates",
    "RayCluster": "raycluster rayclusters",
    "RayJob": "rayjob rayjobs",
    "RayService": "rayservice rayservices",
    "SparkApplication": "sparkapp sparkapplication sparkapplications",
    "ScheduledSparkApplication": "scheduledsparkapp scheduledsparkapplication scheduledsparkapplications",
    "Kafka": "kafka kafkas",
    "KafkaConnect": "kc kafkaconnect kafkaconnects",
    "KafkaTopic": "kt kafkatopic kafkatopics",
    "KafkaUser": "ku kafkauser kafkausers",
    "KafkaNodePool": "knp kafkanodepool kafkanodepools",
    "StrimziPodSet": "sps strimzipodset strimzipodsets",
    "Elasticsearch": "es elasticsearch elasticsearches",
    "Kibana": "kb kibana kibanas",
    "Rollout": "ro rollout rollouts",
    "Application": "app apps application applications",
    "ScaledObject": "so scaledobject scaledobjects",
    "ExternalSecret": "externalsecret externalsecrets",
    "CustomResourceDefinition": "crd crds customresourcedefinition customresourcedefinitions",
}
_BY_NAME = {name: kind for kind, names in _KINDS.items() for name in names.split()}
_ALL = (
    "Pod",
    "Service",
    "DaemonSet",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "Job",
    "CronJob",
    "HorizontalPodAutoscaler",
)
_VALUE_FLAGS = {
    "-n",
    "--namespace",
    "-l",
    "--selector",
    "-o",
    "--output",
    "-c",
    "--container",
    "--tail",
    "--since",
    "--sort-by",
    "--field-selector",
    "--context",
    "--kubeconfig",
    "-f",
    "--for",
    "-L",
    "--label-columns",
    "--template",
    "--image",
    "--limit",
    "--types",
    "--since-time",
    "--chunk-size",
    "--cluster",
    "--user",
    "-s",
    "--server",
    "--as",
    "--profile",
    "--target",
}
_PROGRAMS = {"kubectl", "k", "oc", "kubectl.exe"}
_BRINGERS = {"microk8s", "k3s", "rke2", "k0s", "minikube", "rancher"}
_TOOL_VERBS = {
    "describe": "describe",
    "logs": "logs",
    "log": "logs",
    "top": "top",
    "events": "events",
    "lineage": "lineage",
    "version": "version",
}
_NAME = re.compile(r"[\w$<{\[(\"'./-]")
_GIVEN = re.compile(r"\b(kind|name|pod|pod_name|namespace|container)\s*[=:]\s*[\"']?([\w.-]{1,253})", re.IGNORECASE)
# `kubens x`, `kubectl ns x`, `oc project x`, `kubectl config set-context --current --namespace=x`.
_CHOOSES = re.compile(
    r"(?:kubens|(?:kubectl|k) ns|oc project)\s+([a-z0-9][a-z0-9-]{0,62})$|(?:kubectl|k|oc) config set-context .*--namespace[= ]([a-z0-9][a-z0-9-]{0,62})"
)


@dataclass(frozen=True, slots=True)
class Command:
    """One parsed command line. `kinds` are Kubernetes kinds (or a custom resource's name as typed); `whole` tells that nothing narrowed the listing; `inner` is what `exec` or `debug` ran; `guessed` that no command line was shown."""

    verb: str
    kinds: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    namespace: str = ""
    everywhere: bool = False
    output: str = ""
    container: str = ""
    previous: bool = False
    whole: bool = False
    piped: bool = False
    inner: tuple[str, ...] = ()
    guessed: bool = False
    flags: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """The namespace that it is about."""
        return self.namespace or "default"

    @property
    def scope(self) -> str:
        """What a list shows all objects of: a namespace, or all of them."""
        return EVERYWHERE if self.everywhere else self.place

    @property
    def selector(self) -> str:
        return self.flags.get("-l", self.flags.get("--selector", ""))

    def ref(self, kind: str, name: str) -> Ref:
        return Ref(kind, "" if kind in CLUSTER_SCOPED else self.place, name)


def kind_of(name: str) -> str:
    """`deploy`, `deployments.apps`, `Deployment` → `Deployment`; unknown names as they are."""
    head = name.partition(".")[0].lower()
    return _BY_NAME.get(head, name.partition(".")[0])


def guess(line: str) -> Command:
    """What can be told of a command that is not kubectl's own: a recorder's tool (`kubectl_describe command`, `kubectl_logs(pod=x, namespace=y)`). A hint only: the output decides."""
    words = re.findall(r"[a-z]+", line.partition("(")[0].partition(" ")[0].lower())
    if not words or words[0] not in _PROGRAMS:
        return Command(verb="")
    given = {match[1].lower(): match[2] for match in _GIVEN.finditer(line)}
    verb = next((_TOOL_VERBS[word] for word in words if word in _TOOL_VERBS), "get")
    kind = kind_of(given.get("kind", "pod" if verb == "logs" else ""))
    if verb == "top":
        kind = "Node" if "node" in words or "nodes" in words else "Pod"
    name = next((given[key] for key in ("pod_name", "pod", "name") if key in given), "")
    return Command(
        verb=verb,
        kinds=(kind,) if kind else (),
        names=((kind, name),) if kind and name else (),
        namespace=given.get("namespace", ""),
        container=given.get("container", ""),
        previous="previous" in words,
        guessed=True,
    )


def parse(line: str) -> Command | None:
    """None where the line runs no kubectl."""
    try:
        words = shlex.split(_before_pipe(line), posix=True)
    except ValueError:
        words = _before_pipe(line).split()
    while words and (words[0] in {"sudo", "time", "watch"} or re.fullmatch(r"[A-Z_]+=\S*", words[0])):
        words = words[1:]
    # Distributions bring a kubectl of their own: `microk8s.kubectl`, `k3s kubectl`, `minikube kubectl --`.
    if words and words[0].rpartition(".")[0] in _BRINGERS:
        words[0] = words[0].rpartition(".")[2]
    elif words[:1] and words[0] in _BRINGERS and words[1:2] == ["kubectl"]:
        words = [word for number, word in enumerate(words[1:]) if (number, word) != (1, "--")]
    if not words or words[0].rpartition("/")[2] not in _PROGRAMS:
        return None
    return _parse_words(words[1:], piped="|" in line)


def chosen_namespace(line: str) -> str:
    """The namespace that a command makes the one of those that follow; "" where it is no such command."""
    match = _CHOOSES.match(line.strip())
    return next((group for group in match.groups() if group), "") if match else ""


def _before_pipe(line: str) -> str:
    """Up to the first pipe or redirection outside quotes, unless a `--` came before it (then the pipe may belong to the inner command)."""
    quote = ""
    for position, letter in enumerate(line):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "|;" or line.startswith(("&&", "2>", "> "), position):
            return line[:position]
    return line


def _parse_words(words: list[str], *, piped: bool) -> Command:
    inner: tuple[str, ...] = ()
    if "--" in words:
        cut = words.index("--")
        words, inner = words[:cut], tuple(words[cut + 1 :])
    flags: dict[str, str] = {}
    plain: list[str] = []
    position = 0
    while position < len(words):
        word = words[position]
        if word.startswith("-") and len(word) > 1:
            name, equals, value = word.partition("=")
            if not equals and name in _VALUE_FLAGS and position + 1 < len(words):
                if not (name == "-f" and plain[:1] in (["logs"], ["log"])):
                    position += 1
                    value = words[position]
            elif re.fullmatch(r"-[nolc][^-=].*", word):
                name, value = word[:2], word[2:]
            flags[name] = value
        else:
            plain.append(word)
        position += 1
    # `oc adm drain` is `kubectl drain`.
    plain = plain[1:] if plain[:1] == ["adm"] else plain
    verb = plain[0] if plain else ""
    rest = plain[1:]
    kinds, names = _targets(verb, rest)
    narrowed = (
        bool(names)
        or piped
        or any(flag in flags for flag in ("-l", "--selector", "--field-selector", "--for", "--limit"))
    )
    return Command(
        verb=verb,
        kinds=kinds,
        names=names,
        namespace=_told(flags.get("-n", flags.get("--namespace", ""))),
        everywhere="-A" in flags
        or (flags.get("--all-namespaces", "false") in {"", "true"} and "--all-namespaces" in flags),
        output=flags.get("-o", flags.get("--output", "")),
        container=flags.get("-c", flags.get("--container", "")),
        previous="-p" in flags or "--previous" in flags,
        whole=not narrowed,
        piped=piped,
        inner=inner,
        flags=flags,
    )


def _told(namespace: str) -> str:
    """Not what stands for one: `<namespace>`, `$NS`."""
    return "" if namespace[:1] in {"<", "$", "{", "["} else namespace


def _targets(verb: str, rest: list[str]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    if verb in {"logs", "log", "exec", "debug", "attach"}:
        # A note that begins like a command: `# kubectl logs + events of web`.
        rest = [] if rest[:1] and not _NAME.match(rest[0]) else rest
        names = [_slashed(word) if "/" in word else ("Pod", word) for word in rest[:1]]
        return (), tuple(names)
    if verb == "top":
        return tuple(kind_of(name) for name in rest[:1]), tuple((kind_of(rest[0]), name) for name in rest[1:])
    if verb == "rollout":
        return (), _targets("", rest[1:])[1]
    if verb in {"auth", "config", "cluster-info", "version", "api-resources", "run"}:
        return (), ()
    if verb == "events":
        return ("Event",), ()
    if not rest:
        return (), ()
    if "/" in rest[0]:
        slashed = [_slashed(word) for word in rest if "/" in word]
        return tuple(dict.fromkeys(kind for kind, _ in slashed)), tuple(slashed)
    kinds = tuple(_ALL if rest[0] == "all" else dict.fromkeys(kind_of(name) for name in rest[0].split(",") if name))
    return kinds, tuple((kinds[0], name) for name in rest[1:]) if kinds else ()


def _slashed(word: str) -> tuple[str, str]:
    kind, _, name = word.partition("/")
    return kind_of(kind), name
