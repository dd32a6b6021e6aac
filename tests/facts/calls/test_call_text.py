"""Which host a failed call was about."""

from __future__ import annotations

import pytest

from seakeep.facts.calls.call_text import failures


@pytest.mark.parametrize(
    ("line", "hosts"),
    [
        (
            "Cannot connect to discovery server for announce: Announcement failed for http://coordinator:8080",
            ["coordinator"],
        ),
        ("Cannot connect to catalog server: java.net.UnknownHostException: main.lake", ["main.lake"]),
        ("Failed to connect to sentinel at address cache-1:26379 within 5 s", ["cache-1"]),
        ("Unable to connect to LDAP, retrying", []),
        ("Cannot connect to redis://cache.stores.svc:6379/0: Error 111. Connection refused", ["cache.stores.svc"]),
        ("Cannot connect to redis, retrying: Error 111. Connection refused", ["redis"]),
        ("Waiting for redis server: connection refused", ["redis"]),
        ("failed to connect to orders:5432, connection refused", ["orders"]),
        ("could not connect to cart: dial tcp basket:6379: connection refused", ["basket", "cart"]),
    ],
)
def test_the_host_of_a_failure(line: str, hosts: list[str]) -> None:
    assert sorted(item.host for item in failures(line)) == hosts


@pytest.mark.parametrize(
    "line",
    [
        "Error: failed post-install: timed out waiting for the condition",
        "[2024-01-19 00:48:31 +0000] [2973] [CRITICAL] WORKER TIMEOUT (pid:2976)",
    ],
)
def test_what_names_no_host(line: str) -> None:
    assert not list(failures(line))
