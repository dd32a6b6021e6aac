"""Alerts and metrics from outside the cluster's API, added to a snapshot: from a file, or from a URL that the user named."""

from __future__ import annotations

import ipaddress
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit, urlunsplit

import msgspec

from seakeep.adapters.errors import ObservationError, SourceError
from seakeep.model.snapshot import Alert, Sample

_TIMEOUT = 10.0  # seconds for each step of a call
_DEADLINE = 30.0  # seconds for a whole answer
_MAX = 64 * 1024**2
_INSTEAD = "Give the address of Alertmanager or Prometheus, or a file with its answer."
# Addresses that hand out credentials on clouds; never asked, whatever a URL says.
_METADATA_HOSTS = {"metadata.google.internal", "metadata", "instance-data"}
_METADATA_NETWORKS = (
    ipaddress.ip_network("169.254.0.0/16"),
    ipaddress.ip_network("fe80::/10"),
    ipaddress.ip_network("fd00:ec2::254/128"),
    ipaddress.ip_network("100.100.100.200/32"),  # Alibaba Cloud
    ipaddress.ip_network("192.0.0.192/32"),  # Oracle Cloud
    ipaddress.ip_network("168.63.129.16/32"),  # Azure's host
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Instant queries whose results the diagnosis understands, by the name that their samples get.
QUERIES = {
    "container_cpu_throttled_ratio": "sum by (namespace,pod,container) (rate(container_cpu_cfs_throttled_periods_total{container!=''}[5m])) / sum by (namespace,pod,container) (rate(container_cpu_cfs_periods_total{container!=''}[5m]))",
    "container_cpu_usage_cores": "sum by (namespace,pod,container) (rate(container_cpu_usage_seconds_total{container!=''}[5m]))",
    "container_memory_working_set_bytes": "sum by (namespace,pod,container) (container_memory_working_set_bytes{container!=''})",
    "container_cpu_p95_7d_cores": "quantile_over_time(0.95, sum by (namespace,pod,container) (rate(container_cpu_usage_seconds_total{container!=''}[5m]))[7d:5m])",
    "container_memory_max_7d_bytes": "max_over_time(sum by (namespace,pod,container) (container_memory_working_set_bytes{container!=''})[7d:5m])",
    "container_measured_7d_seconds": "300 * count_over_time(sum by (namespace,pod,container) (container_memory_working_set_bytes{container!=''})[7d:5m])",
    "kubelet_volume_used_ratio": "max by (namespace,persistentvolumeclaim) (kubelet_volume_stats_used_bytes / kubelet_volume_stats_capacity_bytes)",
    "node_network_errors_per_second": "sum by (node,instance) (rate(node_network_receive_errs_total[5m]) + rate(node_network_transmit_errs_total[5m]))",
    "pod_network_drops_per_second": "sum by (namespace,pod) (rate(container_network_receive_packets_dropped_total[5m]) + rate(container_network_transmit_packets_dropped_total[5m]))",
}


class AddressRefusedError(SourceError):
    """The URL points where Seakeep never connects to."""


def read_alerts(source: str) -> tuple[Alert, ...]:
    """Alertmanager API v2 (`/api/v2/alerts`) or Prometheus (`/api/v1/alerts`) JSON."""
    if "://" in source:
        base = source if "/api/" in source else f"{source.rstrip('/')}/api/v2/alerts"
        value = _json(_fetch(base), base)
    else:
        value = _json(_file(source), source)
    if isinstance(value, dict):
        value = value.get("data", value)
        value = value.get("alerts") if isinstance(value, dict) else value
    if not isinstance(value, list):
        raise SourceError(f"{source} holds no alerts", "Give Alertmanager's /api/v2/alerts as JSON, or its URL.")
    return tuple(_alert(item) for item in value if isinstance(item, dict))


def _alert(item: dict[str, Any]) -> Alert:
    labels = _texts(item.get("labels"))
    status = item.get("status")
    state = (
        str(status.get("state", "active")) if isinstance(status, dict) else str(item.get("state") or status or "firing")
    )
    return Alert(
        name=labels.get("alertname", str(item.get("name", ""))),
        labels=labels,
        annotations=_texts(item.get("annotations")),
        starts_at=_time(item.get("startsAt") or item.get("activeAt")),
        state="firing" if state in {"active", "firing"} else state,
    )


def _texts(value: object) -> dict[str, str]:
    return {str(key): str(item) for key, item in value.items()} if isinstance(value, dict) else {}


def _time(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def read_samples(source: str) -> tuple[Sample, ...]:
    """From a Prometheus-compatible URL by fixed instant queries; from a file with one answer of its query API, or {name: answer}."""
    if "://" in source:
        return tuple(
            sample
            for name, query in QUERIES.items()
            for sample in _vector(
                name, _json(_fetch(f"{source.rstrip('/')}/api/v1/query?{urlencode({'query': query})}"), source)
            )
        )
    value = _json(_file(source), source)
    if isinstance(value, dict) and value and "data" not in value and "result" not in value:
        return tuple(sample for name in sorted(value) for sample in _vector(name, value[name]))
    return tuple(_vector("", value))


def _vector(name: str, answer: Any) -> list[Sample]:
    data = answer.get("data") if isinstance(answer, dict) else answer
    result = data.get("result") if isinstance(data, dict) else data
    if not isinstance(result, list):
        raise SourceError(
            "no answer of Prometheus's query API was found",
            "Save /api/v1/query as it is, or {name: answer} of several.",
        )
    found: list[Sample] = []
    for item in result:
        if not isinstance(item, dict):
            continue
        labels = _texts(item.get("metric"))
        try:
            pair = item["value"] if "value" in item else item["values"][-1]
            when, value = datetime.fromtimestamp(float(pair[0]), UTC), float(pair[1])
        except (KeyError, TypeError, ValueError, IndexError, OverflowError, OSError):
            continue
        if math.isfinite(value):
            found.append(Sample(name or labels.get("__name__", ""), labels, value, when))
    return found


def _file(source: str) -> bytes:
    path = Path(source)
    try:
        if path.stat().st_size > _MAX:
            raise SourceError(f"{source} is too large", "Ask for fewer alerts or metrics.")
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"{source} cannot be read", "Give a JSON file or a URL.") from error


def _json(data: bytes, source: str) -> Any:
    """Of a URL the host is named: the rest may hold a password."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError(
            f"{urlsplit(source).hostname if '://' in source else source} holds no valid JSON, where alerts or metrics were expected",
            "Save Alertmanager's /api/v2/alerts or Prometheus's /api/v1/query as it is.",
        ) from error


def _fetch(url: str) -> bytes:
    """One GET: no redirect followed, bounded in time and size, never to a metadata address."""
    import urllib3

    from seakeep.adapters.patience import patient

    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise SourceError("not a valid URL", "Write it like http://prometheus:9090.") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise SourceError("not an http or https URL", "Write it like http://prometheus:9090.")
    address = _checked_address(host, port)
    headers = urllib3.make_headers(user_agent="seakeep", basic_auth=_userinfo(parts.username, parts.password))
    headers |= {"Host": parts.netloc.rpartition("@")[2], "Accept-Encoding": "identity"}
    limits: dict[str, Any] = {"timeout": urllib3.Timeout(connect=_TIMEOUT, read=_TIMEOUT), "retries": False}
    # To the address that was checked: asking the resolver again could give another one.
    if parts.scheme == "https":
        limits |= {"server_hostname": host, "assert_hostname": host}
    pool = patient(_DEADLINE)[parts.scheme](address, port, **limits)
    target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    try:
        with pool:
            answer = pool.request("GET", target, headers=headers, redirect=False, preload_content=False)
            try:
                body = _bounded(answer, host)
            finally:
                answer.watch.over()  # type: ignore[attr-defined]
    except TimeoutError as error:
        raise ObservationError(f"{host} answers too slowly", "Save the answer to a file and give that.") from error
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise ObservationError(f"{host} did not answer", "Is the address right, and reachable from here?") from error
    if answer.status != 200:
        raise ObservationError(
            f"{host} answered {answer.status}",
            "Redirects are not followed; give the final URL."
            if 300 <= answer.status < 400
            else "Are the path and the credentials right?",
        )
    return body


def _userinfo(user: str | None, password: str | None) -> str | None:
    return None if user is None and password is None else f"{unquote(user or '')}:{unquote(password or '')}"


def _bounded(answer: Any, host: str) -> bytes:
    """The body, unless it is too large."""
    body = bytearray()
    while True:
        piece = answer.read1(1 << 16)
        if not piece:
            return bytes(body)
        body += piece
        if len(body) > _MAX:
            raise ObservationError(f"{host} answered with more than {_MAX // 1024**2} MB", "Ask for less.")


def _embedded(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address that an IPv6 one leads to (mapped, 6to4, NAT64), or the same."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _checked_address(host: str, port: int) -> str:
    """The first address of a host. Raises AddressRefusedError if any of them hands out credentials."""
    import socket

    if host.lower().rstrip(".") in _METADATA_HOSTS:
        raise AddressRefusedError("that address hands out credentials; Seakeep does not connect to it", _INSTEAD)
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise ObservationError(f"{host} cannot be resolved", "Is the address right?") from error
    for text in found:
        address = _embedded(ipaddress.ip_address(text.partition("%")[0]))
        if any(address.version == network.version and address in network for network in _METADATA_NETWORKS):
            raise AddressRefusedError(
                "that address is link-local or hands out credentials; Seakeep does not connect to it", _INSTEAD
            )
    if not found:
        raise ObservationError(f"{host} cannot be resolved", "Is the address right?")
    return found[0]
