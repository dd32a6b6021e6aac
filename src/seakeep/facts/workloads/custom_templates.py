"""Pod templates inside custom resources whose shape is documented. An operator completes them: what they leave out is unknown, not absent, so only what they do say is judged.

Shapes: argoproj.io Rollout (as a Deployment's), ray.io RayCluster, RayJob and RayService, flink.apache.org FlinkDeployment, sparkoperator.k8s.io SparkApplication, Elastic's ECK kinds, kafka.strimzi.io Kafka and KafkaConnect,
postgresql.cnpg.io Cluster, serving.knative.dev Service, keda.sh ScaledJob (their API references).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from seakeep.facts.index import Index
from seakeep.facts.once import once
from seakeep.model.fields import maps, value_at
from seakeep.model.objects import Deployment, KubeObject, PodSpec, Unstructured
from seakeep.model.objects.workloads import WorkloadSpec
from seakeep.model.refs import Ref

Part = tuple[str, Mapping[str, Any], int | None]  # path of the pod's spec, that spec, copies where they are said


@once
def rollouts(index: Index) -> tuple[Deployment, ...]:
    """Argo Rollouts of manifests, read as the Deployments that they are but for their strategy: nothing is added to them."""
    found: list[Deployment] = []
    for item in _manifests(index, "Rollout", "argoproj.io"):
        spec = _read({**item.spec, "strategy": None}, WorkloadSpec)
        if spec is not None and spec.template.spec.containers:
            found.append(Deployment(api_version=item.api_version, kind="Rollout", metadata=item.metadata, spec=spec))
    return tuple(found)


def rollout_of(index: Index, ref: Ref) -> Deployment | None:
    return next((item for item in rollouts(index) if item.ref == ref), None)


class CustomTemplate(msgspec.Struct, frozen=True):
    """`path` is where the pod's spec stands in `item`."""

    item: KubeObject
    path: str
    spec: PodSpec
    copies: int | None


@once
def custom_templates(index: Index) -> tuple[CustomTemplate, ...]:
    """Of manifests only: where the pods were seen, they tell more. Several of one object where it has several groups of pods."""
    return tuple(
        CustomTemplate(item, path, spec, copies)
        for (kind, group), parts in sorted(_SHAPES.items())
        for item in _manifests(index, kind, group)
        for path, raw, copies in parts(item.spec)
        if (spec := _read(raw, PodSpec)) is not None
    )


def _manifests(index: Index, kind: str, group: str) -> Iterator[Unstructured]:
    for item in index.snapshot.of_kind(kind) if index.snapshot.intent_only else ():
        if (
            isinstance(item, Unstructured)
            and item.api_version.startswith(f"{group}/")
            and isinstance(item.spec, Mapping)
        ):
            yield item


def _read(raw: Mapping[str, Any], form: Any) -> Any:
    """None where it does not have the form: the operator's own check tells of that."""
    try:
        return msgspec.convert({key: value for key, value in raw.items() if value is not None}, form, strict=False)
    except (msgspec.ValidationError, ValueError):
        return None


def _pod(holder: Any, path: str, field: str = "template", copies: Any = None) -> Iterator[Part]:
    spec = value_at(holder, (field, "spec"))
    if isinstance(spec, Mapping):
        yield f"{path}{field}.spec", spec, copies if isinstance(copies, int) else None


def _ray(spec: Mapping[str, Any], path: str = "spec.") -> Iterator[Part]:
    yield from _pod(spec.get("headGroupSpec"), f"{path}headGroupSpec.", copies=1)
    for group in maps(spec.get("workerGroupSpecs")):
        yield from _pod(group, f"{path}workerGroupSpecs[{group.get('groupName')}].", copies=group.get("replicas"))


def _ray_below(field: str) -> Callable[[Mapping[str, Any]], Iterator[Part]]:
    return lambda spec: _ray(value_at(spec, (field,)) or {}, f"spec.{field}.")


def _flink(spec: Mapping[str, Any]) -> Iterator[Part]:
    """The common template lies below those of its two roles, so that a volume may stand in one and its mount in the other."""
    common = value_at(spec, ("podTemplate", "spec")) or {}
    account = {"serviceAccountName": spec["serviceAccount"]} if isinstance(spec.get("serviceAccount"), str) else {}
    if common or account:
        yield "spec.podTemplate.spec", {**account, **common}, None
    for role in ("jobManager", "taskManager"):
        for path, own, copies in _pod(spec.get(role), f"spec.{role}.", "podTemplate"):
            yield path, {**own, "volumes": [*maps(common.get("volumes")), *maps(own.get("volumes"))]}, copies


