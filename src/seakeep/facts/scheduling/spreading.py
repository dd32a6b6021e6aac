"""How the replicas of a workload are kept apart."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from seakeep.facts.admission.server_version import at_least
from seakeep.facts.disruption.disruption_allowance import held_most
from seakeep.facts.index import Index
from seakeep.facts.proposing import selector_of
from seakeep.facts.scheduling.anti_affinity import required_terms
from seakeep.facts.scheduling.node_choice import HOST, ZONE, places
from seakeep.facts.selection import matches
from seakeep.facts.workloads.podspecs import Judged
from seakeep.model.objects import Node

# Where each loss counts, and one node may not hold two.
_STRICT = {"quorum", "in-sync", "all"}


class Spread(Struct, frozen=True):
    """`constraints` in API form; `why` with its figures."""

    constraints: list[dict[str, Any]]
    why: str


def spreads(entry: Judged) -> bool:
    """By a term or constraint that selects its own pods: others keep it away from something else, or count nothing."""
    anti = entry.spec.affinity.pod_anti_affinity if entry.spec.affinity else None
    wishes = anti.preferred_during_scheduling_ignored_during_execution if anti else ()
    terms = (*required_terms(entry), *(item.pod_affinity_term for item in wishes))
    chosen = [item.label_selector for item in terms]
    chosen += [item.label_selector for item in entry.spec.topology_spread_constraints]
    return any(not entry.labels_known or matches(item, entry.labels) for item in chosen)


def _is_astray(entry: Judged) -> bool:
    """It has a constraint with a selector of other pods, and whom that is to spread is not known."""
    chosen = [item.label_selector for item in entry.spec.topology_spread_constraints]
    return any(item is not None and not matches(item, entry.labels) for item in chosen)


def spread_of(index: Index, entry: Judged, replicas: int) -> Spread | None:
    """Over nodes, and over zones where there are several; None where it is not known which labels to go by.

    As a wish: a lost node must not keep its pods waiting. A demand only where the protocol counts each of its pods, a node stays to spare when one is lost, and no volumes
    hold two pods on one node.
    """
    selector = selector_of(index, entry.ref)
    if selector is None or _is_astray(entry):
        return None
    zones = {zone for node in index.snapshot.all(Node) if (zone := node.labels.get(ZONE))}
    hosts, traits = places(index, entry.spec), index.traits.get(entry.ref)
    strict = (
        traits is not None
        and traits.needs_ready in _STRICT
        and hosts is not None
        and len(hosts) > replicas
        and held_most(index, entry.ref)[1] < 2
    )
    # Else the pods that a roll-out replaces are counted with the new ones, and these may all come to one node (beta in 1.27).
    own = {"matchLabelKeys": ["pod-template-hash"]} if entry.ref.kind == "Deployment" and at_least(index, 27) else {}
    constraints = [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "DoNotSchedule" if strict and key == HOST else "ScheduleAnyway",
            "labelSelector": selector,
            **own,
        }
        for key in ((ZONE, HOST) if len(zones) > 1 else (HOST,))
    ]
    what = f"{len(zones)} zones and their nodes" if len(zones) > 1 else "nodes"
    if strict and traits is not None and hosts is not None:
        why = f"each of the {replicas} counts for {traits.service}, and {len(hosts)} nodes may take them: never two on one"
    else:
        why = f"spread over {what}, where volumes and room allow it"
    return Spread(constraints, why)
