"""The port that a command probe asks."""

from __future__ import annotations

import pytest

from seakeep.facts.probes.exec_ports import exec_port, on_port


@pytest.mark.parametrize(
    ("command", "port"),
    [
        (["pg_isready", "-p", "5433"], 5433),
        (["sh", "-c", "exec pg_isready -U me -h 127.0.0.1 -p5433"], 5433),
        (["redis-cli", "-h", "localhost", "-p", "6380", "ping"], 6380),
        (["mysqladmin", "ping", "-p3307", "-P", "3308"], 3308),
        (["mysqladmin", "ping", "-p3307"], None),
        (["mongosh", "--port=27018", "--eval", "1"], 27018),
        (["redis-cli", "-h", "primary", "-p", "6380", "ping"], None),
        (["sh", "-c", "pg_isready -p $PGPORT"], None),
        (["sh", "-c", "pg_isready -p 5432 || pg_isready -p 5433"], None),
        (["sh", "-c", "mkdir -p 7550"], None),
        (["/bin/grpc_health_probe", "-addr=:8080"], 8080),
        (["grpc_health_probe", "--addr", "localhost:9090", "-tls"], 9090),
        (["grpc_health_probe", "-addr=backend:9090"], None),
    ],
)
def test_port(command: list[str], port: int | None) -> None:
    assert exec_port(command) == port


@pytest.mark.parametrize(
    ("command", "changed"),
    [
        (["pg_isready", "-p", "5433"], ["pg_isready", "-p", "5432"]),
        (["sh", "-c", "exec pg_isready -d app5433 -p5433"], ["sh", "-c", "exec pg_isready -d app5433 -p5432"]),
        (["grpc_health_probe", "-addr=:5433"], ["grpc_health_probe", "-addr=:5432"]),
    ],
)
def test_changed(command: list[str], changed: list[str]) -> None:
    assert on_port(command, 5432) == changed
