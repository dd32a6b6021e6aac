"""Probes of planned workloads that cannot succeed, by their specification."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

from seakeep.facts.index import Index
from seakeep.facts.probes.health_ports import answers_health
from seakeep.facts.probes.probes import Trouble, port_of, resolved, wrong_protocol
from seakeep.facts.routing.service_ports import mentioned
from seakeep.facts.workloads.planned import planned
from seakeep.facts.workloads.templates import Template
from seakeep.model.cause import Candidate, Evidence, Repair
from seakeep.model.change import Change
from seakeep.model.confidence import LIKELY, POSSIBLE, PROVEN
from seakeep.model.objects import Container, Probe
from seakeep.model.refs import Ref


def planned_probe_causes(
    index: Index,
    kinds: tuple[str, ...],
    trouble: Trouble,
    cause: str,
    repair: str,
    change: Callable[[Index, Ref, str, str], Change | None],
) -> Iterator[Candidate]:
    """One candidate per container; `repair` is a sentence with a place for the container's name, `change` makes the change of a workload's container's probe."""
    for item in planned(index):
        for container in item.spec.containers:
            for kind, probe in probes_of(container):
                verdict = _judge(index, item, container, kind, probe, trouble) if kind in kinds else None
                if verdict is None:
                    continue
                confidence, why = verdict
                yield Candidate(
                    id=cause,
                    object=item.ref,
                    summary=f"{kind} probe of container {container.name} of {item.ref.kind} {item.ref.name} cannot succeed: {why}",
                    evidence=(
                        Evidence(
                            item.item.ref,
                            f"{item.path}.containers[{container.name}].{kind}Probe",
                            f"port {port_of(probe)}",
                        ),
                    ),
                    affects=(item.ref,),
                    repair=Repair(
                        repair.format(container=container.name),
                        change(index, item.ref, container.name, kind) if confidence >= LIKELY else None,
                    ),
                    confidence=confidence,
                    settled_by="" if confidence >= LIKELY else f"Ask what container {container.name} listens on",
                )
                break


def probes_of(container: Container) -> list[tuple[str, Probe]]:
    pairs = (
        ("liveness", container.liveness_probe),
        ("startup", container.startup_probe),
        ("readiness", container.readiness_probe),
    )
    return [(kind, probe) for kind, probe in pairs if probe is not None]


def _judge(
    index: Index, item: Template, container: Container, kind: str, probe: Probe, trouble: Trouble
) -> tuple[float, str] | None:
    port = port_of(probe)
    if port is None:
        return None
    number = resolved(container, port)
    if trouble is Trouble.PORT and any(part.container_port == number for part in container.ports):
        return None  # as nearly always
    declared = {part.container_port: part.name for other in item.serving for part in other.ports}
    if trouble is Trouble.PORT:
        if number is None:
            return PROVEN, f"the container has no port named {port}"
        if not declared or number in declared or answers_health(container, number) or mentioned(index, item, number):
            return None
        shown = ", ".join(str(part) for part in sorted(declared))
        others = [resolved(container, port_of(other)) for name, other in probes_of(container) if name != kind]
        own = frozenset(part.container_port for part in container.ports)
        return _unserved(number, [other for other in others if other], shown, own)
    name = declared.get(number or 0, "")
    mismatch = wrong_protocol(container, probe, number) or _other_scheme(container, kind, probe, number)
    return (LIKELY, mismatch) if mismatch and not re.search(r"tcp", name) else None


def _other_scheme(container: Container, kind: str, probe: Probe, number: int | None) -> str:
    """One port answers in TLS or without: of two probes that differ the one that does not suit the port's name or number is wrong."""
    if probe.http_get is None or number is None:
        return ""
    name = next((part.name for part in container.ports if part.container_port == number), "")
    suits = "HTTPS" if "https" in name or "tls" in name or str(number).endswith("443") else "HTTP"
    if probe.http_get.scheme == suits:
        return ""
    for other_kind, other in probes_of(container):
        same = other_kind != kind and other.http_get and resolved(container, port_of(other)) == number
        if same and other.http_get and other.http_get.scheme == suits:
            return (
                f"it asks port {number} by {probe.http_get.scheme}, and the container's {other_kind} probe by {suits}"
            )
    return ""


def _unserved(number: int, others: list[int], shown: str, own: Collection[int]) -> tuple[float, str] | None:
    """Containers may listen on ports that they do not declare, health and management ports above all: probes that agree on one know of it, and where two differ neither is wrong."""
    if not others:
        return POSSIBLE, f"it asks port {number}, and the pod declares {shown}"
    if any(other in own for other in others):
        return POSSIBLE, f"it asks port {number}, while the container's other probe asks a declared one ({shown})"
    if number not in others and len(others) > 1 and len(set(others)) == 1:
        return POSSIBLE, f"it asks port {number}, while the container's other probes ask {others[0]}"
    return None
