"""Whether a call from a pod gets through, by the objects on the API server alone: names, endpoints, network policies.

Written from Kubernetes' documents, apart from the twin's network, which tests hold against it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from seakeep.testing.testbed.api import Api, Object

_DOMAIN = ("svc", "cluster", "local")
_MOST_ALIASES = 8


@dataclass(frozen=True, slots=True)
class Cluster:
    """What decides calls, as it is at one moment."""

    services: Sequence[Object]
    slices: Sequence[Object]
    policies: Sequence[Object]
    namespaces: Sequence[Object]
    pods: Sequence[Object]

    @classmethod
    def seen(cls, api: Api) -> Cluster:
        return cls(
            api.find("v1", "Service"),
            api.find("discovery.k8s.io/v1", "EndpointSlice"),
            api.find("networking.k8s.io/v1", "NetworkPolicy"),
            api.find("v1", "Namespace"),
            api.find("v1", "Pod"),
        )

    def answers(self, pod: Object, host: str, port: int) -> bool:
        """A ready endpoint is behind the name and the port, and no policy stands between."""
        service = self._resolved(host, pod["metadata"]["namespace"])
        return service is not None and any(
            self._admitted(pod, target, number) for target, number in self._endpoints(service, port)
        )

    def _resolved(self, host: str, namespace: str) -> Object | None:
        """The Service behind a name; none for one outside of the cluster, of which nobody here knows."""
        for _ in range(_MOST_ALIASES):
            name, space, *rest = [*host.rstrip(".").split("."), ""] if "." not in host else host.rstrip(".").split(".")
            if tuple(filter(None, rest)) not in {(), _DOMAIN[:1], _DOMAIN}:
                return None
            where = (space or namespace, name)
            found = next((item for item in self.services if _key(item) == where), None)
            if found is None or found["spec"].get("type") != "ExternalName":
                return found
            host = found["spec"]["externalName"]
        return None

    def _endpoints(self, service: Object, port: int) -> Iterator[tuple[Object, int]]:
        """The ready pods, each with the number of its own port."""
        space, name = _key(service)
        names = {item.get("name", "") for item in service["spec"].get("ports", []) if item["port"] == port}
        for item in self.slices:
            metadata = item["metadata"]
            if metadata["namespace"] != space or metadata["labels"].get("kubernetes.io/service-name") != name:
                continue
            numbers = [each["port"] for each in item.get("ports") or [] if each.get("name", "") in names]
            for endpoint in item.get("endpoints") or []:
                target = endpoint.get("targetRef", {})
                if endpoint.get("conditions", {}).get("ready", True) and target.get("kind") == "Pod":
                    pod = next((each for each in self.pods if _key(each) == (space, target["name"])), None)
                    yield from ((pod, number) for number in numbers if pod is not None)

    def _admitted(self, source: Object, target: Object, port: int) -> bool:
        return self._allowed("Egress", source, target, target, port) and self._allowed(
            "Ingress", target, source, target, port
        )

    def _allowed(self, way: str, judged: Object, peer: Object, target: Object, port: int) -> bool:
        """What is selected by no policy for this way is open; else one of their rules must admit it."""
        chosen = [
            item["spec"]
            for item in self.policies
            if item["metadata"]["namespace"] == judged["metadata"]["namespace"]
            and way in _ways(item["spec"])
            and matches(item["spec"].get("podSelector", {}), _labels(judged))
        ]
        rules = [rule for spec in chosen for rule in spec.get(way.lower()) or []]
        side = "to" if way == "Egress" else "from"
        return not chosen or any(
            self._on_port(rule.get("ports"), target, port)
            and self._is_peer(rule.get(side), judged["metadata"]["namespace"], peer)
            for rule in rules
        )

    def _on_port(self, ports: Any, target: Object, port: int) -> bool:
        return not ports or any(_is_port(item, target, port) for item in ports)

    def _is_peer(self, peers: Any, namespace: str, pod: Object) -> bool:
        return not peers or any(self._is_one(item, namespace, pod) for item in peers)

    def _is_one(self, peer: Object, namespace: str, pod: Object) -> bool:
        if block := peer.get("ipBlock"):
            address = ip_address(pod.get("status", {}).get("podIP") or "0.0.0.0")
            return address in ip_network(block["cidr"]) and not any(
                address in ip_network(each) for each in block.get("except", [])
            )
        space = pod["metadata"]["namespace"]
        if (chosen := peer.get("namespaceSelector")) is None:
            within = space == namespace
        else:
            within = any(_key(item)[1] == space and matches(chosen, _labels(item)) for item in self.namespaces)
        return within and matches(peer.get("podSelector", {}), _labels(pod))


def matches(selector: Object, labels: Object) -> bool:
    """A label selector as the API has it: an empty one matches everything."""
    wanted = selector.get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(_holds(item, labels) for item in selector.get("matchExpressions") or [])


def _holds(item: Object, labels: Object) -> bool:
    key, values = item["key"], item.get("values") or []
    match item["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case _:
            return key not in labels


def _is_port(item: Object, target: Object, port: int) -> bool:
    wanted = item.get("port")
    if item.get("protocol", "TCP") != "TCP":
        return False
    if isinstance(wanted, str):
        ports = [each for container in target["spec"]["containers"] for each in container.get("ports", [])]
        return any(each.get("name") == wanted and each["containerPort"] == port for each in ports)
    return wanted is None or int(wanted) <= port <= int(item.get("endPort") or wanted)


def _ways(spec: Object) -> Sequence[str]:
    """Where a policy does not say: ingress, and egress if it has rules for it."""
    return spec.get("policyTypes") or (["Ingress", "Egress"] if "egress" in spec else ["Ingress"])


def _labels(item: Object) -> Object:
    found: Object = item["metadata"].get("labels") or {}
    return found


def _key(item: Object) -> tuple[str, str]:
    return item["metadata"].get("namespace", ""), item["metadata"]["name"]
