"""Secrets out of everything that leaves the cluster: literals in the environment, ConfigMaps, logs, annotations, URLs. Host names and ports stay: the diagnosis needs them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import msgspec

from seakeep.adapters.decode import struct_for
from seakeep.model.objects import ConfigMap, KubeObject
from seakeep.model.snapshot import Snapshot

MASK = "<redacted>"
_DROPPED = ("kubectl.kubernetes.io/last-applied-configuration",)
_SECRET_NAME = re.compile(
    r"passw|passphrase|secret|token|api[_.-]?key|access[_.-]?key|private[_.-]?key|credential|auth[_.-]?key|signing|salt\b|(?:^|[_.-])(?:pwd|key|pat|cert|pem)(?:$|[_.-])",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"_(?:FILE|PATH|DIR|NAME|URL|HOST|PORT|ENABLED|TTL|TYPE|ALGORITHM)$", re.IGNORECASE)
_USERINFO = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]{1,30}://)[^/\s@\"']{1,256}@")
_ASSIGNED = re.compile(
    r"(?P<name>[\w.-]{0,60}(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential)[\w.-]{0,40}[\"']?\s{0,3}[=:]\s{0,3}[\"']?)(?P<value>[^\s\"',;&]{1,4000})",
    re.IGNORECASE,
)
_BEARER = re.compile(
    r"(?P<name>\b(?:bearer|basic|authorization:)\s+)(?P<value>[A-Za-z0-9+/=._~-]{8,4000})", re.IGNORECASE
)
_WELL_KNOWN = re.compile(
    r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,255}|xox[abpr]-[A-Za-z0-9-]{10,255}|eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{5,4000})\b"
)
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)


def text(value: str) -> str:
    """Free text with what looks like a secret masked."""
    if "PRIVATE KEY" in value:
        value = _PEM.sub(MASK, value)
    value = _USERINFO.sub(rf"\g<scheme>{MASK}@", value)
    value = _ASSIGNED.sub(rf"\g<name>{MASK}", value)
    value = _BEARER.sub(rf"\g<name>{MASK}", value)
    return _WELL_KNOWN.sub(MASK, value)


def snapshot(found: Snapshot) -> Snapshot:
    """The same snapshot without secrets."""
    objects = {kind: {key: _object(item) for key, item in group.items()} for kind, group in found.objects.items()}
    return replace(
        found,
        objects=objects,
        logs=tuple(replace(log, text=text(log.text)) for log in found.logs),
        checks=tuple(replace(check, detail=text(check.detail)) for check in found.checks),
        alerts=tuple(
            replace(alert, annotations={key: text(value) for key, value in alert.annotations.items()})
            for alert in found.alerts
        ),
    )


def _object(item: KubeObject) -> KubeObject:
    raw: dict[str, Any] = msgspec.to_builtins(item)
    metadata = raw.get("metadata", {})
    annotations = metadata.get("annotations")
    if annotations:
        metadata["annotations"] = {key: text(value) for key, value in annotations.items() if key not in _DROPPED}
    if isinstance(item, ConfigMap):
        raw["data"] = {key: _value(key, value) for key, value in raw.get("data", {}).items()}
        raw["binaryData"] = dict.fromkeys(raw.get("binaryData", {}), MASK)
    _walk(raw)
    struct = type(item)
    if struct is KubeObject:
        struct = struct_for(item.api_version, item.kind)
    return msgspec.convert(raw, struct, strict=False)


def _walk(value: Any) -> None:
    """Environment variables, arguments and messages, wherever a pod template sits."""
    stack = [value]
    while stack:
        current = stack.pop()
        if isinstance(current, dict):
            if isinstance(current.get("env"), list | tuple):
                for variable in current["env"]:
                    if isinstance(variable, dict) and isinstance(variable.get("value"), str):
                        variable["value"] = _value(str(variable.get("name", "")), variable["value"])
            for key in ("command", "args"):
                if isinstance(current.get(key), list | tuple) and all(isinstance(entry, str) for entry in current[key]):
                    current[key] = _arguments(list(current[key]))
            for key in ("message", "note", "value"):
                if isinstance(current.get(key), str):
                    current[key] = text(current[key])
            stack.extend(current.values())
        elif isinstance(current, list | tuple):
            stack.extend(current)


def _arguments(words: list[str]) -> list[str]:
    masked: list[str] = []
    hide = False
    for word in words:
        masked.append(MASK if hide else text(word))
        hide = (
            word.startswith("-")
            and "=" not in word
            and bool(_SECRET_NAME.search(word))
            and not _REFERENCE.search(word.replace("-", "_"))
        )
    return masked


def _value(name: str, value: str) -> str:
    if (
        value
        and _SECRET_NAME.search(name)
        and not _REFERENCE.search(name)
        and value.lower() not in {"true", "false"}
        and not value.startswith("/")
    ):
        return MASK
    return text(value)
