"""Whether kube-proxy works on a node: its pod, its unit, its alert, and calls to Services that fail where calls to pods work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from seakeep.facts.index import Index
from seakeep.facts.nodes.node_agents import has_proxy_pod, proxy_troubles
from seakeep.facts.nodes.node_calls import Way, ways
from seakeep.facts.nodes.node_signs import CERTAIN, FAIR, WEAK, Sign
from seakeep.facts.nodes.nodes import (
    alert_evidence,
    alerts_on,
    is_down,
    node_names,
    node_of_origin,
    node_ref,
    ready_status,
    unit_checks,
    unit_evidence,
)
from seakeep.facts.nodes.sandboxes import sandbox_failures
from seakeep.facts.once import once
from seakeep.model.refs import Ref

_UNITS = frozenset({"kube-proxy", "kubeproxy"})
_ALERTS = ("kubeproxy", "kube-proxy")


@once
def proxy_signs(index: Index) -> Mapping[Ref, tuple[Sign, ...]]:
    """By culprit: nodes, or the DaemonSet where kube-proxy works nowhere. Strongest first."""
    found: dict[Ref, list[Sign]] = defaultdict(list)
    for trouble in proxy_troubles(index):
        culprit = node_ref(trouble.node) if trouble.node else trouble.daemon_set
        found[culprit] += [
            Sign(CERTAIN if trouble.node or not trouble.pods else FAIR, part) for part in trouble.evidence
        ]
    for name, sign in (*_units(index), *_alerts(index), *_calls(index), *_plugins(index)):
        found[node_ref(name)].append(sign)
    return {ref: tuple(sorted(signs, key=lambda sign: -sign.level)) for ref, signs in sorted(found.items())}


def _units(index: Index) -> Iterator[tuple[str, Sign]]:
    """`is-active` says `inactive` of a unit that never existed too: where the node runs kube-proxy as a pod, that tells nothing."""
    origins = {node_of_origin(index, check.origin) for check in index.snapshot.checks if check.probe == "unit"}
    for name in sorted(origins - {""}):
        for check in unit_checks(index, name, _UNITS):
            detail = check.detail.lower()
            if has_proxy_pod(index, name):
                # A unit that is there to start with the node, and was stopped, is worth telling all the same.
                if is_down(check) and "; enabled" in detail:
                    yield name, Sign(FAIR, unit_evidence(check, name))
            elif is_down(check):
                sure = check.outcome == "failed" or "loaded" in detail or "active:" in detail
                yield name, Sign(CERTAIN if sure else FAIR, unit_evidence(check, name))


def _alerts(index: Index) -> Iterator[tuple[str, Sign]]:
    """Only where some nodes are named and others are not: kube-proxy's metrics listen on loopback by default, so that many healthy clusters raise it for all."""
    found = [(name, alert) for name, alert in alerts_on(index, _ALERTS) if name]
    found += [
        (name, alert)
        for name, alert in alerts_on(index, ("targetdown",))
        if name and "kube-proxy" in alert.labels.get("job", "")
    ]
    named = {name for name, _ in found}
    for name, alert in found:
        if set(node_names(index)) - named and ready_status(index, name) in {"", "True"}:
            yield name, Sign(WEAK if has_proxy_pod(index, name) else FAIR, alert_evidence(alert, node_ref(name)))


def _calls(index: Index) -> Iterator[tuple[str, Sign]]:
    """From one node: a Service's virtual address gets lost while the pods behind it, or others beside them, answer to the same node."""
    lost: dict[str, list[Way]] = defaultdict(list)
    for way in ways(index):
        if way.lost and way.virtual and way.start and ready_status(index, way.start) in {"", "True"}:
            lost[way.start].append(way)
    for name, items in sorted(lost.items()):
        direct = [way for way in ways(index) if way.works and not way.virtual and way.start == name]
        elsewhere = [
            way
            for way in ways(index)
            if way.works and way.start not in {"", name} and way.target in {item.target for item in items}
        ]
        virtual = any(way.works and way.virtual and way.start == name for way in ways(index))
        for way in items:
            behind = any(other.ends and other.ends <= way.ends for other in direct)
            at_home = way.ends == {name}
            if not (behind or at_home) or (not behind and not elsewhere):
                continue
            level = WEAK if virtual else FAIR
            yield name, Sign(level, way.call.evidence)
            for other in (direct if behind else elsewhere)[:1]:
                yield name, Sign(level, other.call.evidence)


def _plugins(index: Index) -> Iterator[tuple[str, Sign]]:
    """The CNI plug-in of one node cannot reach the API server by its Service address; the agent itself runs."""
    found: dict[str, list[Sign]] = defaultdict(list)
    for failure in sandbox_failures(index):
        if failure.api and failure.current and failure.node and ready_status(index, failure.node) in {"", "True"}:
            found[failure.node].append(Sign(WEAK, failure.evidence))
    if len(found) == 1 and len(node_names(index)) > 1:
        for name, signs in found.items():
            yield from ((name, sign) for sign in signs[:2])