def _spark(spec: Mapping[str, Any], path: str = "spec") -> Iterator[Part]:
    """Roles have the fields of a container, laid over a template's where they have one; their memory is what the heap gets, not the pod."""
    volumes = maps(spec.get("volumes"))
    for role in ("driver", "executor"):
        own = value_at(spec, (role,))
        if isinstance(own, Mapping):
            laid = value_at(own, ("template", "spec")) or {}
            mains = [part for part in maps(laid.get("containers")) if part.get("name") == f"spark-kubernetes-{role}"]
            under = mains[0] if mains else {}
            fields = {
                key: [*maps(under.get(key)), *maps(own.get(key))]
                for key in ("env", "envFrom", "volumeMounts")
                if key in own or key in under
            }
            container = {
                "name": f"spark-kubernetes-{role}",
                "image": own.get("image") or under.get("image") or spec.get("image") or "",
                **fields,
            }
            named = [
                {"name": part.get("name"), "configMap": {"name": part.get("name")}}
                for part in maps(own.get("configMaps"))
            ]
            found: dict[str, Any] = {
                "containers": [container],
                "volumes": [*maps(laid.get("volumes")), *volumes, *named],
                "nodeSelector": own.get("nodeSelector"),
            }
            found["priorityClassName"] = own.get("priorityClassName") or laid.get("priorityClassName")
            found["serviceAccountName"] = own.get("serviceAccount") or laid.get("serviceAccountName")
            copies = own.get("instances") if role == "executor" else 1
            kept = {key: value for key, value in found.items() if value is not None}
            yield f"{path}.{role}", kept, copies if isinstance(copies, int) else None


def _spark_scheduled(spec: Mapping[str, Any]) -> Iterator[Part]:
    return _spark(value_at(spec, ("template",)) or {}, "spec.template")


def _elasticsearch(spec: Mapping[str, Any]) -> Iterator[Part]:
    for nodes in maps(spec.get("nodeSets")):
        claims = [
            {"name": name}
            for part in maps(nodes.get("volumeClaimTemplates"))
            if (name := value_at(part, ("metadata", "name")))
        ]
        for path, own, copies in _pod(nodes, f"spec.nodeSets[{nodes.get('name')}].", "podTemplate", nodes.get("count")):
            yield path, {**own, "volumes": [*claims, *maps(own.get("volumes"))]}, copies


def _eck(spec: Mapping[str, Any]) -> Iterator[Part]:
    yield from _pod(spec, "spec.", "podTemplate", spec.get("count"))
    for kind in ("deployment", "daemonSet", "statefulSet"):
        yield from _pod(spec.get(kind), f"spec.{kind}.", "podTemplate", value_at(spec, (kind, "replicas")))


def _strimzi(name: str, *keys: str) -> Callable[[Mapping[str, Any]], Iterator[Part]]:
    """The operator makes a heap option of `jvmOptions`."""

    def parts(spec: Mapping[str, Any]) -> Iterator[Part]:
        own = value_at(spec, keys)
        if isinstance(own, Mapping):
            heap = value_at(own, ("jvmOptions", "-Xmx"))
            env = [{"name": "KAFKA_HEAP_OPTS", "value": f"-Xmx{heap}"}] if heap else []
            container = {"name": name, "resources": own.get("resources") or {}, "env": env}
            copies = own.get("replicas")
            yield ".".join(("spec", *keys)), {"containers": [container]}, copies if isinstance(copies, int) else None

    return parts


def _cnpg(spec: Mapping[str, Any]) -> Iterator[Part]:
    fields = {key: spec[key] for key in ("env", "envFrom", "resources") if key in spec}
    found: dict[str, Any] = {"containers": [{"name": "postgres", "image": spec.get("imageName") or "", **fields}]}
    if spec.get("priorityClassName"):
        found["priorityClassName"] = spec["priorityClassName"]
    copies = spec.get("instances")
    yield "spec", found, copies if isinstance(copies, int) else None


def _knative(spec: Mapping[str, Any]) -> Iterator[Part]:
    return _pod(spec, "spec.")


def _scaled_job(spec: Mapping[str, Any]) -> Iterator[Part]:
    return _pod(spec.get("jobTargetRef"), "spec.jobTargetRef.")


_SHAPES: Mapping[tuple[str, str], Callable[[Mapping[str, Any]], Iterator[Part]]] = {
    ("RayCluster", "ray.io"): _ray,
    ("RayJob", "ray.io"): _ray_below("rayClusterSpec"),
    ("RayService", "ray.io"): _ray_below("rayClusterConfig"),
    ("FlinkDeployment", "flink.apache.org"): _flink,
    ("SparkApplication", "sparkoperator.k8s.io"): _spark,
    ("ScheduledSparkApplication", "sparkoperator.k8s.io"): _spark_scheduled,
    ("Elasticsearch", "elasticsearch.k8s.elastic.co"): _elasticsearch,
    ("Kibana", "kibana.k8s.elastic.co"): _eck,
    ("Logstash", "logstash.k8s.elastic.co"): _eck,
    ("Beat", "beat.k8s.elastic.co"): _eck,
    ("ApmServer", "apm.k8s.elastic.co"): _eck,
    ("Agent", "agent.k8s.elastic.co"): _eck,
    ("ElasticMapsServer", "maps.k8s.elastic.co"): _eck,
    ("EnterpriseSearch", "enterprisesearch.k8s.elastic.co"): _eck,
    ("PackageRegistry", "packageregistry.k8s.elastic.co"): _eck,
    ("Kafka", "kafka.strimzi.io"): _strimzi("kafka", "kafka"),
    ("KafkaNodePool", "kafka.strimzi.io"): _strimzi("kafka"),
    ("KafkaConnect", "kafka.strimzi.io"): _strimzi("connect"),
    ("KafkaMirrorMaker2", "kafka.strimzi.io"): _strimzi("mirror-maker-2"),
    ("Cluster", "postgresql.cnpg.io"): _cnpg,
    ("Service.serving.knative.dev", "serving.knative.dev"): _knative,
    ("ScaledJob", "keda.sh"): _scaled_job,
}
