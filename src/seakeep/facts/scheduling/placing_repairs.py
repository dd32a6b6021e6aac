"""Rules of placement that leave no node, relaxed no further than it takes."""

from __future__ import annotations

from typing import Any

from seakeep.facts.index import Index
from seakeep.facts.proposing import in_pod_spec, pod_spec_path, selector_fields
from seakeep.facts.scheduling.anti_affinity import own_terms, required_terms, term_fields
from seakeep.facts.scheduling.neighbours import domains, hard_spreads
from seakeep.facts.scheduling.node_labels import TEMPLATED
from seakeep.facts.selection import matches_node_selector
from seakeep.facts.workloads.podspecs import judged_of
from seakeep.facts.workloads.rollout_steps import steps
from seakeep.facts.workloads.template_repairs import changeable
from seakeep.model.change import Change, Risk
from seakeep.model.fields import text_of
from seakeep.model.objects import Deployment, Node
from seakeep.model.objects.pods import NodeSelectorTerm, TopologySpread
from seakeep.model.refs import Ref

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def spread_as_wish(index: Index, ref: Ref) -> Change | None:
    """The workload's hard spreads as wishes. None where a topology key is unknown to the nodes: as a wish that would spread nothing."""
    template = changeable(index, ref)
    spreads = hard_spreads(template.spec) if template else ()
    keys = [item.topology_key for item in spreads]
    known = {item.topology_key for item in (template.spec.topology_spread_constraints if template else ())}
    soft = known and len(keys) == len(set(keys)) and not _soft(index, ref, keys)
    if not spreads or not soft or not all(domains(index, key) for key in keys):
        return None
    path = (*pod_spec_path(ref), "topologySpreadConstraints")
    gone = tuple(text_of((*path, (("topologyKey", key), ("whenUnsatisfiable", "DoNotSchedule")))) for key in keys)
    figures = ", ".join(f"{len(domains(index, key))} of {key}" for key in keys)
    why = f"no node keeps maxSkew over the domains that there are ({figures}); as a wish it spreads the pods as far as it goes"
    patch = in_pod_spec(ref, {"topologySpreadConstraints": [_spread_fields(item) for item in spreads]})
    return Change(ref, patch, gone, Risk.MEDIUM, why)


def _soft(index: Index, ref: Ref, keys: list[str]) -> bool:
    """Whether a wish with one of the keys is there already."""
    spreads = judged_of(index, ref).spec.topology_spread_constraints
    return any(item.topology_key in keys and item.when_unsatisfiable != "DoNotSchedule" for item in spreads)


def _spread_fields(item: TopologySpread) -> dict[str, Any]:
    """As a wish; minDomains goes with requirements only."""
    found: dict[str, Any] = {"topologyKey": item.topology_key, "whenUnsatisfiable": "ScheduleAnyway", "maxSkew": item.max_skew}  # fmt: skip
    if item.label_selector is not None:
        found["labelSelector"] = selector_fields(item.label_selector)
    if item.match_label_keys:
        found["matchLabelKeys"] = list(item.match_label_keys)
    if item.node_affinity_policy != "Honor":
        found["nodeAffinityPolicy"] = item.node_affinity_policy
    if item.node_taints_policy != "Ignore":
        found["nodeTaintsPolicy"] = item.node_taints_policy
    return found


def apart_as_wish(index: Index, ref: Ref) -> Change | None:
    """The terms by which its own pods keep apart, as wishes. What keeps it away from others is left.

    Pods of the old template go on barring the new ones from their nodes: a roll-out gets under way only where it may take away one more than are missing already.
    A StatefulSet's would wait for ever.
    """
    template, item = changeable(index, ref), index.snapshot.find(ref)
    entry = judged_of(index, ref) if template else None
    own = own_terms(entry) if entry else ()
    if template is None or entry is None or not own or not isinstance(item, Deployment) or not entry.replicas:
        return None
    lacking = max(entry.replicas - template.ready, 0) + 1
    recreates = item.spec.strategy is not None and item.spec.strategy.type == "Recreate"
    narrow = not recreates and steps(item, entry.replicas)[1] < lacking
    anti = entry.spec.affinity.pod_anti_affinity if entry.spec.affinity else None
    wished = [
        {"weight": item.weight, "podAffinityTerm": term_fields(item.pod_affinity_term)}
        for item in (anti.preferred_during_scheduling_ignored_during_execution if anti else ())
    ]
    wished += [{"weight": 100, "podAffinityTerm": term_fields(term)} for term in own]
    kept = [term_fields(term) for term in required_terms(entry) if term not in own]
    fields: dict[str, Any] = {_PREFERRED: wished, **({_REQUIRED: kept} if kept else {})}
    path = text_of((*pod_spec_path(ref), "affinity", "podAntiAffinity", _REQUIRED))
    why = f"{entry.replicas} replicas may not share a {own[0].topology_key}, and no node is left; as a wish it spreads them as far as it goes"
    patch = in_pod_spec(ref, {"affinity": {"podAntiAffinity": fields}})
    if narrow:
        patch["spec"]["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": lacking}}
        why = f"{why}; {lacking - 1} are missing, and one that runs has to make room for the first new one"
    risk = Risk.MEDIUM if lacking < entry.replicas and not recreates else Risk.HIGH
    return Change(ref, patch, () if kept else (path,), risk, why)


def on_known_labels(index: Index, ref: Ref) -> Change | None:
    """Labels that no node carries at all are taken out of the required node affinity: they bar every node alike, so that they tell nothing apart."""
    template = changeable(index, ref)
    affinity = template.spec.affinity.node_affinity if template and template.spec.affinity else None
    required = affinity.required_during_scheduling_ignored_during_execution if affinity else None
    nodes = list(index.snapshot.all(Node))
    if required is None or not index.snapshot.lists_all("Node", "*") or ref.kind not in TEMPLATED:
        return None
    carried = {key for node in nodes for key in node.labels}
    unknown = sorted({key for term in required.node_selector_terms for key in _asked(term) - carried})
    terms = [_known(term, carried) for term in required.node_selector_terms]
    whole = [term for term in terms if term.match_expressions or term.match_fields]
    if not unknown or (whole and not any(matches_node_selector(whole, node) for node in nodes)):
        return None
    why = f"no node of {len(nodes)} has the label {', '.join(unknown)}, so that it bars them all"
    path = (*pod_spec_path(ref), "affinity", "nodeAffinity", _REQUIRED)
    if len(whole) < len(terms):  # a term that asks for nothing more is met by every node
        return Change(ref, {}, (text_of(path),), Risk.MEDIUM, why)
    fields = {"nodeAffinity": {_REQUIRED: {"nodeSelectorTerms": [_term_fields(term) for term in whole]}}}
    return Change(ref, in_pod_spec(ref, {"affinity": fields}), (), Risk.MEDIUM, why)


def _asked(term: NodeSelectorTerm) -> set[str]:
    return {item.key for item in term.match_expressions if item.operator in {"In", "Exists", "Gt", "Lt"}}


def _known(term: NodeSelectorTerm, carried: set[str]) -> NodeSelectorTerm:
    kept = [item for item in term.match_expressions if item.key in carried or item.key not in _asked(term)]
    return NodeSelectorTerm(match_expressions=tuple(kept), match_fields=term.match_fields)


def _term_fields(term: NodeSelectorTerm) -> dict[str, Any]:
    groups = (("matchExpressions", term.match_expressions), ("matchFields", term.match_fields))
    return {
        name: [
            {"key": item.key, "operator": item.operator, **({"values": list(item.values)} if item.values else {})}
            for item in group
        ]
        for name, group in groups
        if group
    }
