"""Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs and CronJobs."""

from __future__ import annotations

import re
from typing import Any

from seakeep.adapters.transcript.describe import pods
from seakeep.adapters.transcript.describe.sections import Sections, amount, below, number, pairs, split, text
from seakeep.adapters.transcript.describe.selectors import selector
from seakeep.adapters.transcript.times import date

Raw = dict[str, Any]


def template(sections: Sections) -> Raw:
    """A workload's pod template."""
    holder = sections.get("Pod Template")
    inner = split(holder.lines) if holder else sections
    return {
        "metadata": {"labels": pairs(inner.get("Labels")), "annotations": pairs(inner.get("Annotations"), ":")},
        "spec": pods.template(inner),
    }


def _strategy(sections: Sections, key: str) -> Raw:
    rolling = text(sections, "RollingUpdateStrategy")
    found: Raw = {"type": text(sections, key) or "RollingUpdate"}
    if match := re.match(r"(\S+) max unavailable, (\S+) max surge", rolling):
        found["rollingUpdate"] = {"maxUnavailable": amount(match[1]), "maxSurge": amount(match[2])}
    return found


def deployment(sections: Sections) -> Raw:
    replicas = text(sections, "Replicas")
    counts = {
        word: int(amount)
        for amount, word in re.findall(r"(\d{1,9}) (desired|updated|total|available|unavailable)", replicas)
    }
    return {
        "spec": {
            "replicas": counts.get("desired"),
            "selector": selector(text(sections, "Selector")),
            "template": template(sections),
            "strategy": _strategy(sections, "StrategyType"),
        },
        "status": {
            "replicas": counts.get("total", 0),
            "updatedReplicas": counts.get("updated", 0),
            "readyReplicas": counts.get("available", 0),
            "availableReplicas": counts.get("available", 0),
            "unavailableReplicas": counts.get("unavailable", 0),
            "conditions": pods.conditions(sections),
        },
    }


def replicated(sections: Sections) -> Raw:
    """ReplicaSet (`3 current / 5 desired`) and StatefulSet (`5 desired | 3 total`)."""
    shown = re.findall(r"(\d{1,9}) (current|desired|total)", text(sections, "Replicas"))
    counts = {word: int(amount) for amount, word in shown}
    running = re.search(r"(\d{1,9}) Running", text(sections, "Pods Status"))
    return {
        "metadata": {"ownerReferences": pods.owners(sections)},
        "spec": {
            "replicas": counts.get("desired"),
            "selector": selector(text(sections, "Selector")),
            "template": template(sections),
            "podManagementPolicy": text(sections, "Pod Management Policy") or "OrderedReady",
        },
        "status": {
            "replicas": counts.get("total", counts.get("current", 0)),
            "readyReplicas": int(running[1]) if running else 0,
            "conditions": pods.conditions(sections),
        },
    }


def daemon_set(sections: Sections) -> Raw:
    wanted = number(text(sections, "Desired Number of Nodes Scheduled"))
    available = number(text(sections, "Number of Nodes Scheduled with Available Pods"))
    return {
        "spec": {"selector": selector(text(sections, "Selector")), "template": template(sections)},
        "status": {
            "desiredNumberScheduled": wanted,
            "currentNumberScheduled": number(text(sections, "Current Number of Nodes Scheduled")),
            "numberReady": available,
            "numberUnavailable": wanted - available,
        },
    }


def job(sections: Sections) -> Raw:
    counts = {
        word.lower(): int(amount)
        for amount, word in re.findall(
            r"(\d{1,9}) (?:\(\d+ ready\) )?/? ?(Active|Ready|Succeeded|Failed)", text(sections, "Pods Statuses")
        )
    }
    if match := re.match(
        r"(\d+) Active \((\d+) Ready\) / (\d+) Succeeded / (\d+) Failed", text(sections, "Pods Statuses")
    ):
        counts = dict(zip(("active", "ready", "succeeded", "failed"), map(int, match.groups()), strict=True))
    conditions = pods.conditions(sections)
    told = below(sections, "Events")
    if not conditions and any("BackoffLimitExceeded" in line for line in told):
        conditions = [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]
    return {
        "metadata": {"ownerReferences": pods.owners(sections)},
        "spec": {
            "parallelism": number(text(sections, "Parallelism")),
            "completions": number(text(sections, "Completions")) or None,
            "backoffLimit": number(text(sections, "Backoff Limit")) if text(sections, "Backoff Limit") else 6,
            "suspend": text(sections, "Suspend") == "true",
            "template": template(sections),
        },
        "status": {
            **counts,
            "startTime": date(text(sections, "Start Time")),
            "completionTime": date(text(sections, "Completed At")),
            "conditions": conditions,
        },
    }


def cron_job(sections: Sections) -> Raw:
    return {
        "spec": {
            "schedule": text(sections, "Schedule"),
            "suspend": text(sections, "Suspend") == "True",
            "concurrencyPolicy": text(sections, "Concurrency Policy"),
            "jobTemplate": {"spec": {"template": template(sections)}},
        }
    }
