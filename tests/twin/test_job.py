"""Jobs: completions, failures, indexes, policies, deadlines."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from msgspec.structs import replace

from seakeep.model.objects import Job, Pod
from seakeep.twin.controller import View
from seakeep.twin.controllers.job_indexes import INDEX, compressed, parsed
from seakeep.twin.kubelet.faults import Fault, Faults
from tests.twin.builders import node
from tests.twin.workload_worlds import change, get, job, said, world

NODES = [node("a", cpu="16")]
POLICY = [{"action": "FailJob", "onExitCodes": {"operator": "In", "values": [42]}}, {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}]  # fmt: skip


def fails(when: Callable[[Pod], bool], code: int = 1) -> Faults:
    def found(view: View, pod: Pod) -> Fault | None:
        del view
        return Fault(crashes=True, lives=1.0, exit_code=code) if when(pod) else None

    return found


def always(pod: Pod) -> bool:
    del pod
    return True


def test_completions_in_turns_of_the_parallelism() -> None:
    twin = world([*NODES, job(completions=5, parallelism=2)])
    twin.settle()
    status = get(twin, Job, "load").status
    assert said(get(twin, Job, "load")) == {"SuccessCriteriaMet": ("True", "CompletionsReached"), "Complete": ("True", "CompletionsReached")}  # fmt: skip
    assert (status.succeeded, status.active, status.terminating) == (5, 0, 0)
    assert status.completion_time is not None
    assert all(not pod.metadata.finalizers for pod in twin.state.all(Pod))
    assert twin.elapsed == 18.0  # three rounds of 1 s to start and 5 s to run


def test_failures_wait_longer_each_time_and_end_at_the_limit() -> None:
    twin = world([*NODES, job(backoffLimit=2)], faults=fails(always))
    twin.settle()
    status = get(twin, Job, "load").status
    assert (status.failed, status.succeeded) == (3, 0)
    assert said(get(twin, Job, "load"))["Failed"] == ("True", "BackoffLimitExceeded")
    made = [step.at for step in twin.steps if step.object.kind == "Pod" and step.what == "created"]
    assert [after - before for before, after in pairwise(made)] == [12.0, 22.0]


def test_indexes_succeed_one_by_one_and_a_limit_per_index_fails_only_its_own() -> None:
    bad = fails(lambda pod: pod.metadata.annotations[INDEX] == "1")
    twin = world([*NODES, job(completions=4, parallelism=4, completionMode="Indexed", backoffLimitPerIndex=1, backoffLimit=100)], faults=bad)  # fmt: skip
    twin.settle()
    status = get(twin, Job, "load").status
    assert (status.completed_indexes, status.failed_indexes, status.succeeded, status.failed) == ("0,2,3", "1", 3, 2)
    assert said(get(twin, Job, "load"))["Failed"] == ("True", "FailedIndexes")


def test_a_failure_policy_ends_the_job_at_once() -> None:
    twin = world([*NODES, job(podFailurePolicy={"rules": POLICY})], faults=fails(always, 42))
    twin.settle()
    item = get(twin, Job, "load")
    assert said(item)["Failed"] == ("True", "PodFailurePolicy")
    pod = next(twin.state.all(Pod))
    text = f"Container main for pod shop/{pod.name} failed with exit code 42 matching FailJob rule at index 0"
    assert {each.message for each in item.status.conditions} == {text}


def test_a_success_policy_needs_no_more_than_it_says() -> None:
    policy = {"rules": [{"succeededIndexes": "0-1", "succeededCount": 1}]}
    twin = world([*NODES, job(completions=3, parallelism=3, completionMode="Indexed", successPolicy=policy)], faults=fails(lambda pod: pod.metadata.annotations[INDEX] != "1"))  # fmt: skip
    twin.settle()
    assert said(get(twin, Job, "load"))["Complete"] == ("True", "SuccessPolicy")


def test_a_deadline_ends_what_runs() -> None:
    twin = world([*NODES, job(activeDeadlineSeconds=3)])
    twin.settle()
    item = get(twin, Job, "load")
    assert said(item)["Failed"] == ("True", "DeadlineExceeded")
    assert (item.status.active, item.status.failed) == (0, 1)


def test_suspended_it_has_no_pods_and_starts_anew_when_resumed() -> None:
    twin = world([*NODES, job(suspend=True)])
    twin.settle()
    assert list(twin.state.all(Pod)) == []
    assert said(get(twin, Job, "load")) == {"Suspended": ("True", "JobSuspended")}
    change(twin, Job, "load", suspend=False)  # type: ignore[arg-type]
    twin.settle()
    assert said(get(twin, Job, "load"))["Suspended"] == ("False", "JobResumed")
    assert said(get(twin, Job, "load"))["Complete"] == ("True", "CompletionsReached")


def test_it_goes_after_its_time_to_live() -> None:
    twin = world([*NODES, job(ttlSecondsAfterFinished=30)])
    twin.settle(within=20)
    assert twin.state.get(Job, "shop", "load") is not None
    twin.settle(within=40)
    assert twin.state.get(Job, "shop", "load") is None


def test_indexes_are_written_as_kubernetes_writes_them() -> None:
    assert compressed({0, 1, 2, 5, 7, 8}) == "0-2,5,7,8"
    assert parsed("0-2,5,7,8", 8) == {0, 1, 2, 5, 7}


def test_a_pod_that_was_deleted_is_replaced_after_the_back_off() -> None:
    twin = world([*NODES, job()])
    twin.settle(within=2)
    (first,) = twin.state.all(Pod)
    twin.delete(first.ref)
    twin.settle(within=9)
    assert [pod.name for pod in twin.state.all(Pod) if pod.name != first.name] == []
    assert get(twin, Job, "load").status.failed == 1
    twin.settle(within=2)
    assert [pod.name for pod in twin.state.all(Pod) if pod.name != first.name]


def test_where_only_failed_pods_are_replaced_the_index_of_an_ending_one_waits() -> None:
    twin = world([*NODES, job(completions=3, parallelism=2, completionMode="Indexed", podReplacementPolicy="Failed")])
    twin.settle(within=2)
    pods = {pod.metadata.annotations[INDEX]: pod for pod in twin.state.all(Pod)}
    twin.delete(pods["0"].ref)
    twin.record(replace(pods["1"], status=replace(pods["1"].status, phase="Succeeded")), "test")
    twin.settle(within=0)
    assert sorted(pod.metadata.annotations[INDEX] for pod in twin.state.all(Pod)) == ["0", "1", "2"]
