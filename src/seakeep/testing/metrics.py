"""Servers of metrics for one run, on loopback, that start with a history: VictoriaMetrics and Prometheus."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import urllib3

from seakeep.testing.engines import missing
from seakeep.testing.testbed.process import free_ports

_SECONDS = 30


@contextmanager
def victoria_metrics(history: str) -> Iterator[str]:
    """Its URL. `history` is in the text format of Prometheus, with times in milliseconds."""
    program = shutil.which("victoria-metrics") or missing(
        "victoriametrics", "no victoria-metrics on PATH (Debian: apt-get install victoria-metrics)"
    )

    def arguments(folder: Path, port: int) -> list[str]:
        # As soon as it is written, it is to be found.
        place = ["-httpListenAddr", f"127.0.0.1:{port}", f"-storageDataPath={folder}"]
        return [program, *place, "-search.latencyOffset=0s", "-retentionPeriod=1"]

    with _running(arguments, "/health") as url:
        http = urllib3.PoolManager(retries=False)
        taken = http.request("POST", f"{url}/api/v1/import/prometheus", body=history.encode())
        assert taken.status == 204, taken.status
        http.request("GET", f"{url}/internal/force_flush")
        yield url


@contextmanager
def prometheus(history: str) -> Iterator[str]:
    """Its URL. `history` is in OpenMetrics, with times in seconds: it becomes blocks, as a backup's would."""
    program, tool = shutil.which("prometheus"), shutil.which("promtool")
    if program is None or tool is None:
        missing("prometheus", "no prometheus and promtool on PATH (Debian: apt-get install prometheus)")
    server: str = program

    def arguments(folder: Path, port: int) -> list[str]:
        (folder / "history").write_text(history)
        made = [tool, "tsdb", "create-blocks-from", "openmetrics", str(folder / "history"), str(folder / "data")]
        subprocess.run(made, check=True, capture_output=True, timeout=120)
        (folder / "prometheus.yml").write_text("global: {}\n")
        place = [f"--web.listen-address=127.0.0.1:{port}", f"--storage.tsdb.path={folder / 'data'}"]
        return [server, f"--config.file={folder / 'prometheus.yml'}", *place]

    with _running(arguments, "/-/ready") as url:
        yield url


@contextmanager
def _running(arguments: Callable[[Path, int], Sequence[str]], ready: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="seakeep-metrics-") as folder:
        (port,) = free_ports(1)
        process = subprocess.Popen(arguments(Path(folder), port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        url = f"http://127.0.0.1:{port}"
        try:
            _await(f"{url}{ready}")
            yield url
        finally:
            process.terminate()
            process.wait(30)


def _await(url: str) -> None:
    http = urllib3.PoolManager(retries=False)
    for _ in range(_SECONDS * 10):
        try:
            if http.request("GET", url, timeout=2).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"{url} does not answer")
