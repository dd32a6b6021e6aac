"""Autoscalers and disruption budgets."""

from __future__ import annotations

import re
from typing import Any

from seakeep.adapters.transcript.describe import pods
from seakeep.adapters.transcript.describe.sections import Sections, amount, below, number, split, text
from seakeep.adapters.transcript.describe.selectors import selector
from seakeep.adapters.transcript.measured import measured

Raw = dict[str, Any]


def autoscaler(sections: Sections) -> Raw:
    kind, _, name = text(sections, "Reference").partition("/")
    return {
        "spec": {
            "scaleTargetRef": {"kind": kind, "name": name},
            "minReplicas": number(text(sections, "Min replicas")),
            "maxReplicas": number(text(sections, "Max replicas")),
            "metrics": [found for line in below(sections, "Metrics") if (found := _metric(line))],
        },
        "status": {
            "currentReplicas": next(
                (number(section.value) for key, section in sections.items() if key.endswith(" pods")), 0
            ),
            "conditions": pods.conditions(sections),
        },
    }


def _metric(line: str) -> Raw | None:
    """A line such as `resource cpu of container "app" on pods  (as a percentage of request):  <unknown> / 80%`."""
    values = line.rpartition(": ")[2]
    match = re.match(
        r"\s*resource (?P<name>[\w.-]+)(?: of container \"(?P<container>[^\"]+)\")? on pods(?P<share>\s+\(as a percentage of request\))?:",
        line,
    )
    if match is None:
        named = re.match(r'\s*"(?P<name>[^"]+)"(?P<pods> on pods)?', line)
        if named is None:
            return None
        key = "Pods" if named["pods"] else "External"
        return {"type": key, key.lower(): {"metric": {"name": named["name"]}, **measured(values)}}
    key = "ContainerResource" if match["container"] else "Resource"
    seen = measured(values)
    aim = {"type": "Utilization" if match["share"] else "AverageValue", **seen.pop("target", {})}
    found: Raw = {"name": match["name"], "target": aim, **seen}
    if match["container"]:
        found["container"] = match["container"]
    return {"type": key, key[0].lower() + key[1:]: found}


def budget(sections: Sections) -> Raw:
    status = split(sections["Status"].lines) if "Status" in sections else {}
    available, unavailable = text(sections, "Min available"), text(sections, "Max unavailable")
    return {
        "spec": {
            "minAvailable": amount(available) if available not in {"", "N/A"} else None,
            "maxUnavailable": amount(unavailable) if unavailable not in {"", "N/A"} else None,
            "selector": selector(text(sections, "Selector")),
        },
        "status": {
            "disruptionsAllowed": number(text(status, "Allowed disruptions")),
            "currentHealthy": number(text(status, "Current")),
            "desiredHealthy": number(text(status, "Desired")),
            "expectedPods": number(text(status, "Total")),
        },
    }
