"""A Service that is relied on and gone, put back: for the workload that is still there, or with a new one where what it kept is nobody's only copy (a cache, a broker)."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from seakeep.facts.index import Index
from seakeep.facts.proposing import selector_of
from seakeep.facts.routing.address_verdicts import MissingService
from seakeep.facts.workloads.podspecs import judged_templates
from seakeep.model.change import Change, Risk
from seakeep.model.refs import Ref


class StandIn(Struct, frozen=True):
    """What is made of nothing: an image, the program's arguments and how it is asked whether it answers. Its data may be lost at any time without harm."""

    word: str
    image: str
    args: tuple[str, ...]
    probe: tuple[str, ...]
    memory: str


# Memory is what an empty server needs many times over; the limit on its data stays below the container's, so that it evicts keys and is not killed.
_KNOWN = {
    6379: StandIn("redis", "redis:7.4.2-alpine", ("--maxmemory", "192mb", "--maxmemory-policy", "volatile-lru"), ("redis-cli", "ping"), "256Mi"),
    11211: StandIn("memcached", "memcached:1.6.34-alpine", ("-m", "192"), (), "256Mi"),
}  # fmt: skip


def put_back(index: Index, item: MissingService) -> tuple[Change, ...]:
    """Nothing where the namespace, the port or what stood behind is not known, or where data was kept there."""
    port = next((address.port for address in item.addresses if address.port), 0)
    if not item.known_absent or not item.service.namespace or not port:
        return ()
    users = ", ".join(f"{ref.kind} {ref.name}" for ref in item.consumers[:3])
    if item.backend is not None:
        selector = (selector_of(index, item.backend) or {}).get("matchLabels")
        target = _listens(index, item.backend, port)
        if not selector or target is None:
            return ()
        why = f"{users} rely on it, and {item.backend.kind} {item.backend.name} listens on {target}"
        return (_service(item.service, selector, port, target, why),)
    known = _KNOWN.get(port)
    if known is None or known.word not in item.service.name or not item.suffers:
        return ()
    labels = {"app.kubernetes.io/name": known.word, "app.kubernetes.io/instance": item.service.name}
    why = f"{users} rely on {known.word} on port {port}, and nothing in the namespace serves it"
    return (
        _service(item.service, labels, port, port, why),
        _deployment(Ref("Deployment", item.service.namespace, item.service.name), known, labels, port, why),
    )


def _listens(index: Index, backend: Ref, port: int) -> int | None:
    """The port asked for, where the workload declares it; else its only one."""
    entry = next((each for each in judged_templates(index) if each.ref == backend), None)
    ports = [each.container_port for container in entry.spec.containers for each in container.ports] if entry else []
    return port if port in ports or not ports else ports[0] if len(ports) == 1 else None


def _service(ref: Ref, selector: dict[str, str], port: int, target: int, why: str) -> Change:
    spec = {"selector": selector, "ports": [{"port": port, "protocol": "TCP", "targetPort": target}]}
    return Change(ref, {"spec": spec}, (), Risk.LOW, why, "v1")


def _deployment(ref: Ref, known: StandIn, labels: dict[str, str], port: int, why: str) -> Change:
    action = {"exec": {"command": list(known.probe)}} if known.probe else {"tcpSocket": {"port": port}}
    probe = {**action, "periodSeconds": 10, "timeoutSeconds": 5, "failureThreshold": 3}
    user = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True}
    container: dict[str, Any] = {
        "name": known.word,
        "image": known.image,
        "args": list(known.args),
        "ports": [{"containerPort": port, "protocol": "TCP"}],
        "resources": {"requests": {"cpu": "100m", "memory": known.memory}, "limits": {"memory": known.memory}},
        "readinessProbe": probe,
        "livenessProbe": {**probe, "periodSeconds": 20},
        "securityContext": user,
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }
    pod = {
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 999, "fsGroup": 999, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
        "volumes": [{"name": "data", "emptyDir": {"sizeLimit": "512Mi"}}],
    }  # fmt: skip
    spec = {
        "replicas": 1,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }
    return Change(ref, {"metadata": {"labels": labels}, "spec": spec}, (), Risk.LOW, why, "apps/v1")
