"""A week of metrics in a real server, and the requests that a plan proposes from it, with their figures."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from seakeep.cli.main import app as command
from seakeep.testing.metrics import prometheus, victoria_metrics
from tests.twin.builders import Object, node
from tests.twin.platforms import namespace, settled, workload

MI = 1024**2
STEP, WEEK, HOUR = 60, 7 * 24 * 3600, 3600


def cpu(name: str, second: int) -> float:
    """Cores in use at a time of the week. `busy` works two hours of each day: more than a twentieth of the time, so that its 95th percentile is that; `spiky` one hour, which is less."""
    hour = second // HOUR % 24
    return {"busy": 1.0 if hour < 2 else 0.2, "spiky": 3.0 if hour < 1 else 0.15, "small": 0.4}[name]


def memory(name: str, second: int) -> int:
    """Bytes at a time of the week: `busy` has its highest once, on the fourth day."""
    peak = second // HOUR == 80
    return {"busy": (1536 if peak else 700) * MI, "spiky": 300 * MI, "small": 900 * MI}[name]


ASKED = {"busy": ("4", "8Gi"), "spiky": ("2", "4Gi"), "small": ("50m", "256Mi")}


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    objects: list[Object] = [node("a", "32"), node("b", "32"), *namespace()]
    for name, (cores, bytes_) in ASKED.items():
        item = workload("Deployment", name, 2)
        item["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": cores, "memory": bytes_}}
        objects.append(item)
    found = settled(objects)
    items = [msgspec.to_builtins(item) for group in found.objects.values() for item in group.values()]
    path = tmp_path_factory.mktemp("dump") / "dump.json"
    path.write_text(msgspec.json.encode({"apiVersion": "v1", "kind": "List", "items": items}).decode())
    return path


def pods(dump: Path) -> Iterator[tuple[str, str]]:
    for item in json.loads(dump.read_text())["items"]:
        if item["kind"] == "Pod":
            yield item["metadata"]["labels"]["app"], item["metadata"]["name"]


def history(dump: Path, unit: int) -> str:
    """Every minute of a week until now; `unit` is how many of its times make a second."""
    now = int(time.time()) // STEP * STEP
    rows: dict[str, list[str]] = {"container_cpu_usage_seconds": [], "container_memory_working_set_bytes": []}
    for app, pod in pods(dump):
        labels = f'{{namespace="shop",pod="{pod}",container="main"}}'
        total = 0.0
        for second in range(0, WEEK + STEP, STEP):
            at = (now - WEEK + second) * unit
            total += cpu(app, second) * STEP
            rows["container_cpu_usage_seconds"].append(f"container_cpu_usage_seconds_total{labels} {total:g} {at}")
            rows["container_memory_working_set_bytes"].append(
                f"container_memory_working_set_bytes{labels} {memory(app, second)} {at}"
            )
    types = {"container_cpu_usage_seconds": "counter", "container_memory_working_set_bytes": "gauge"}
    text = "".join(f"# TYPE {name} {types[name]}\n" + "\n".join(lines) + "\n" for name, lines in rows.items())
    return text + "# EOF\n"


SERVERS: dict[str, tuple[Callable[[str], AbstractContextManager[str]], int]] = {
    "victoriametrics": (victoria_metrics, 1000),
    "prometheus": (prometheus, 1),
}


@pytest.fixture(scope="module", params=[pytest.param(name, marks=pytest.mark.engine(name)) for name in SERVERS])
def url(request: pytest.FixtureRequest, dump: Path) -> Iterator[str]:
    server, unit = SERVERS[request.param]
    with server(history(dump, unit)) as found:
        yield found


def test_a_plan_sizes_requests_by_a_week_of_metrics(url: str, dump: Path) -> None:
    answer = CliRunner().invoke(
        command, ["plan", "-q", str(dump), "--metrics", url, "--only", "requests-*", "--target", "100", "-o", "json"]
    )
    assert answer.exit_code == 0, answer.stderr
    changes = {item["target"]["name"]: item for wave in json.loads(answer.stdout)["waves"] for item in wave["changes"]}
    sized = {name: item["patch"]["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"] for name, item in changes.items()}  # fmt: skip
    assert sized == {
        # 1 core at the 95th percentile; 1536Mi and 15 % more, up to a round figure.
        "busy": {"cpu": "1", "memory": "1792Mi"},
        # The hour of 3 cores is rarer than one in twenty; 300Mi and 15 % more.
        "spiky": {"cpu": "150m", "memory": "384Mi"},
        "small": {"cpu": "400m", "memory": "1088Mi"},
    }
    why = " ".join(reason["why"] for reason in changes["busy"]["reasons"])
    assert "main asks for cpu 4, memory 8Gi" in why
    assert "main used 1 CPU (95th percentile) and up to 1.5Gi in 168 h of metrics, the highest of 2 pods" in why


def test_without_metrics_it_asks_instead_of_guessing(dump: Path) -> None:
    answer = CliRunner().invoke(
        command, ["plan", "-q", str(dump), "--only", "requests-*", "--target", "100", "-o", "json"]
    )
    assert answer.exit_code == 0, answer.stderr
    assert json.loads(answer.stdout)["waves"] == []
