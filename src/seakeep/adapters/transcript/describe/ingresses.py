"""Ingresses, with what kubectl found behind each path."""

from __future__ import annotations

import re
from typing import Any

from seakeep.adapters.transcript.describe.sections import Sections, text

Raw = dict[str, Any]
# `web:80 (10.1.2.3:8080)`, `web:http (<error: services "web" not found>)`; older kubectl asks for the Endpoints.
_BACKEND = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]*):(?P<port>[\w-]+)(?: \((?P<found>.*)\))?")
_ROW = re.compile(r"(?P<host>\S+)?\s+(?:(?P<path>/\S*)\s*)?(?P<backend>[a-z0-9][a-z0-9-]*:[\w-]+(?: \(.*\))?)")
_MISSING = re.compile(r"<error: (?:services|endpoints) \"(?P<name>[^\"]+)\" not found>")
# What stands where no Secret is named.
_UNNAMED = "SNI"
_TLS = re.compile(r"(?P<secret>\S+) terminates (?P<hosts>.*)")


def ingress(sections: Sections) -> Raw:
    """`missing` are names of Services that kubectl did not find."""
    lines = sections["Rules"].lines if "Rules" in sections else []
    rules: list[Raw] = []
    missing: list[str] = []
    default = text(sections, "Default backend")
    for line in lines:
        row = _ROW.fullmatch(line.rstrip())
        if row is None or row["host"] or not rules:
            host = line.split()[0] if line.split() else ""
            if host in {"Host", "----"}:
                continue
            rules.append({"host": "" if host == "*" else host, "http": {"paths": []}})
        if row is not None:
            path = {
                "path": row["path"] or "",
                "pathType": "ImplementationSpecific",
                "backend": _backend(row["backend"]),
            }
            rules[-1]["http"]["paths"].append(path)
            missing += [match["name"] for match in _MISSING.finditer(row["backend"])]
    spec: Raw = {"ingressClassName": text(sections, "Ingress Class"), "rules": rules}
    if default and not default.startswith(("<", "default-http-backend:")):  # as old kubectl names one that is not set
        spec["defaultBackend"] = _backend(default)
        missing += [match["name"] for match in _MISSING.finditer(default)]
    tls = [match for line in (sections["TLS"].all if "TLS" in sections else ()) if (match := _TLS.fullmatch(line))]
    spec["tls"] = [
        {"secretName": item["secret"], "hosts": [host.strip() for host in item["hosts"].split(",") if host.strip()]}
        for item in tls
        if item["secret"] != _UNNAMED
    ]
    return {"apiVersion": "networking.k8s.io/v1", "spec": spec, "missing": missing}


def _backend(shown: str) -> Raw:
    match = _BACKEND.fullmatch(shown.strip())
    if match is None:
        return {}
    port = match["port"]
    return {"service": {"name": match["name"], "port": {"number": int(port)} if port.isdecimal() else {"name": port}}}
