"""Look-ups that the testbed cannot answer, because nothing runs behind its pods: what nc and systemctl would have said.

Answers follow from the objects as Kubernetes routes them: a name, a port, ready endpoints, a port that a container serves.
What objects do not tell (a policy, a broken network) the fault says in `checks`: Service → outcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Object = dict[str, Any]
_ENDED = "command terminated with exit code 1\n"
_NETCATS: tuple[Mapping[str, str], ...] = (
    {
        "open": "Connection to {host} ({ip}) {port} port [tcp/*] succeeded!\n",
        "refused": "nc: connect to {host} ({ip}) port {port} (tcp) failed: Connection refused\n",
        "timeout": "nc: connect to {host} ({ip}) port {port} (tcp) timed out: Operation now in progress\n",
        "unknown": 'nc: getaddrinfo for host "{host}" port {port}: Name or service not known\n',
    },
    {
        "open": "{host} ({ip}:{port}) open\n",
        "refused": "nc: {host} ({ip}:{port}): Connection refused\n",
        "timeout": "nc: {host} ({ip}:{port}): Connection timed out\n",
        "unknown": "nc: bad address '{host}'\n",
    },
    {
        "open": "Ncat: Version 7.93 ( https://nmap.org/ncat )\nNcat: Connected to {ip}:{port}.\nNcat: 0 bytes sent, 0 bytes received in 0.02 seconds.\n",
        "refused": "Ncat: Version 7.93 ( https://nmap.org/ncat )\nNcat: Connection refused.\n",
        "timeout": "Ncat: Version 7.93 ( https://nmap.org/ncat )\nNcat: Connection timed out.\n",
        "unknown": 'Ncat: Version 7.93 ( https://nmap.org/ncat )\nNcat: Could not resolve hostname "{host}": Name or service not known. QUITTING.\n',
    },
)
_UNITS = {
    "kubelet": """● kubelet.service - kubelet: The Kubernetes Node Agent
     Loaded: loaded (/lib/systemd/system/kubelet.service; enabled; preset: enabled)
    Drop-In: /usr/lib/systemd/system/kubelet.service.d
             └─10-kubeadm.conf
     Active: active (running) since Mon 2026-11-16 08:12:44 UTC; 1 week 2 days ago
       Docs: https://kubernetes.io/docs/
   Main PID: 1043 (kubelet)
      Tasks: 22 (limit: 76914)
     Memory: 92.4M
        CPU: 3h 12min 8.021s
     CGroup: /system.slice/kubelet.service
             └─1043 /usr/bin/kubelet --bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --config=/var/lib/kubelet/config.yaml
""",
    "containerd": """● containerd.service - containerd container runtime
     Loaded: loaded (/lib/systemd/system/containerd.service; enabled; preset: enabled)
     Active: active (running) since Mon 2026-11-16 08:12:41 UTC; 1 week 2 days ago
       Docs: https://containerd.io
   Main PID: 871 (containerd)
      Tasks: 164
     Memory: 812.0M
        CPU: 1h 40min 51.330s
     CGroup: /system.slice/containerd.service
             └─871 /usr/bin/containerd
""",
}


def connectivity(
    namespace: str, pods: Iterable[Object], services: Iterable[Object], said: Mapping[str, str], flavour: int
) -> dict[str, str]:
    """`nc -zv` from one running pod to every port of every Service."""
    pods = list(pods)
    origin = next((pod["metadata"]["name"] for pod in pods if pod["status"].get("phase") == "Running"), "")
    found: dict[str, str] = {}
    if not origin:
        return found
    words = _NETCATS[flavour % len(_NETCATS)]
    for service in services:
        name, address = service["metadata"]["name"], service["spec"].get("clusterIP", "")
        backends = [pod for pod in pods if _selects(service, pod) and _ready(pod)]
        if address in {"None", ""}:
            address = backends[0]["status"]["podIP"] if backends else ""
        for port in service["spec"].get("ports", ()):
            outcome = said.get(name) or said.get("*") or _outcome(service, port, backends)
            text = words[outcome].format(host=name, ip=address, port=port["port"])
            ended = "" if outcome == "open" else _ENDED
            found[f"kubectl exec {origin} -n {namespace} -- nc -zv -w 3 {name} {port['port']}"] = text + ended
    return found


def _selects(service: Object, pod: Object) -> bool:
    wanted, labels = service["spec"].get("selector") or {}, pod["metadata"].get("labels", {})
    return bool(wanted) and all(labels.get(key) == value for key, value in wanted.items())


def _ready(pod: Object) -> bool:
    return any(each["type"] == "Ready" and each["status"] == "True" for each in pod["status"].get("conditions", ()))


def _outcome(service: Object, port: Object, backends: list[Object]) -> str:
    if service["spec"].get("type") == "ExternalName":
        return "unknown"
    headless = service["spec"].get("clusterIP") == "None"
    if not backends:
        return "unknown" if headless else "refused"
    if port.get("protocol", "TCP") != "TCP":
        return "refused"
    target = port["port"] if headless else port.get("targetPort", port["port"])
    served = [each for pod in backends for box in pod["spec"]["containers"] for each in box.get("ports", ())]
    return "open" if any(target in {each["containerPort"], each.get("name")} for each in served) else "refused"


def units(nodes: Iterable[str]) -> dict[str, str]:
    """The state of each node's services, all well."""
    return {
        f"kubectl debug node/{node} -- chroot /host systemctl status {unit}": text
        for node in nodes
        for unit, text in _UNITS.items()
    }
