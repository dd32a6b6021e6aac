"""Recorders that do not print the real command, and what they put around the output."""

from __future__ import annotations

import json

import pytest

from seakeep.adapters.transcript import read_transcript
from seakeep.adapters.transcript.split import pairs
from seakeep.model.objects import Deployment, Job, Node, Pod, Service
from seakeep.model.refs import Ref
from seakeep.model.snapshot import Depth, Snapshot
from tests.adapters.transcript import samples


def read(text: str) -> Snapshot:
    return read_transcript(text, "test")


REAL = f"$ kubectl describe pod etl-5d4f8b7c6d-q9q4w -n data\n{samples.POD}"
WRAPPED = {
    "streams": f"$ kubectl_describe command\nstdout:\n{samples.POD}\nstderr:\n",
    "quotes": f'$ kubectl_describe command\nstdout:\n "{samples.POD.strip()}"\n\nstderr:\n',
    "JSON text": f"$ kubectl_describe command\n{json.dumps(samples.POD)}\n",
    "no prompt": f"kubectl_describe command\n{samples.POD}",
    "arguments": f"$ kubectl_describe(kind=pod, name=etl-5d4f8b7c6d-q9q4w, namespace=data)\n{samples.POD}",
    "another name": f"$ k8s-tool show --pod x\n{samples.POD}",
    "wrong claim of YAML": f"$ kubectl_get_yaml command\nstdout:\n{samples.POD}",
    "wrong claim of YAML, kubectl": f"$ kubectl get pod etl-5d4f8b7c6d-q9q4w -n data -o yaml\n{samples.POD}",
    "fences": f"$ kubectl describe pod etl-5d4f8b7c6d-q9q4w -n data\n```text\n{samples.POD}```\n",
    "a failure wrapper": f"$ kubectl_describe command\nCommand `kubectl describe pod etl-5d4f8b7c6d-q9q4w -n data` failed with return code 1\nstdout:\n{samples.POD}",
    "no command at all": samples.POD,
    "CRLF": REAL.replace("\n", "\r\n"),
    "a prompt with host and folder": REAL.replace("$ ", "root@host:~/x# ", 1),
    "PowerShell": REAL.replace("$ ", "PS C:\\work> ", 1),
    "JSON object": json.dumps({"kubectl_describe command": samples.POD}),
    "JSON object with streams": json.dumps({"kubectl describe pod x": {"stdout": samples.POD, "stderr": "", "code": 0}}),
    "JSON list": json.dumps([{"cmd": "$ kubectl describe pod x", "stdout": samples.POD}]),
    "JSON, a level down": json.dumps({"name": "case", "commands": {"$ kubectl describe pod x": samples.POD}}),
}  # fmt: skip


@pytest.mark.parametrize("form", WRAPPED)
def test_the_same_description_in_any_wrapping(form: str) -> None:
    expected = read(REAL)
    found = read(WRAPPED[form])
    assert found.objects == expected.objects
    assert found.shallow == expected.shallow


def test_the_wrapper_names_the_real_command() -> None:
    found = read(
        '$ kubectl_describe command\nCommand `kubectl describe node node-b` failed with return code 1\nstdout:\n\nstderr:\nError from server (NotFound): nodes "node-b" not found\n'
    )
    assert found.absent == {Ref("Node", "", "node-b")}


def test_tables_of_a_recorder_are_told_by_their_header() -> None:
    found = read(f'$ kubectl_get_by_kind_in_namespace command\nstdout:\n "{samples.PODS.strip()}"\n\nstderr:\n')
    assert [name for _, name in found.objects["Pod"]] == ["db-0", "etl-5d4f8b7c6d-q9q4w"]
    # What narrowed the listing is not known.
    assert not found.complete


ROWS = {
    "Pod": "data   etl-5d4f8b7c6d-q9q4w   0/1     CrashLoopBackOff   7 (10s ago)   20m   10.244.1.7   node-a   <none>   <none>   app=etl",
    "Deployment": "data   etl   2/3     1            2           18d   main   registry.example/etl:9   app=etl   <none>",
    "Service": "data   etl   ClusterIP   10.96.0.7   <none>   80/TCP,9090:30090/TCP   18d   app=etl",
    "Job": "data   load   Failed   0/1   5m   6m   main   etl:9   job-name=load   a=b",
    "Node": "node-a   NotReady,SchedulingDisabled   worker   28d   v1.31.2",
    "PersistentVolumeClaim": "data   etl   Pending   fast   <unset>   5m",
    "PersistentVolume": "pv-1   10Gi   RWO   Delete   Released   data/etl   fast   <unset>   5m",
    "DaemonSet": "kube-system   agent   3   3   2   3   2   kubernetes.io/os=linux   28d",
    "ReplicaSet": "data   etl-5d4f8b7c6d   3   3   2   28d",
    "HorizontalPodAutoscaler": "data   etl   Deployment/etl   cpu: <unknown>/80%   1   5   1   28d",
}  # fmt: skip


@pytest.mark.parametrize("kind", ROWS)
def test_a_row_without_header_and_command_is_told_by_its_cells(kind: str) -> None:
    found = read(f"$ kubectl_find_resource command\nstdout:\n{ROWS[kind]}\n\nstderr:\n")
    assert list(found.objects) == [kind]
    (item,) = found.objects[kind].values()
    assert item.namespace == ROWS[kind].split()[0] if kind not in {"Node", "PersistentVolume"} else item.namespace == ""
    assert found.depth(item.ref) is Depth.TABLE


