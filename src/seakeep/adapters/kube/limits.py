"""How patient and how greedy an observation is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes are per request unless said otherwise."""

    page: int = 500
    """Objects a request. kubectl's own figure; a page of pods is some 4 MB."""
    pages: int = 5_000
    """Of one list: Kubernetes is made for 150,000 pods, which are 300."""
    workers: int = 6
    """Requests at the same time. An API server's fairness gives one client few seats; more would only queue there."""
    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    """Without a byte."""
    request_seconds: float = 120.0
    """In all: a server that trickles is as good as silent."""
    tries: int = 4
    """For 429 and 5xx."""
    silent_tries: int = 2
    """Where no whole answer came; each may cost `read_seconds`."""
    silences: int = 3
    """After so many requests in a row without an answer, the rest is not asked for any more."""
    retry_after_most: float = 10.0
    waiting_most: float = 60.0
    """For retries, over the whole observation."""
    answer_bytes: int = 512 * 1024**2
    """A page of 500 ConfigMaps, each as large as they may be, fits."""
    fallback_namespaces: int = 50
    """Asked one by one where the credentials may not list a kind everywhere."""
    owner_kinds: int = 40
    """Custom kinds that own something and belong to no operator that Seakeep knows."""
    log_pods: int = 200
    log_pods_of_one: int = 3
    """Replicas of one workload whose logs are read: they seldom differ."""
    log_lines: int = 300
    log_bytes: int = 512 * 1024
    logs_bytes: int = 64 * 1024**2
    """Of all logs together."""
