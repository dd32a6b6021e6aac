"""Probes put right: the port that the container serves, a question in the port's own protocol, time enough to start."""

from __future__ import annotations

import re
from typing import Any

from seakeep.facts.index import Index
from seakeep.facts.likeness import nearest
from seakeep.facts.probes.exec_ports import on_port
from seakeep.facts.probes.planned_probes import probes_of
from seakeep.facts.probes.probe_actions import action_of, patience, start_of, start_up_probe
from seakeep.facts.probes.probes import port_of, resolved, wrong_protocol
from seakeep.facts.workloads.drift import previous_template
from seakeep.facts.workloads.podspecs import judged_of
from seakeep.facts.workloads.template_repairs import Standing, standing
from seakeep.model.change import Change
from seakeep.model.objects import Container, Probe
from seakeep.model.refs import Ref

_PLAIN = re.compile(r"server gave HTTP response to HTTPS client|first record does not look like a TLS handshake")
_TLS = re.compile(r"HTTP request to an HTTPS server|malformed HTTP response \"?\\x15\\x03")


def on_served_port(index: Index, ref: Ref, name: str, kind: str) -> Change | None:
    """None where the template was corrected since, or where several ports may be meant."""
    item = standing(index, ref, name)
    probe = dict(probes_of(item.container)).get(kind) if item else None
    if item is None or probe is None:
        return None
    found = _served(index, item, probe, kind)
    if found is None:
        return None
    port, why = found
    handler = next(iter(action_of(probe)))
    value = resolved(item.container, port) if handler in {"grpc", "exec"} else port
    if probe.exec and value:
        command = on_port(probe.exec.command, int(value))
        return item.change(
            {f"{kind}Probe": {"exec": {"command": command}}}, f"it asks port {port_of(probe)}, and {why}"
        )
    return item.change({f"{kind}Probe": {handler: {"port": value}}}, f"it asks port {port_of(probe)}, and {why}")


def _served(index: Index, item: Standing, probe: Probe, kind: str) -> tuple[int | str, str] | None:
    """The port as it was before, the one that a name is a slip of, the one that the other probes ask, or the only one."""
    container, asked = item.container, port_of(probe)
    declared = {part.container_port: part.name for part in container.ports if part.protocol == "TCP"}
    before = _before(index, item, kind)
    old = port_of(before) if before else None
    if old is not None and old != asked and resolved(container, old) in declared:
        return old, f"it asked {old} in the revision before"
    if asked is None or resolved(container, asked) in declared:
        return None
    meant = nearest(asked, filter(None, declared.values())) if isinstance(asked, str) else ""
    if meant:
        return meant, f"the container's port is named {meant}"
    others = {resolved(container, port_of(other)) for other_kind, other in probes_of(container) if other_kind != kind}
    agreed = (others - {None}) & declared.keys()
    if len(agreed) == 1:
        port = agreed.pop()
        return (port, f"its other probes ask port {port}") if port else None
    if len(declared) == 1:
        port = next(iter(declared))
        return port, f"{port} is the only port that the container declares"
    return None


def _before(index: Index, item: Standing, kind: str) -> Probe | None:
    template = previous_template(index, item.ref)
    containers = template.spec.containers if template else ()
    found = next((each for each in containers if each.name == item.container.name), None)
    return dict(probes_of(found)).get(kind) if found else None


def in_its_protocol(index: Index, ref: Ref, name: str, kind: str, told: str = "") -> Change | None:
    """What was asked before, or what another probe of the container asks there; else whether the port takes a connection, which every protocol answers."""
    item = standing(index, ref, name)
    probe = dict(probes_of(item.container)).get(kind) if item else None
    if item is None or probe is None:
        return None
    number = resolved(item.container, port_of(probe))
    mismatch = wrong_protocol(item.container, probe, number)
    scheme = _scheme(probe, told)
    if scheme:
        return item.change({f"{kind}Probe": {"httpGet": {"scheme": scheme}}}, f"the kubelet was told: {told[:120]}")
    before = _before(index, item, kind)
    if before and number and _differs(before, probe) and resolved(item.container, port_of(before)) == number:
        return _asking(item, kind, probe, action_of(before), "it asked so in the revision before")
    if not mismatch or not number:
        return None
    for other_kind, other in probes_of(item.container):
        if other_kind != kind and _fits(item.container, other, probe, number):
            return _asking(item, kind, probe, action_of(other), f"{mismatch}; its {other_kind} probe asks there so")
    why = f"{mismatch}; whether the port takes a connection can be asked in every protocol"
    return _asking(item, kind, probe, {"tcpSocket": {"port": port_of(probe)}}, why)


def _scheme(probe: Probe, told: str) -> str:
    """The scheme that the answer asks for, "" where the probe has it already."""
    wanted = "HTTP" if _PLAIN.search(told) else "HTTPS" if _TLS.search(told) else ""
    return wanted if probe.http_get and probe.http_get.scheme != wanted else ""


def _differs(one: Probe, two: Probe) -> bool:
    return action_of(one).keys() != action_of(two).keys()


def _fits(container: Container, other: Probe, probe: Probe, number: int) -> bool:
    asks = resolved(container, port_of(other))
    return asks == number and _differs(other, probe) and not wrong_protocol(container, other, number)


def _asking(item: Standing, kind: str, old: Probe, action: dict[str, Any], why: str) -> Change:
    """A probe has one way of asking."""
    gone = tuple(item.path(f"{kind}Probe", handler) for handler in action_of(old) if handler not in action)
    return item.change({f"{kind}Probe": action}, why, gone)


def patient(index: Index, ref: Ref, name: str, kind: str) -> Change | None:
    """As patient as it was before; else a start-up probe for as long as the start is known to take. None where nothing tells how long that is."""
    item = standing(index, ref, name)
    probe = dict(probes_of(item.container)).get(kind) if item else None
    if item is None or probe is None:
        return None
    before = _before(index, item, kind)
    if before and _gentler(before, probe):
        told = f"it gave up after {patience(before)} s, with {before.timeout_seconds} s for each answer, in the revision before"
        return item.change({f"{kind}Probe": _timings(before)}, told)
    start = start_of(index, judged_of(index, ref), item.container)
    if start is None or patience(probe) >= start.seconds or (kind == "liveness" and item.container.startup_probe):
        return None
    why = f"it ends the container {patience(probe)} s after its start, and {start.why}"
    if kind == "startup":
        tries = -(-start.seconds // max(probe.period_seconds, 1))
        return item.change({"startupProbe": {"failureThreshold": tries}}, why)
    return item.change({"startupProbe": start_up_probe(action_of(probe), start.seconds)}, why)


def _gentler(one: Probe, two: Probe) -> bool:
    longer = patience(one) >= patience(two) and one.timeout_seconds >= two.timeout_seconds
    return longer and (patience(one), one.timeout_seconds) != (patience(two), two.timeout_seconds)


def _timings(probe: Probe) -> dict[str, int]:
    return {
        "initialDelaySeconds": probe.initial_delay_seconds,
        "periodSeconds": probe.period_seconds,
        "timeoutSeconds": probe.timeout_seconds,
        "failureThreshold": probe.failure_threshold,
    }
