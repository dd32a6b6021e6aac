"""platform.yaml: reading it with errors that name the line, and writing one from what was found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from seakeep.adapters.own_files import API_VERSION, OwnFileError, Reader, text_of
from seakeep.model.platform import Declared, Intent, Platform, Target, Waiver

CRITICALITIES = ("critical", "high", "normal", "low")
SCORES = ("running", "health", "hardening", "survival")
MAX_REPLICAS = 100_000
_TOP = {"apiVersion", "kind", "name", "services", "targets", "waivers"}
_SERVICE = {"id", "namespace", "criticality", "workloads", "intended", "dependsOn"}
_TARGET = {"score", "value", "day"}
_WAIVER = {"target", "reason", "owner", "expires"}


class PlatformFileError(OwnFileError):
    """A platform.yaml does not say what it should."""


def read_intent(path: Path) -> Intent:
    """Raises PlatformFileError, which names the file and line, for everything that is not as the schema says."""
    return parse_intent(text_of(path, "`seakeep platform init --out platform.yaml` writes one."), path)


def parse_intent(text: str, path: Path) -> Intent:
    """As `read_intent`, of a text; `path` is for its errors."""
    reader = Reader(path, PlatformFileError)
    root = reader.root(text)
    if root is None:
        return Intent()
    top = reader.top(root, _TOP, "platform.yaml")
    if reader.text(top, "kind", root) not in {"", "Platform"}:
        raise reader.fail(top["kind"], "kind must be Platform")
    services = tuple(_service(reader, node) for node in reader.items(top.get("services"), "services"))
    names = [(item.namespace, item.id) for item in services]
    for position, node in enumerate(reader.items(top.get("services"), "services")):
        if names[position] in names[:position]:
            raise reader.fail(node, f"service {names[position][1]!r} stands twice")
    return Intent(
        name=reader.text(top, "name", root),
        services=services,
        targets=tuple(_target(reader, node) for node in reader.items(top.get("targets"), "targets")),
        waivers=tuple(_waiver(reader, node) for node in reader.items(top.get("waivers"), "waivers")),
    )


def _service(reader: Reader, node: yaml.Node) -> Declared:
    fields = reader.mapping(node, _SERVICE, "a service")
    workloads = tuple(_workload(reader, item) for item in reader.items(fields.get("workloads"), "workloads"))
    intended: dict[str, int] = {}
    if "intended" in fields:
        holder = fields["intended"]
        if not isinstance(holder, yaml.MappingNode):
            raise reader.fail(holder, "intended must map workloads to replicas", "Like Deployment/data/superset: 1")
        for key, value in holder.value:
            replicas = reader.number(value, "replicas", 0, MAX_REPLICAS)
            if not replicas.is_integer():
                raise reader.fail(value, "replicas must be a whole number")
            intended[_workload(reader, key)] = int(replicas)
    return Declared(
        id=reader.text(fields, "id", node, required=True),
        criticality=reader.choice(fields, "criticality", node, CRITICALITIES, required=False) or None,
        namespace=reader.text(fields, "namespace", node) or None,
        workloads=tuple(dict.fromkeys((*workloads, *intended))),
        intended=intended,
        depends_on=tuple(str(item.value) for item in reader.items(fields.get("dependsOn"), "dependsOn")),
    )


def _workload(reader: Reader, node: yaml.Node) -> str:
    text = str(node.value)
    if not isinstance(node, yaml.ScalarNode) or text.count("/") != 2 or not all(text.split("/")):
        raise reader.fail(
            node, f"{text[:80]!r} names no workload", "Write Kind/namespace/name, like Deployment/data/superset."
        )
    return text


def _target(reader: Reader, node: yaml.Node) -> Target:
    fields = reader.mapping(node, _TARGET, "a target")
    score = reader.choice(fields, "score", node, SCORES, required=True)
    if "value" not in fields:
        raise reader.fail(node, "value is missing")
    return Target(
        score,
        reader.number(fields["value"], "value", 0, 100),
        reader.day(fields["day"], "day") if "day" in fields else None,
    )


def _waiver(reader: Reader, node: yaml.Node) -> Waiver:
    fields = reader.mapping(node, _WAIVER, "a waiver")
    hint = "Every waiver needs a reason, an owner and an expiry date."
    names = ("target", "reason", "owner", "expires")
    texts = {name: reader.text(fields, name, node, required=True, hint=hint) for name in names}
    return Waiver(texts["target"], texts["reason"], texts["owner"], reader.day(fields["expires"], "expires"))


def write_intent(platform: Platform, name: str) -> str:
    """YAML with what was found, for a person to correct. The same platform gives the same bytes."""
    head = [
        "# What this platform is meant to run. Correct it: health is measured against this file.",
        "# criticality: critical, high, normal or low. intended: the replicas that should be ready.",
        f"apiVersion: {API_VERSION}",
        "kind: Platform",
    ]
    services: list[dict[str, Any]] = []
    ids = {item.id for item in platform.services}
    for item in platform.services:
        # Manifests without a namespace go to `default`, unless somebody applies them elsewhere.
        workloads = [f"{ref.kind}/{ref.namespace or 'default'}/{ref.name}" for ref in item.workloads]
        entry: dict[str, Any] = {
            "id": item.id.rpartition("/")[2],
            "namespace": item.namespace,
            "criticality": item.criticality,
        }
        if len(item.workloads) == 1 and item.intended is not None:
            entry["intended"] = {workloads[0]: item.intended}
        else:
            entry["workloads"] = workloads
        needs = sorted(
            {
                edge.target.rpartition("/")[2]
                for edge in platform.dependencies
                if edge.source == item.id and edge.target in ids
            }
        )
        if needs:
            entry["dependsOn"] = needs
        services.append(entry)
    body = yaml.safe_dump({"name": name, "services": services}, sort_keys=False, allow_unicode=True, width=120)
    tail = [
        "# targets:            # check fails while a score is below its target",
        "#   - {score: health, value: 95, day: 2026-12-31}",
        "# waivers:            # what is stopped or broken on purpose, by whom, until when",
        "#   - {target: data/doris, reason: replaced by Trino, owner: data-team, expires: 2026-12-31}",
    ]
    return "\n".join([*head, body.rstrip(), *tail]) + "\n"
