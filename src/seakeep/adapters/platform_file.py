"""platform.yaml: reading it with errors that name the line, and writing one from what was found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from seakeep.adapters.errors import UsageError
from seakeep.adapters.own_files import text_of, yaml_fault
from seakeep.model.platform import Declared, Intent, Platform, Target, Waiver

API_VERSION = "seakeep/v1"
CRITICALITIES = ("critical", "high", "normal", "low")
SCORES = ("running", "health", "hardening", "survival")
MAX_REPLICAS = 100_000
_TOP = {"apiVersion", "kind", "name", "services", "targets", "waivers"}
_SERVICE = {"id", "namespace", "criticality", "workloads", "intended", "dependsOn"}
_TARGET = {"score", "value", "day"}
_WAIVER = {"target", "reason", "owner", "expires"}


class PlatformFileError(UsageError):
    """The file does not say what it should; `line` counts from 1."""

    def __init__(self, path: Path, line: int, message: str, hint: str = "") -> None:
        super().__init__(f"{path}:{line}: {message}", hint)
        self.line = line


class Reader:
    """Walks the YAML nodes themselves, because they know their lines."""

    def __init__(self, path: Path, error: type[PlatformFileError] = PlatformFileError) -> None:
        self.path, self._error = path, error

    def fail(self, node: yaml.Node, message: str, hint: str = "") -> PlatformFileError:
        return self._error(self.path, node.start_mark.line + 1, message, hint)

    def mapping(self, node: yaml.Node, allowed: set[str], what: str) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(node, f"{what} must be a mapping")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value)
            if name not in allowed:
                raise self.fail(
                    key, f"unknown field {name!r} of {what}", f"Known fields: {', '.join(sorted(allowed))}."
                )
            if name in found:
                raise self.fail(key, f"field {name!r} stands twice")
            found[name] = value
        return found

    def items(self, node: yaml.Node | None, what: str) -> list[yaml.Node]:
        if node is None or (isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")):
            return []
        if not isinstance(node, yaml.SequenceNode):
            raise self.fail(node, f"{what} must be a list")
        return list(node.value)

    def text(self, fields: Mapping[str, yaml.Node], name: str, parent: yaml.Node, *, required: bool = False) -> str:
        node = fields.get(name)
        if node is None or (isinstance(node, yaml.ScalarNode) and not node.value):
            if required:
                raise self.fail(
                    node or parent,
                    f"{name} is missing",
                    "Every waiver needs a reason, an owner and an expiry date." if name in _WAIVER else "",
                )
            return ""
        if not isinstance(node, yaml.ScalarNode):
            raise self.fail(node, f"{name} must be text")
        return str(node.value)

    def choice(
        self, fields: Mapping[str, yaml.Node], name: str, parent: yaml.Node, choices: tuple[str, ...], *, required: bool
    ) -> str:
        value = self.text(fields, name, parent, required=required)
        if value and value not in choices:
            raise self.fail(fields[name], f"{name} {value!r} is not known", f"Choose one of {', '.join(choices)}.")
        return value

    def number(self, node: yaml.Node, what: str, low: float, high: float) -> float:
        try:
            value = float(node.value)
        except (TypeError, ValueError):
            value = low - 1
        if not low <= value <= high:
            raise self.fail(node, f"{what} must be a number from {low:g} to {high:g}")
        return value

    def day(self, node: yaml.Node, what: str) -> date:
        try:
            return date.fromisoformat(str(node.value))
        except ValueError:
            raise self.fail(node, f"{what} must be a date like 2026-12-31") from None


def read_intent(path: Path) -> Intent:
    """Raises PlatformFileError, which names the file and line, for everything that is not as the schema says."""
    return parse_intent(text_of(path, "`seakeep platform init --out platform.yaml` writes one."), path)


def parse_intent(text: str, path: Path) -> Intent:
    """As `read_intent`, of a text; `path` is for its errors."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise PlatformFileError(path, *yaml_fault(error)) from error
    if root is None:
        return Intent()
    reader = Reader(path)
    top = reader.mapping(root, _TOP, "platform.yaml")
    version = reader.text(top, "apiVersion", root, required=True)
    if version != API_VERSION:
        raise reader.fail(
            top["apiVersion"], f"apiVersion {version!r} is not known", f"Write apiVersion: {API_VERSION}."
        )
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
    texts = {name: reader.text(fields, name, node, required=True) for name in ("target", "reason", "owner", "expires")}
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
