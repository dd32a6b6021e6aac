"""What a twin is put together of: what services rely on, and what the snapshot's metrics say."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from seakeep.engine.relied_on import relied_on
from seakeep.facts.index import Index
from seakeep.facts.workloads.podstate import is_ready
from seakeep.model.objects import Deployment, HorizontalPodAutoscaler, Job, Pod
from seakeep.model.refs import Ref
from seakeep.twin.build import build
from seakeep.twin.disruption.drain import drain
from seakeep.twin.disruption.drain_filters import DrainOptions
from seakeep.twin.observed import Observed
from tests.twin.platforms import namespace, nodes, settled, whole, workload
from tests.twin.shop import autoscaler, client, measured, service, shop
from tests.twin.workload_worlds import job

DATABASE = Ref("Service", "shop", "db")


def ready(twin: Observed, app: str) -> int:
    return sum(is_ready(pod) for pod in twin.state.all(Pod) if pod.labels.get("app") == app)


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


def test_a_job_that_runs_goes_on_and_its_pod_can_be_lost_to_a_drain() -> None:
    begun = build(whole([*nodes(), *namespace(), job(backoffLimit=0)]))
    begun.settle(within=10)
    twin = build(replace(begun.snapshot, objects=begun.state.objects(), taken_at=begun.now))
    twin.settle(within=3600)
    (pod,) = twin.state.all(Pod)
    assert (pod.status.phase, is_ready(pod)) == ("Running", True)
    drain(twin, pod.spec.node_name, DrainOptions())
    twin.settle(within=60)
    (found,) = twin.state.all(Job)
    reasons = {item.type: item.reason for item in found.status.conditions if item.status == "True"}
    assert reasons["Failed"] == "BackoffLimitExceeded"
