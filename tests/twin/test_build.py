"""What a twin is put together of: what services rely on, and what the snapshot's metrics say."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from seakeep.engine.relied_on import relied_on
from seakeep.facts.index import Index
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import Deployment, HorizontalPodAutoscaler, Pod
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Snapshot, Usage
from seakeep.twin.build import build
from seakeep.twin.observed import Observed
from tests.twin.builders import Object
from tests.twin.platforms import namespace, nodes, settled, workload

DATABASE = Ref("Service", "shop", "db")


def service(name: str) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"selector": {"app": name}, "ports": [{"port": 5432}]},
    }


def client() -> Object:
    item = workload("Deployment", "web", 2)
    item["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "DB", "value": "db.shop.svc:5432"}]
    return item


def shop(*more: Object) -> Snapshot:
    return settled([*nodes(), *namespace(), service("db"), workload("StatefulSet", "db", 1), client(), *more])


def ready(twin: Observed, app: str) -> int:
    return sum(is_ready(pod) for pod in twin.state.all(Pod) if pod.labels.get("app") == app)


def autoscaler(most: int = 10) -> Object:
    goal = {"type": "Utilization", "averageUtilization": 50}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "minReplicas": 2,
            "maxReplicas": most,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": goal}}],
        },
    }


def measured(snapshot: Snapshot, cpu: int, memory: int = 64 << 20) -> Snapshot:
    """Every web pod uses so many millicores and bytes."""
    names = [pod.name for pod in snapshot.all(Pod) if pod.labels.get("app") == "web"]
    return replace(snapshot, usage=tuple(Usage("shop", name, "main", cpu, memory) for name in names))


def web(twin: Observed) -> Deployment:
    found = twin.state.get(Deployment, "shop", "web")
    assert found is not None
    return found


def scaling(twin: Observed) -> dict[str, Any]:
    found = twin.state.get(HorizontalPodAutoscaler, "shop", "web")
    assert found is not None
    return {item.type: (item.status, item.reason) for item in found.status.conditions}


def test_a_client_is_ready_only_while_its_database_answers() -> None:
    found = shop()
    needs = relied_on(Index(found))
    assert needs == {Ref("Deployment", "shop", "web"): (DATABASE,)}
    twin = build(found, needs=needs)
    twin.settle(within=60)
    assert (ready(twin, "db"), ready(twin, "web")) == (1, 2)
    twin.delete(Ref("Pod", "shop", "db-0"))
    twin.settle(within=0)
    assert ready(twin, "web") == 0
    twin.settle(within=60)
    assert (ready(twin, "db"), ready(twin, "web")) == (1, 2)


def test_one_that_is_ready_though_nothing_answers_does_not_need_it() -> None:
    database = workload("StatefulSet", "db", 1)
    database["spec"]["replicas"] = 0
    found = settled([*nodes(), *namespace(), service("db"), database, client()])
    assert relied_on(Index(found)) == {}


def test_an_autoscaler_goes_by_what_was_measured_and_shares_it_among_the_pods() -> None:
    # 500m requested, 400m used by each of two: 80 % where 50 % are wanted; 800m in all are 40 % of what four request.
    twin = build(measured(shop(autoscaler()), 400))
    twin.settle(within=120)
    assert web(twin).spec.replicas == 4
    assert scaling(twin)["ScalingActive"] == ("True", "ValidMetricFound")


def test_without_measured_usage_an_autoscaler_says_so() -> None:
    twin = build(shop(autoscaler()))
    twin.settle(within=120)
    assert web(twin).spec.replicas == 2
    assert scaling(twin)["ScalingActive"] == ("False", "FailedGetResourceMetric")


def limited(twin: Observed, memory: str, **annotations: str) -> None:
    item = web(twin)
    template = item.spec.template
    first = template.spec.containers[0]
    first = replace(first, resources=replace(first.resources, limits={"memory": memory}))
    template = replace(
        template,
        metadata=replace(template.metadata, annotations=annotations),
        spec=replace(template.spec, containers=(first,)),
    )
    twin.update(replace(item, spec=replace(item.spec, template=template)))
    twin.settle(within=60)


def killed(twin: Observed) -> set[str]:
    ended = [status.last_state.terminated for pod in twin.state.all(Pod) for status in pod.status.container_statuses]
    return {item.reason for item in ended if item is not None}


def test_a_limit_below_what_was_measured_kills() -> None:
    enough, small = (build(measured(shop(), 100, memory=400 << 20)) for _ in range(2))
    limited(enough, "512Mi")
    limited(small, "300Mi")
    assert killed(enough) == set()
    assert killed(small) == {"OOMKilled"}
    assert ready(small, "web") == 2  # the rollout keeps the old pods


def test_declared_memory_counts_before_what_was_measured() -> None:
    twin = build(measured(shop(), 100, memory=64 << 20))
    limited(twin, "300Mi", **{"seakeep.dev/memory.main": "1Gi"})
    assert killed(twin) == {"OOMKilled"}


def test_without_applications_nobody_needs_or_uses_anything() -> None:
    found = measured(shop(autoscaler()), 400)
    twin = build(found, needs=relied_on(Index(found)), applications=False)
    twin.settle(within=120)
    twin.delete(Ref("Pod", "shop", "db-0"))
    twin.settle(within=0)
    assert (ready(twin, "web"), web(twin).spec.replicas) == (2, 2)