def test_what_the_cells_say() -> None:
    found = read("".join(f"$ kubectl_find_resource command\n{row}\n" for row in ROWS.values()))
    pod = next(found.all(Pod))
    assert (pod.spec.node_name, pod.status.container_statuses[0].restart_count, pod.labels) == (
        "node-a",
        7,
        {"app": "etl"},
    )
    deployment = next(found.all(Deployment))
    assert (deployment.spec.replicas, deployment.status.ready_replicas) == (3, 2)
    assert [(port.port, port.node_port) for port in next(found.all(Service)).spec.ports] == [(80, 0), (9090, 30090)]
    assert next(found.all(Node)).spec.unschedulable
    assert [condition.type for condition in next(found.all(Job)).status.conditions] == ["Failed"]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "hello world",
        "a  b  c",
        "1/1  2/2  3/3",
        "NAME",
        "error: x",
        "2026-03-02  INFO  started  5m",
        "web  1/1  5m",
    ],
)
def test_other_lines_are_no_rows(line: str) -> None:
    text = f"$ kubectl_find_resource command\n{line}\n$ kubectl get ns\nNAME   STATUS   AGE\ndata   Active   5d\n"
    assert list(read(text).objects) == ["Namespace"]


def test_rows_after_grep_have_the_columns_of_an_earlier_header() -> None:
    text = """$ kubectl get kafkas.kafka.strimzi.io -n data
NAME   READY   METADATA STATE   WARNINGS
main   True    KRaft            True
$ kubectl get kafkas.kafka.strimzi.io -n data | grep other
other   False   KRaft   True
"""
    assert [name for _, name in read(text).objects["Kafka"]] == ["main", "other"]


def test_a_grep_tells_nothing_of_other_objects() -> None:
    found = read(f"$ kubectl get pods -A -o wide --show-labels | grep etl\n{ROWS['Pod']}\n")
    assert not found.complete
    assert list(found.objects["Pod"]) == [("data", "etl-5d4f8b7c6d-q9q4w")]


def test_a_log_of_a_recorder_belongs_to_the_pod_described_before() -> None:
    (log,) = read(f"{WRAPPED['streams']}$ kubectl_logs command\nstdout:\nConnection refused\n").logs
    assert (log.namespace, log.pod, log.previous) == ("data", "etl-5d4f8b7c6d-q9q4w", False)
    (log,) = read(f"{WRAPPED['streams']}$ kubectl_previous_logs command\nConnection refused\n").logs
    assert log.previous
    (log,) = read("$ kubectl_logs(pod=web, namespace=shop)\nConnection refused\n").logs
    assert (log.namespace, log.pod) == ("shop", "web")


def test_a_log_that_names_no_pod_is_nobodys() -> None:
    assert read(f"$ kubectl_logs command\nConnection refused\n$ kubectl get pods\n{samples.PODS}").logs == ()


def test_usage_of_a_recorder() -> None:
    found = read(f"$ kubectl_top_pods command\n{samples.TOP}")
    assert [(item.name, item.cpu, item.memory) for item in found.usage] == [("etl-5d4f8b7c6d-q9q4w", 12, 500 * 1024**2)]
    assert "Pod" not in found.objects


def test_a_script_after_a_pipe_is_part_of_the_command() -> None:
    text = "$ kubectl get pods -A --no-headers | \\\nawk '\n  function f(x) { return x }\n  { print $1 }\n'\ndata\n$ kubectl get ns\nNAME   STATUS   AGE\ndata   Active   5d\n"
    (first, printed), (second, _) = pairs(text)
    assert first.startswith("kubectl get pods -A --no-headers |")
    assert first.endswith("'")
    assert printed == "data"
    assert second == "kubectl get ns"


def test_a_quote_that_is_never_closed_swallows_nothing() -> None:
    assert [command for command, _ in pairs("$ kubectl get pods | grep '\nx\n$ kubectl get ns\ny\n")] == [
        "kubectl get pods | grep '",
        "kubectl get ns",
    ]


@pytest.mark.parametrize(
    "output", ["-o name", "-o custom-columns=NAME:.metadata.name", "-o jsonpath='{.items[*].metadata.name}'"]
)
def test_columns_of_the_users_choice_show_no_state(output: str) -> None:
    printed = {"-o name": "pod/web\n", "-o c": "NAME   STATUS\nweb    x\n", "-o j": "web other\n"}[
        output if output == "-o name" else output[:4]
    ]
    found = read(
        f"$ kubectl get pods -n data {output}\n{printed}$ kubectl get ns\nNAME   STATUS   AGE\ndata   Active   5d\n"
    )
    assert all(found.depth(item.ref) is Depth.NAMED for item in found.objects.get("Pod", {}).values())
    assert ("data", "web") in found.objects["Pod"]


def test_other_text_below_a_table_makes_no_pods() -> None:
    found = read(
        f"$ kubectl get pods -n data -o wide --show-labels\n{samples.PODS}\nAs you see, the etl pod loops. What now?\nThanks!\n"
    )
    assert len(found.objects["Pod"]) == 2
