"""`kubectl describe networkpolicy`: rules in the words of kubectl's describer."""

from __future__ import annotations

import re
from typing import Any

from seakeep.adapters.transcript.describe.sections import Sections, below
from seakeep.adapters.transcript.describe.selectors import selector

Raw = dict[str, Any]
_DIRECTION = re.compile(r"(?:Allowing (?P<on>ingress|egress) traffic:|Not affecting (?P<off>ingress|egress) traffic)")
_PORT = re.compile(r"To Port(?: Range)?: (?P<port>\S+)/(?P<protocol>[A-Z]+)$")
_RANGE = re.compile(r"(?P<first>\d{1,5})-(?P<last>\d{1,5})")
_PEER = re.compile(r"(?:From|To):(?P<rest>.*)")


def policy(sections: Sections) -> Raw:
    """The API server fills in the policy types, so a direction that is not said to be affected is not."""
    reader = _Reader()
    for line in below(sections, "Spec"):
        reader.read(line.strip())
    return {"spec": reader.spec()}


class _Reader:
    """Line by line. A line of dashes parts two rules of one direction; peers and ports belong to the rule begun last."""

    def __init__(self) -> None:
        self.pods: Raw = {}
        self.rules: dict[str, list[Raw]] = {}
        self.types: set[str] = set()
        self._direction = ""
        self._rule: Raw | None = None
        self._peer: Raw | None = None

    def spec(self) -> Raw:
        return {"podSelector": self.pods, "policyTypes": sorted(self.types, reverse=True), **self.rules}

    def read(self, line: str) -> None:
        if line.startswith("PodSelector:") and not self._direction:
            self.pods = selector(line.partition(":")[2].partition(" (Allowing")[0].strip())
        elif found := _DIRECTION.match(line):
            self._direction, self._rule, self._peer = found["on"] or "-", None, None
            if found["on"]:
                self.types.add(found["on"].capitalize())
                self.rules[found["on"]] = []
        elif line.startswith("Policy Types:"):
            self.types = set(re.findall(r"Ingress|Egress", line)) or self.types
            self._direction = "-"
        elif line.startswith("-----"):
            self._rule = self._peer = None
        elif self._direction in self.rules and not line.startswith("<none>"):
            self._in_rule(line)

    def _in_rule(self, line: str) -> None:
        if self._rule is None:
            self._rule = {}
            self.rules[self._direction].append(self._rule)
        if found := _PORT.match(line):
            self._rule.setdefault("ports", []).append(_port(found["port"], found["protocol"]))
        elif (found := _PEER.match(line)) and not line.startswith("To Port"):
            if not found["rest"].strip():  # else: <any> (traffic not restricted by source)
                self._peer = {}
                self._rule.setdefault("from" if self._direction == "ingress" else "to", []).append(self._peer)
        elif self._peer is not None:
            _in_peer(self._peer, line)


def _port(port: str, protocol: str) -> Raw:
    """A rule for every port of a protocol is printed as a nil pointer."""
    if "nil" in port or port in {"<any>", "*"}:
        return {"protocol": protocol}
    if found := _RANGE.fullmatch(port):
        return {"protocol": protocol, "port": int(found["first"]), "endPort": int(found["last"])}
    return {"protocol": protocol, "port": int(port) if port.isdigit() else port}


def _in_peer(peer: Raw, line: str) -> None:
    key, _, value = line.partition(":")
    value = value.strip()
    if key == "NamespaceSelector":
        peer["namespaceSelector"] = selector(value)
    elif key == "PodSelector":
        peer["podSelector"] = selector(value)
    elif key == "IPBlock":
        peer["ipBlock"] = {}
    elif key == "CIDR":
        peer.setdefault("ipBlock", {})["cidr"] = value
    elif key == "Except":
        peer.setdefault("ipBlock", {})["except"] = [part.strip() for part in value.split(",") if part.strip()]
