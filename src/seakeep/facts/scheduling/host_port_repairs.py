"""Host ports that are given up where a Service leads to the container's port anyway."""

from __future__ import annotations

from seakeep.facts.index import Index
from seakeep.facts.routing.routing import backends_of
from seakeep.facts.routing.service_ports import number_of, target_of
from seakeep.facts.workloads.template_repairs import changeable, standing
from seakeep.model.change import Change, Risk
from seakeep.model.fields import text_of
from seakeep.model.objects import Service
from seakeep.model.refs import Ref


def without_host_ports(index: Index, ref: Ref) -> Change | None:
    """Only of a Deployment: a DaemonSet has one pod on each node because its port is asked for there. Whoever uses the node's address has to use the Service."""
    template = changeable(index, ref)
    if template is None or ref.kind != "Deployment" or template.spec.host_network:
        return None
    held = [(item.name, port) for item in template.spec.containers for port in item.ports if port.host_port]
    served = _served(index, ref)
    if not held or any(port.container_port not in served for _, port in held):
        return None
    gone = []
    for name, port in held:
        item = standing(index, ref, name)
        step = (("containerPort", port.container_port), ("protocol", port.protocol))
        gone += [f"{item.path('ports')}{text_of((step,))}.hostPort"] if item else []
    services = ", ".join(sorted({served[port.container_port] for _, port in held}))
    ports = ", ".join(str(port.host_port) for _, port in held)
    why = f"host port {ports} is taken on every node that is left, and Service {services} leads to the pods on any node"
    return Change(ref, {}, tuple(gone), Risk.HIGH if template.ready else Risk.MEDIUM, why)


def _served(index: Index, ref: Ref) -> dict[int, str]:
    """Container port → a Service that leads to it."""
    found: dict[int, str] = {}
    for service in index.services_in(ref.namespace):
        for backend in backends_of(index, service) if isinstance(service, Service) else ():
            for port in service.spec.ports if backend.ref == ref else ():
                target = target_of(index, service, port)
                if target is not None:
                    found.setdefault(number_of(backend, target), service.name)
    return found
