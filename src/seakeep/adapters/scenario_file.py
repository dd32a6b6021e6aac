"""Scenario files: reading them with errors that name the line. `docs/reference/scenario.md` describes the language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from seakeep.adapters.decode import DecodeError, from_mapping
from seakeep.adapters.errors import UsageError
from seakeep.adapters.manifests import read_manifests
from seakeep.adapters.own_files import OwnFileError, Reader, text_of
from seakeep.facts.kind_names import kind_of
from seakeep.model.objects import CLUSTER_SCOPED
from seakeep.model.refs import Ref
from seakeep.model.rehearsal import Verdict
from seakeep.model.scenario import BOUND, Expect, Scenario, Step

_TOP = {"apiVersion", "kind", "name", "steps"}
_COMMON = {"expect", "for"}
# What each verb takes besides its targets.
_DRAIN = {"node", "nodes", "force", "ignoreDaemonSets", "deleteEmptyDirData", "gracePeriod", "disableEviction"}
_VERBS: dict[str, set[str]] = {
    "drain": _DRAIN,
    "lose": {"node", "nodes", "zone", "zones"},
    "return": {"node", "nodes", "zone", "zones"},
    "cordon": {"node", "nodes"},
    "uncordon": {"node", "nodes"},
    "taint": {"node", "nodes", "key", "value", "effect"},
    "upgrade": {*_DRAIN, "reboot"},
    "apply": {"file", "files", "objects"},
    "delete": {"object", "objects"},
    "scale": {"object", "replicas"},
    "restart": {"object", "objects"},
    "evict": {"pod", "pods"},
    "patch": {"object", "patch"},
    "wait": set(),
}
_NODES = ("drain", "lose", "return", "cordon", "uncordon", "taint", "upgrade")
# Verbs whose nodes may be those of a zone, which is written as on the command line too.
_ZONED, _ZONE = ("lose", "return"), "zone/"
_EXPECT = {"service", "object", "ready", "lowest", "within", "verdict", "refused"}
# What belongs to a count: without one it would be passed over, and look as if it had been met.
_OF_COUNTS = {"service": {"ready", "lowest"}, "object": {"ready", "lowest"}, "within": {"ready"}}
_FLAGS = ("force", "ignoreDaemonSets", "deleteEmptyDirData", "disableEviction")
_TIME = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?")
_NUMBER = re.compile(r"(>=|<=|==|!=|>|<)?\s*(\d+)")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


class ScenarioFileError(OwnFileError):
    """A scenario does not say what it should."""


def read_scenario(path: Path) -> Scenario:
    """Raises ScenarioFileError, which names the file and line, for everything that is not as the schema says."""
    return parse_scenario(text_of(path, "docs/reference/scenario.md says what stands in one."), path)


def parse_scenario(text: str, path: Path) -> Scenario:
    """As `read_scenario`, of a text; `path` is for its errors."""
    reader = Reader(path, ScenarioFileError)
    root = reader.root(text)
    if root is None:
        raise ScenarioFileError(path, 1, "there are no steps")
    top = reader.top(root, _TOP, "a scenario")
    if reader.text(top, "kind", root, required=True) != "Scenario":
        raise reader.fail(top["kind"], "kind must be Scenario")
    steps = tuple(_Step(reader, node).read() for node in reader.items(top.get("steps"), "steps"))
    if not steps:
        raise reader.fail(top.get("steps", root), "there are no steps")
    return Scenario(reader.text(top, "name", root) or path.stem, steps, str(path))


class _Step:
    def __init__(self, reader: Reader, node: yaml.Node) -> None:
        self.reader, self.node = reader, node
        fields = reader.mapping(node, {*_VERBS, *_COMMON}, "a step")
        verbs = [name for name in fields if name in _VERBS]
        if len(verbs) != 1:
            raise reader.fail(node, "a step does exactly one thing", f"One of {', '.join(_VERBS)}.")
        self.fields, self.verb, self.body = fields, verbs[0], fields[verbs[0]]
        self.options: dict[str, Any] = {}
        self.inner: dict[str, yaml.Node] = {}
        if isinstance(self.body, yaml.MappingNode) and self.verb != "scale":
            self.inner = reader.mapping(self.body, _VERBS[self.verb], self.verb)

    def read(self) -> Step:
        objects: tuple[Mapping[str, Any], ...] = ()
        targets: tuple[str, ...] = ()
        bound = self._seconds(self.fields["for"]) if "for" in self.fields else BOUND
        if self.verb == "wait":
            bound = self._seconds(self.body)
        elif self.verb == "apply":
            objects = self._manifests()
        elif self.verb == "scale":
            targets = self._scale()
        elif self.verb in _NODES:
            targets = self._nodes()
        elif self.verb == "evict":
            targets = tuple(self._pod(item) for item in self._list("pod", "pods"))
        else:
            targets = tuple(_text(self._object(item)) for item in self._list("object", "objects"))
        self._flags()
        return Step(
            verb=self.verb,
            targets=targets,
            objects=objects,
            options=self.options,
            bound=bound,
            expects=self._expectations(),
            line=self.node.start_mark.line + 1,
        )

    def _list(self, one: str, many: str, *, required: bool = True) -> list[yaml.Node]:
        """`verb: x`, `verb: [x, y]`, or `one:`/`many:` inside a mapping."""
        node: yaml.Node | None = self.body
        if isinstance(self.body, yaml.MappingNode):
            if one in self.inner and many in self.inner:
                raise self.reader.fail(self.inner[many], f"{one} and {many} are the same: write one of them")
            node = self.inner.get(one) or self.inner.get(many)
        if isinstance(node, yaml.SequenceNode):
            found = list(node.value)
        elif isinstance(node, yaml.ScalarNode) and node.value and not node.tag.endswith(":null"):
            found = [node]
        else:
            found = []
        if required and not found:
            raise self.reader.fail(node or self.body, f"{self.verb} what?", f"Write `{self.verb}: NAME`.")
        for item in found:
            if not isinstance(item, yaml.ScalarNode):
                raise self.reader.fail(item, f"{one} must be text")
        return found

    def _nodes(self) -> tuple[str, ...]:
        zones = [
            str(item.value) for name in ("zone", "zones") if name in self.inner for item in _each(self.inner[name])
        ]
        if self.verb == "taint":
            self.options |= {
                "key": self.reader.text(self.inner, "key", self.body, required=True),
                "value": self.reader.text(self.inner, "value", self.body),
                "effect": self.reader.choice(self.inner, "effect", self.body, _EFFECTS, required=True),
            }
        everything = self.verb == "upgrade" and str(getattr(self.body, "value", "")) == "nodes"
        if everything:
            return ()
        found = self._list("node", "nodes", required=not zones and self.verb != "upgrade")
        names = [str(item.value) for item in found]
        if self.verb in _ZONED:
            zones += [name.removeprefix(_ZONE) for name in names if name.startswith(_ZONE)]
            names = [name for name in names if not name.startswith(_ZONE)]
        if zones and names:
            raise self.reader.fail(self.body, f"{self.verb} nodes or zones, in a step each")
        if zones:
            self.options["zones"] = tuple(zones)
        return tuple(names)

    def _manifests(self) -> tuple[Mapping[str, Any], ...]:
        inline = self.inner.get("objects")
        found: list[Mapping[str, Any]] = []
        if inline is not None:
            found += [self._inline(item) for item in self.reader.items(inline, "objects")]
        for item in self._list("file", "files", required=inline is None):
            try:
                found += read_manifests(self.reader.path.parent / str(item.value))
            except UsageError as error:
                raise self.reader.fail(item, str(error)) from error
        return tuple(found)

    def _inline(self, node: yaml.Node) -> Mapping[str, Any]:
        value = _plain(node)
        try:
            from_mapping(value if isinstance(value, Mapping) else {})
        except DecodeError as error:
            raise self.reader.fail(node, f"no Kubernetes object: {error.reason}") from error
        return dict(value)

    def _scale(self) -> tuple[str, ...]:
        """`scale: {Kind/ns/name: N}`, or `{object, replicas}` as other steps name their object."""
        pairs = self.body.value if isinstance(self.body, yaml.MappingNode) else []
        if {str(key.value) for key, _ in pairs} == _VERBS["scale"]:
            fields = self.reader.mapping(self.body, _VERBS["scale"], "scale")
            pairs = [(fields["object"], fields["replicas"])]
        if len(pairs) != 1:
            raise self.reader.fail(self.body, "scale one workload", "Like scale: {Deployment/shop/web: 3}.")
        key, value = pairs[0]
        self.options["replicas"] = int(self.reader.number(value, "replicas", 0, 100_000))
        return (_text(self._object(key)),)

    def _object(self, node: yaml.Node) -> Ref:
        text = str(node.value)
        parts = text.split("/")
        if len(parts) not in {2, 3} or not all(parts):
            raise self.reader.fail(node, f"{text[:80]!r} names no object", "Write Kind/namespace/name or Kind/name.")
        kind = kind_of(parts[0])
        namespace = parts[1] if len(parts) == 3 else "" if kind in CLUSTER_SCOPED else "default"
        return Ref(kind, namespace, parts[-1])

    def _pod(self, node: yaml.Node) -> str:
        text = str(node.value)
        if text.count("/") != 1 or not all(text.split("/")):
            raise self.reader.fail(node, f"{text[:80]!r} names no pod", "Write namespace/name.")
        return text

    def _flags(self) -> None:
        for name in _FLAGS:
            if name in self.inner:
                value = str(self.inner[name].value)
                if value not in {"true", "false"}:
                    raise self.reader.fail(self.inner[name], f"{name} must be true or false")
                self.options[name] = value == "true"
        if "gracePeriod" in self.inner:
            self.options["gracePeriod"] = int(self._seconds(self.inner["gracePeriod"]))
        if "reboot" in self.inner:
            self.options["reboot"] = self._seconds(self.inner["reboot"])
        if "patch" in self.inner:
            value = _plain(self.inner["patch"])
            if not isinstance(value, Mapping):
                raise self.reader.fail(self.inner["patch"], "patch must be a mapping (a JSON merge patch)")
            self.options["patch"] = value
        elif self.verb == "patch":
            raise self.reader.fail(self.body, "patch is missing")

    def _seconds(self, node: yaml.Node) -> float:
        text = str(node.value).strip() if isinstance(node, yaml.ScalarNode) else ""
        match = _TIME.fullmatch(text)
        if re.fullmatch(r"\d+(?:\.\d+)?", text):
            seconds = float(text)
        elif match and text:
            hours, minutes, rest = (float(part or 0) for part in match.groups())
            seconds = hours * 3600 + minutes * 60 + rest
        else:
            raise self.reader.fail(node, f"{text[:40]!r} is no time", "Write 90s, 5m or 1h30m.")
        if seconds > 7 * 86_400:
            raise self.reader.fail(node, "a step may take a week at most")
        return seconds

    # Expectations

    def _expectations(self) -> tuple[Expect, ...]:
        node = self.fields.get("expect")
        if node is None:
            return ()
        nodes = [node] if isinstance(node, yaml.MappingNode) else self.reader.items(node, "expect")
        return tuple(expect for item in nodes for expect in self._expect(item))

    def _expect(self, node: yaml.Node) -> list[Expect]:
        fields = self.reader.mapping(node, _EXPECT, "an expectation")
        line, found = node.start_mark.line + 1, []
        if "verdict" in fields:
            text = self.reader.choice(fields, "verdict", node, tuple(Verdict), required=True)
            found.append(Expect("verdict", text, source=f"verdict {text}", line=line))
        if "refused" in fields:
            text = str(fields["refused"].value)
            nothing = text in {"", "nothing", "null", "~", "false"}
            source = "nothing is refused" if nothing else f"refused: {text}"
            found.append(Expect("refused", "" if nothing else text, source=source, line=line))
        for kind in ("ready", "lowest"):
            if kind in fields:
                found.append(self._count(kind, fields, node))
        if not found:
            raise self.reader.fail(node, "nothing is expected", "Write ready, lowest, verdict or refused.")
        for name, whose in _OF_COUNTS.items():
            if name in fields and not whose & fields.keys():
                raise self.reader.fail(
                    fields[name], f"{name} says nothing here", f"It goes with {' or '.join(sorted(whose))}."
                )
        return found

    def _count(self, kind: str, fields: Mapping[str, yaml.Node], node: yaml.Node) -> Expect:
        service = self.reader.text(fields, "service", node)
        if bool(service) == ("object" in fields):
            raise self.reader.fail(node, f"{kind} of what?", "Name one service or one object (Kind/namespace/name).")
        text = self.reader.text(fields, kind, node, required=True)
        match = _NUMBER.fullmatch(text.strip())
        if match is None:
            raise self.reader.fail(fields[kind], f"{text[:40]!r} is no comparison", 'Write ">= 2" or a number.')
        within = self._seconds(fields["within"]) if "within" in fields and kind == "ready" else None
        subject = service or str(fields["object"].value)
        when = f" within {within:g} s" if within is not None else " at every moment" if kind == "lowest" else ""
        return Expect(
            kind,
            service=service,
            object=self._object(fields["object"]) if "object" in fields else None,
            compare=match[1] or "==",
            number=int(match[2]),
            within=within,
            source=f"{subject} has {match[1] or '=='} {match[2]} ready{when}",
            line=node.start_mark.line + 1,
        )


def _text(ref: Ref) -> str:
    return "/".join(part for part in ref if part)


def _each(node: yaml.Node) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else [node]


def _plain(node: yaml.Node) -> Any:
    construct: Callable[..., Any] = yaml.SafeLoader("").construct_document
    return construct(node)
