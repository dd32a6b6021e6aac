"""Files that people write for Seakeep: their text, and what is wrong with them in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import yaml

from seakeep.adapters.errors import UsageError

API_VERSION = "seakeep/v1"


class OwnFileError(UsageError):
    """The file does not say what it should; `line` counts from 1."""

    def __init__(self, path: Path, line: int, message: str, hint: str = "") -> None:
        super().__init__(f"{path}:{line}: {message}", hint)
        self.line = line


def text_of(path: Path, hint: str = "") -> str:
    """Raises UsageError; `hint` says where such a file comes from."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist", hint) from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no text", hint) from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint) from error


class OwnFault(yaml.MarkedYAMLError):
    """YAML may hold it, a file of ours may not; `problem` says what."""


def yaml_fault(error: Exception) -> tuple[int, str]:
    """What a YAML parser stumbled over: the line, from 1, and what is wrong there."""
    mark, problem = getattr(error, "problem_mark", None), str(getattr(error, "problem", None) or "")
    if isinstance(error, OwnFault):
        told = problem
    elif problem == "but found another document":
        told = "a second document begins here"
    elif "tab character" in problem or "'\\t'" in problem:
        told = "a tab, where YAML takes only spaces"
    else:
        told = f"not valid YAML{f': {problem}' if problem else ''}"
    return mark.line + 1 if mark else 1, told


class Reader:
    """Walks the YAML nodes themselves, because they know their lines."""

    def __init__(self, path: Path, error: type[OwnFileError]) -> None:
        self.path, self._error = path, error

    def root(self, text: str) -> yaml.Node | None:
        """None where nothing stands in it."""
        try:
            return yaml.compose(text, Loader=yaml.SafeLoader)
        except (yaml.YAMLError, RecursionError) as error:
            raise self._error(self.path, *yaml_fault(error)) from error

    def top(self, root: yaml.Node, allowed: set[str], what: str) -> dict[str, yaml.Node]:
        """The fields of the whole file, which says its apiVersion."""
        found = self.mapping(root, allowed, what)
        version = self.text(found, "apiVersion", root, required=True)
        if version != API_VERSION:
            message, hint = f"apiVersion {version!r} is not known", f"Write apiVersion: {API_VERSION}."
            raise self.fail(found["apiVersion"], message, hint)
        return found

    def fail(self, node: yaml.Node, message: str, hint: str = "") -> OwnFileError:
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

    def text(
        self, fields: Mapping[str, yaml.Node], name: str, parent: yaml.Node, *, required: bool = False, hint: str = ""
    ) -> str:
        node = fields.get(name)
        if node is None or (isinstance(node, yaml.ScalarNode) and not node.value):
            if required:
                raise self.fail(node or parent, f"{name} is missing", hint)
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
