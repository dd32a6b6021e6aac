"""What Kubernetes leaves to flags, and what an application's own behaviour decides. Seconds throughout."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Defaults are those of the components of Kubernetes 1.37, or cautious guesses where the application decides."""

    pod_start: float = 3.0
    """From binding to running containers, images present: sandbox, volumes, start."""
    app_start: float = 10.0
    """From running to ready where no probe and no history says otherwise."""
    init_run: float = 2.0
    """From an init container's start to its success."""
    job_run: float = 30.0
    """From a Job's container's start to its success. One that runs already goes on: when it would end is not known."""
    app_stop: float = 2.0
    """From SIGTERM to the end, at most the grace period."""
    node_monitor_grace: float = 50.0
    """kube-controller-manager --node-monitor-grace-period: without a heartbeat for so long, a node is Unknown."""
    node_startup_grace: float = 60.0
    """kube-controller-manager --node-startup-grace-period: the same for a node that never posted a status."""
    node_eviction_rate: float = 0.1
    """kube-controller-manager --node-eviction-rate: nodes of a zone whose pods begin to be evicted, per second."""
    secondary_node_eviction_rate: float = 0.01
    """kube-controller-manager --secondary-node-eviction-rate: the same in a zone that is mostly down, if it is large."""
    large_cluster_size: int = 50
    """kube-controller-manager --large-cluster-size-threshold: up to so many nodes, a zone that is mostly down evicts nothing."""
    unhealthy_zone: float = 0.55
    """kube-controller-manager --unhealthy-zone-threshold: the share of nodes not ready that makes a zone mostly down (three at least)."""
    create_backoff: float = 5.0
    """First retry of a controller whose create was refused; doubled up to `create_backoff_most` (client-go rate limiter, coarsened)."""
    create_backoff_most: float = 300.0
    most_steps: int = 500_000
    """A rehearsal that has not settled after so many steps is stopped, and says what keeps changing."""
